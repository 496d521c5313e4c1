"""The grader as a wheel, made from the package that runs, whether it was installed or lies in a checkout.

No build tool is needed: a wheel is an archive with a few lines of metadata, and the files are here already.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import grader
from grader.errors import OutputError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = "gradient-grader"
LEFT_OUT = frozenset({"__pycache__", "exercises"})
"""Of the package's own folders; the chosen exercises travel beside the wheel."""
STAMP = (1980, 1, 1, 0, 0, 0)
"""The same package gives the same bytes."""


@dataclass(frozen=True)
class About:
    """What pip wants to know."""

    version: str
    python: str
    requires: tuple[str, ...]


def name() -> str:
    """The wheel's file name."""
    return f"{_stem()}-py3-none-any.whl"


def build() -> bytes:
    """The wheel; raises OutputError when the package's requirements are not to be found."""
    info = f"{_stem()}.dist-info"
    files = dict(_package())
    files[f"{info}/METADATA"] = _metadata(about()).encode()
    files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: gradient-grader\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    files[f"{info}/entry_points.txt"] = b"[console_scripts]\ngrader = grader.cli:main\n"
    record = [f"{path},{_digest(content)},{len(content)}" for path, content in files.items()]
    files[f"{info}/RECORD"] = ("\n".join([*record, f"{info}/RECORD,,"]) + "\n").encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            member = zipfile.ZipInfo(path, STAMP)
            member.external_attr = 0o100644 << 16
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def about() -> About:
    """From pyproject.toml in a checkout, which an older installation may not know; else from the installation."""
    project = Path(grader.__file__).parents[1] / "pyproject.toml"
    if project.is_file():
        found = tomllib.loads(project.read_text(encoding="utf-8")).get("project", {})
        if found.get("name") == PROJECT:
            return About(grader.__version__, found["requires-python"], tuple(found["dependencies"]))
    try:
        installed = metadata.distribution(PROJECT)
    except metadata.PackageNotFoundError as error:
        raise OutputError(
            f"the grader's own requirements are not to be found: install {PROJECT}, or run it from a checkout"
        ) from error
    requires = tuple(each for each in installed.requires or () if "extra ==" not in each)
    return About(grader.__version__, installed.metadata["Requires-Python"], requires)


def bounds() -> dict[str, str]:
    """Every package that the grader needs, also through others, with the version that is here and known to do."""
    found: dict[str, str] = {}
    wanted = list(about().requires)
    while wanted:
        name = re.split(r"[^\w.-]", wanted.pop(), maxsplit=1)[0].lower().replace("_", "-")
        with contextlib.suppress(metadata.PackageNotFoundError):  # of another platform or Python
            if name not in found:
                found[name] = metadata.version(name).partition("+")[0]
                wanted += [each for each in metadata.requires(name) or () if "extra ==" not in each]
    return dict(sorted(found.items()))


def _stem() -> str:
    return f"{PROJECT.replace('-', '_')}-{grader.__version__}"


def _package() -> Iterator[tuple[str, bytes]]:
    root = Path(grader.__file__).parent
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_file() and not LEFT_OUT & set(parts) and path.suffix != ".pyc":
            yield "/".join((root.name, *parts)), path.read_bytes()


def _metadata(found: About) -> str:
    lines = ["Metadata-Version: 2.1", f"Name: {PROJECT}", f"Version: {found.version}"]
    lines += [f"Requires-Python: {found.python}", *(f"Requires-Dist: {each}" for each in found.requires)]
    return "\n".join(lines) + "\n"


def _digest(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
