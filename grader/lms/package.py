"""What an instructor uploads: Gradescope's zip and PrairieLearn's question folder, from one assignment.

The misconceptions travel, closed to students; the reference solutions stay where they are.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from grader import storage
from grader.course.catalog import Catalog
from grader.errors import ExerciseError, OutputError
from grader.exercise import Exercise
from grader.lms import gradescope, prairielearn, settings, wheel, wording
from grader.lms.settings import Settings
from grader.submissions.submission import SUFFIXES
from grader.views import statement

FILES = Path(__file__).parent / "files"
RUN_SECONDS = 8.0
"""How long before the platform's deadline the harness is ended, should its internal deadline have failed."""

PRIVATE, PLAIN, PROGRAM = 0o600, 0o644, 0o755
AnswerField = Literal["editor", "upload"]


@dataclass(frozen=True)
class File:
    """Content and mode of one file of a package."""

    content: bytes
    mode: int = PLAIN


Files = Mapping[str, File]


def gradescope_zip(catalog: Catalog, chosen: Settings, secret: bytes) -> bytes:
    """autograder.zip; raises GraderError."""
    files = {
        "setup.sh": _program("setup.sh", chosen),
        "run_autograder": _program("run_autograder", chosen),
        "requirements.txt": File(f"-c constraints.txt\ntorch=={torch.__version__.partition('+')[0]}\n".encode()),
        "constraints.txt": File("".join(f"{name}<={most}\n" for name, most in wheel.bounds().items()).encode()),
        wheel.name(): File(wheel.build()),
        "not_finished.json": File(gradescope.not_finished().text().encode()),
        **_grading(catalog, chosen, secret),
    }
    return _zipped(files)


def prairielearn_folder(
    catalog: Catalog, chosen: Settings, secret: bytes, out: Path, *, image: str, answer: AnswerField
) -> tuple[Path, ...]:
    """Write a question folder and return its files; one that is there keeps its uuid. Raises GraderError."""
    exercises = tuple(exercise for exercise, _ in chosen.assignment.chosen(catalog, chosen.exercises))
    files = {
        "info.json": File(_json(_info(exercises, chosen, image, _uuid(out)))),
        "question.html": File(_question(catalog, exercises, answer).encode()),
        "tests/grade.sh": _program("grade.sh", chosen),
        "tests/not_finished.json": File(prairielearn.not_gradable(wording.NOT_FINISHED).text().encode()),
        **{f"tests/{name}": file for name, file in _grading(catalog, chosen, secret).items()},
    }
    if answer == "editor":
        files |= {f"{exercise.slug}.py": File(_stub(catalog, exercise.slug)) for exercise in exercises}
    return tuple(_write(out, files))


def _grading(catalog: Catalog, chosen: Settings, secret: bytes) -> dict[str, File]:
    """Secret, settings, misconceptions of what is graded, and every exercise, because all together give the order."""
    folder = settings.FOLDER
    files = {
        f"{folder}/{settings.SECRET}": File(secret + b"\n", PRIVATE),
        f"{folder}/{settings.SETTINGS}": File((chosen.model_dump_json(indent=2) + "\n").encode(), PRIVATE),
    }
    for slug in catalog.slugs():
        for path in catalog.files(slug):
            kind = settings.EXERCISES if path.name == "exercise.py" else settings.SOLUTIONS
            if kind == settings.EXERCISES or slug in chosen.exercises:
                files[f"{folder}/{kind}/{slug}/{path.name}"] = File(path.read_bytes(), PRIVATE)
    return files


def _program(name: str, chosen: Settings) -> File:
    """A shell script of ours with its one number filled in."""
    text = (FILES / name).read_text(encoding="utf-8")
    seconds = f"{chosen.platform_seconds - RUN_SECONDS:.0f}"
    return File(text.replace("@SECONDS@", seconds).encode(), PROGRAM)


def _zipped(files: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in files.items():
            member = zipfile.ZipInfo(name, wheel.STAMP)
            member.create_system = 3  # Unix, so that the modes count
            member.external_attr = (0o100000 | file.mode) << 16
            archive.writestr(member, file.content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _write(out: Path, files: Files) -> Iterator[Path]:
    """Put files into a folder; what an earlier export left in `tests/grading` goes."""
    try:
        if (out / "tests" / settings.FOLDER / settings.SETTINGS).is_file():
            shutil.rmtree(out / "tests" / settings.FOLDER)
        for name, file in files.items():
            path = out / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.touch(file.mode)
            path.write_bytes(file.content)
            path.chmod(file.mode)
            yield path
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror}); name another --out") from error


def _info(exercises: tuple[Exercise, ...], chosen: Settings, image: str, identity: str) -> dict[str, object]:
    title = exercises[0].title if len(exercises) == 1 else chosen.assignment.title or "Gradients by hand"
    return {
        "uuid": identity,
        "title": title,
        "topic": "Backpropagation",
        "tags": [exercise.slug for exercise in exercises],
        "type": "v3",
        "gradingMethod": "External",
        "externalGradingOptions": {
            "enabled": True,
            "image": image,
            "entrypoint": "/grade/tests/grade.sh",
            "timeout": int(chosen.platform_seconds),
            "enableNetworking": False,
        },
    }


def _uuid(out: Path) -> str:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return str(uuid.UUID(json.loads((out / "info.json").read_text(encoding="utf-8"))["uuid"]))
    return str(uuid.uuid4())


def _question(catalog: Catalog, exercises: tuple[Exercise, ...], answer: AnswerField) -> str:
    """The statements, each with its place for an answer, then the results."""
    parts = ["<pl-question-panel>"]
    for exercise in exercises:
        html = statement.html(statement.read(catalog, exercise.slug), catalog.folder(exercise.slug))
        parts.append(html.replace("{{", "&#123;&#123;").replace("}}", "&#125;&#125;"))  # no Mustache of ours
        if answer == "editor":
            name = f"{exercise.slug}.py"
            parts.append(
                f'<pl-file-editor file-name="{name}" ace-mode="ace/mode/python" source-file-name="{name}">'
                "</pl-file-editor>"
            )
    if answer == "upload":
        # By `file-names` every exercise's file would be demanded at once, under exactly that name.
        patterns = ", ".join(f"*{suffix}" for suffix in SUFFIXES)
        parts.append(f'<pl-file-upload optional-file-patterns="{patterns}"></pl-file-upload>')
    parts += [
        "</pl-question-panel>",
        "<pl-submission-panel>",
        "<pl-external-grader-results></pl-external-grader-results>",
    ]
    return "\n".join([*parts, "<pl-file-preview></pl-file-preview>", "</pl-submission-panel>"]) + "\n"


def _stub(catalog: Catalog, slug: str) -> bytes:
    path = catalog.folder(slug) / "stub.py"
    if not path.is_file():
        raise ExerciseError(f"{path}: is missing; run `grader release {slug}`, or export with --answer upload")
    return path.read_bytes()


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


def write_zip(path: Path, content: bytes) -> None:
    """Write the zip as a whole, closed to others because the secret is in it; raises OutputError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}{storage.TEMPORARY}")
        temporary.unlink(missing_ok=True)
        temporary.touch(PRIVATE)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}); name another --out") from error
