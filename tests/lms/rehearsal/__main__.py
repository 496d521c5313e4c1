"""`make rehearse`: the exports as the platforms would run them, without Docker.

The zip is exported, unpacked into a root file system without the checkout, and set up there by its own setup.sh; then
right, wrong, unfinished, looping, memory-hungry, hostile and unreadable submissions are graded under half a core and
768 MB. What cannot be done on this machine is listed with its reason; a step that is neither done nor listed fails.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cgroup
import root as roots

from grader.lms import gradescope, prairielearn  # the models, to read results with on this side of the wall

CHECKOUT = Path(__file__).resolve().parents[3]
CORES, MEMORY_BYTES = 0.5, 768 * 2**20
PL_CORES, PL_MEMORY_BYTES = 0.9, 2 * 2**30
MAX_RATIO, MAX_BYTES = 1.5, 600 * 2**20
ROUNDS = 5
CAUGHT = "does it write to open files or sockets?"
STEPS = (
    "root file system, export, setup.sh, import torch, gradescope right, gradescope wrong, gradescope unfinished, "
    "gradescope looping, gradescope hungry, gradescope hostile, gradescope unreadable, gradescope slow platform, time, "
    "memory, prairielearn right, prairielearn wrong, prairielearn hostile, prairielearn unreadable, "
    "prairielearn slow platform, processor limit, memory limit, dropped capabilities, Docker's seccomp filter, "
    "setup.sh's apt-get, a network that is closed, the platforms' own harnesses"
).split(", ")


@dataclass
class Rehearsal:
    """What was done, what was skipped and why, and what went wrong."""

    root: roots.Root
    done: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def check(self, step: str, claim: bool, what: str) -> None:
        """A step that was done; a claim that does not hold is a failure."""
        if step not in self.done:
            self.done.append(step)
        if not claim:
            self.wrong.append(f"{step}: {what}")
            print(f"  WRONG {step}: {what}")

    def skip(self, step: str, reason: str) -> None:
        """A step that this machine refuses, or that only the platform itself can do."""
        self.skipped[step] = reason


@dataclass(frozen=True)
class Ran:
    """One run in the root."""

    status: int
    output: str
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    charged_bytes: int


def main() -> int:
    """Rehearse; the exit status is 0 only when every step was done or listed, and nothing was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build/rehearsal"))
    folder: Path = parser.parse_args().build.absolute()
    if os.geteuid() != 0:
        print("The rehearsal mounts, drops capabilities and makes control groups: run it as root. Nothing was done.")
        return 1
    rehearsal = Rehearsal(roots.build(folder))
    rehearsal.check("root file system", True, "")
    print(f"in {rehearsal.root.kind}")
    exported(rehearsal, folder)
    limits(rehearsal)
    if set_up(rehearsal, folder):
        rehearse_gradescope(rehearsal, folder)
        rehearse_prairielearn(rehearsal, folder)
    return verdict(rehearsal)


def verdict(rehearsal: Rehearsal) -> int:
    """Say what was skipped, forgotten and wrong."""
    print("\nskipped:")
    for step, reason in rehearsal.skipped.items():
        print(f"  {step}: {reason}")
    forgotten = [step for step in STEPS if step not in rehearsal.done and step not in rehearsal.skipped]
    for step in forgotten:
        print(f"neither done nor skipped: {step}")
    for each in rehearsal.wrong:
        print(f"wrong: {each}")
    print(f"{len(rehearsal.done)} steps done, {len(rehearsal.skipped)} skipped, {len(rehearsal.wrong)} wrong")
    return 1 if forgotten or rehearsal.wrong else 0


# Before the platform ----------------------------------------------------------------------------------------------


def exported(rehearsal: Rehearsal, folder: Path) -> None:
    """Both exports, by the command line, into the build folder."""
    out = folder / "exports"
    shutil.rmtree(out, ignore_errors=True)
    (folder / "gradescope.log").unlink(missing_ok=True)
    secret = ("--secret-file", str(folder / "secret"))
    calls = {
        "autograder.zip": ("gradescope", "--timeout", "600"),
        "slow.zip": ("gradescope", "--timeout", "60"),
        "question": ("prairielearn", "--exercise", "batched_backward", "--timeout", "60"),
    }
    for name, arguments in calls.items():
        command = [sys.executable, "-m", "grader", "export", *arguments, *secret, "--out", str(out / name)]
        finished = subprocess.run(command, capture_output=True, text=True, check=False, cwd=CHECKOUT)
        rehearsal.check("export", finished.returncode == 0, finished.stderr)
    names = zipfile.ZipFile(out / "autograder.zip").namelist()
    rehearsal.check(
        "export", not any("solution.py" in name or "reference" in name for name in names), "a reference left"
    )


def limits(rehearsal: Rehearsal) -> None:
    """Whether this machine lets us limit anything."""
    try:
        with cgroup.group(CORES, MEMORY_BYTES) as group:
            for step in ("processor limit", "memory limit"):
                rehearsal.check(step, True, "")
            print(f"processor and memory limited by {group.kind}")
    except OSError as error:
        print(f"this machine makes no control group ({error}), and nothing here imitates one")
        sys.exit(1)
    rehearsal.skip("Docker's seccomp filter", "Docker's own filter of system calls is not put on; ours is")
    rehearsal.skip("the platforms' own harnesses", "what copies files in and results out is not public")
    rehearsal.skip("setup.sh's apt-get", "Python is in the root already, so setup.sh does not ask for it")


def set_up(rehearsal: Rehearsal, folder: Path) -> bool:
    """Unpack the zip as /autograder/source and run its setup.sh, as the platform does when it builds the image."""
    autograder = rehearsal.root.path / "autograder"
    shutil.rmtree(autograder, ignore_errors=True)
    unpack(folder / "exports" / "autograder.zip", autograder / "source")
    shutil.copy2(autograder / "source" / "run_autograder", autograder / "run_autograder")
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", **roots.pip_settings()}
    finished = run(rehearsal, ["/autograder/source/setup.sh"], "/autograder", env=env, limited=False, network=True)
    rehearsal.check("setup.sh", finished.status == 0, finished.output[-3000:])
    print(f"setup.sh took {finished.seconds:.0f} s: {finished.output.strip().splitlines()[-1:]}")
    capabilities = run(rehearsal, ["grep", "CapEff", "/proc/self/status"], "/").output
    rehearsal.check("dropped capabilities", "00000000a80425fb" in capabilities, capabilities)
    return finished.status == 0


def import_torch(rehearsal: Rehearsal) -> Ran:
    """`python -c "import torch"` under the platform's limits."""
    ran = run(rehearsal, ["/opt/grader/bin/python", "-c", "import torch"], "/autograder")
    rehearsal.check("import torch", ran.status == 0, ran.output)
    return ran


# Gradescope -------------------------------------------------------------------------------------------------------


def rehearse_gradescope(rehearsal: Rehearsal, folder: Path) -> None:
    """Every kind of submission to the full course."""
    peaks: list[int] = []
    for name in ("right", "wrong", "unfinished", "looping", "hungry", "hostile", "unreadable"):
        ran, results = gradescope_run(rehearsal, name)
        peaks.append(ran.peak_bytes)
        check_gradescope(rehearsal, name, ran, results)
    compare_times(rehearsal)
    print(f"peak of the process tree, all runs: {max(peaks) / 2**20:.0f} MiB")
    rehearsal.check("memory", 0 < max(peaks) <= MAX_BYTES, f"{max(peaks) / 2**20:.0f} MiB")
    unpack(folder / "exports" / "slow.zip", rehearsal.root.path / "autograder" / "source")
    source = rehearsal.root.path / "autograder" / "source"
    shutil.copy2(source / "run_autograder", source.parent / "run_autograder")
    draw = ["/opt/grader/bin/grader", "container", "draw", "/autograder/source/grading"]
    run(rehearsal, draw, "/autograder", limited=False)
    ran, results = gradescope_run(rehearsal, "right", cores=0.02)
    check_gradescope(rehearsal, "slow platform", ran, results)


def compare_times(rehearsal: Rehearsal) -> None:
    """The full course against importing torch, in turns, so that a machine that is slow for a while is so for both."""
    pairs = [(gradescope_run(rehearsal, "right")[0], import_torch(rehearsal)) for _ in range(ROUNDS)]
    ours, theirs = zip(*pairs, strict=True)
    for what, unit in (("seconds", "s by the clock"), ("cpu_seconds", "s of processor time")):
        us, them = (statistics.median(getattr(ran, what) for ran in side) for side in (ours, theirs))
        print(f"full course {us:.2f}, import torch {them:.2f} {unit}: {us / them:.2f}x")
    ratio = statistics.median(ran.seconds for ran in ours) / statistics.median(ran.seconds for ran in theirs)
    rehearsal.check("time", ratio <= MAX_RATIO, f"{ratio:.2f} times as long as importing torch")


def gradescope_run(rehearsal: Rehearsal, name: str, cores: float = CORES) -> tuple[Ran, gradescope.Results]:
    """One submission laid out and graded as the platform would."""
    autograder = rehearsal.root.path / "autograder"
    for part in ("submission", "results"):
        shutil.rmtree(autograder / part, ignore_errors=True)
        (autograder / part).mkdir()
    for file, content in submission(name):
        (autograder / "submission" / file).write_bytes(content)
    metadata = {
        "id": 123456,
        "created_at": "2025-01-01T00:00:00.0-08:00",
        "users": [{"email": "a@b", "id": 1, "name": "A"}],
    }
    (autograder / "submission_metadata.json").write_text(json.dumps(metadata))
    ran = run(rehearsal, ["/autograder/run_autograder"], "/autograder", cores=cores)
    print(f"gradescope {name}: {shown(ran)}")
    return ran, gradescope.Results.model_validate_json((autograder / "results" / "results.json").read_bytes())


def check_gradescope(rehearsal: Rehearsal, name: str, ran: Ran, results: gradescope.Results) -> None:
    """What results.json must say of each kind of submission."""
    step = f"gradescope {name}"
    most = sum(test.max_score or 0 for test in results.tests)
    words = "\n".join([results.output, *(test.output for test in results.tests)])
    lost = most - (results.score or 0)
    wanted = {
        "right": results.score == most and ran.status == 0,
        "wrong": 0 < lost < 10 and "hint: ReLU lets the gradient through" in words,
        "unfinished": results.score == 0 and ("not implemented" in words or "not done" in words),
        "looping": lost == 10 and ("ran longer than" in words or "took longer than" in words),
        "hungry": 0 < lost <= 10 and "of memory" in words,
        "hostile": lost == 20 and CAUGHT in words and "raised" not in words,
        "unreadable": results.score == 0 and "hand in" in words,
        "slow platform": results.score is None and ran.status in (3, 124) and "not your fault" in words,
    }
    rehearsal.check(step, wanted[name], f"status {ran.status}, score {results.score}: {words[:1500]}\n{ran.output}")


# PrairieLearn -----------------------------------------------------------------------------------------------------


def rehearse_prairielearn(rehearsal: Rehearsal, folder: Path) -> None:
    """One question, without a network."""
    for name in ("right", "wrong", "hostile", "unreadable"):
        ran, results = prairielearn_run(rehearsal, folder, name)
        words = results.text()
        wanted = {
            "right": results.score == 1,
            "wrong": results.score is not None and 0 < results.score < 1 and "hint: ReLU lets" in words,
            "hostile": results.score == 0 and CAUGHT in words and "raised" not in words,
            "unreadable": results.gradable is False and results.score is None,
        }
        rehearsal.check(f"prairielearn {name}", wanted[name] and ran.status == 0, f"{ran} {words[:1500]}")
    ran, results = prairielearn_run(rehearsal, folder, "right", cores=0.01)
    late = not results.gradable and ran.status == 0 and "not your fault" in results.text()
    rehearsal.check("prairielearn slow platform", late, f"{ran} {results.text()[:1500]}")
    closed = run(rehearsal, ["cat", "/proc/net/route"], "/", network=False).output.strip().splitlines()
    rehearsal.check("a network that is closed", len(closed) <= 1, str(closed))


def prairielearn_run(
    rehearsal: Rehearsal, folder: Path, name: str, cores: float = PL_CORES
) -> tuple[Ran, prairielearn.Results]:
    """One submission laid out and graded as the platform would: modes as git keeps them, no results folder."""
    grade = rehearsal.root.path / "grade"
    shutil.rmtree(grade, ignore_errors=True)
    shutil.copytree(folder / "exports" / "question" / "tests", grade / "tests")
    for path in grade.rglob("*"):
        path.chmod(0o755 if path.is_dir() or path.suffix == ".sh" else 0o644)
    for part in ("student", "data", "serverFilesCourse"):
        (grade / part).mkdir()
    for file, content in submission(name):
        if file.startswith(("batched_backward.", "notes")):
            (grade / "student" / file).write_bytes(content)
    (grade / "data" / "data.json").write_text(json.dumps({"variant_seed": 4711, "params": {}, "submitted_answers": {}}))
    ran = run(rehearsal, ["/grade/tests/grade.sh"], "/", cores=cores, memory_bytes=PL_MEMORY_BYTES, network=False)
    print(f"prairielearn {name}: {shown(ran)}")
    content = (grade / "results" / "results.json").read_bytes()
    rehearsal.check(f"prairielearn {name}", len(content) < 10**6, f"{len(content)} bytes")
    return ran, prairielearn.Results.model_validate_json(content)


# Both -------------------------------------------------------------------------------------------------------------


def submission(name: str) -> Iterator[tuple[str, bytes]]:
    """The files of one kind of submission."""
    if name == "unreadable":
        yield "notes.txt", b"I ran out of time"
        return
    for folder in sorted((CHECKOUT / "solutions").iterdir()):
        if (folder / "solution.py").is_file():
            stub = CHECKOUT / "exercises" / folder.name / "stub.py"
            path = stub if name == "unfinished" else folder / "solution.py"
            if folder.name == "batched_backward" and name in ("looping", "hungry", "hostile"):
                path = Path(__file__).parent / "submissions" / f"{name}.py"
            if folder.name == "batched_backward" and name == "wrong":
                path = folder / "wrong" / "no_mask.py"
            yield f"{folder.name}.py", path.read_bytes()


def unpack(archive: Path, into: Path) -> None:
    """As `unzip` does, modes included."""
    shutil.rmtree(into, ignore_errors=True)
    with zipfile.ZipFile(archive) as packed:
        for member in packed.infolist():
            path = Path(packed.extract(member, into))
            path.chmod(member.external_attr >> 16 & 0o777)


def run(
    rehearsal: Rehearsal,
    arguments: list[str],
    cwd: str,
    *,
    env: dict[str, str] | None = None,
    cores: float = CORES,
    memory_bytes: int = MEMORY_BYTES,
    limited: bool = True,
    network: bool = True,
) -> Ran:
    """Run something in the root, under the platform's limits unless it is part of building the image."""
    env = env or {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
    command = rehearsal.root.command(arguments, env, cwd, network=network)
    with cgroup.group(cores if limited else 2.0, memory_bytes if limited else 8 * 2**30) as group:
        started, cpu = time.monotonic(), _children_seconds()
        with cgroup.Sampler(group) as sampler:
            finished = subprocess.run(
                command, capture_output=True, text=True, check=False, preexec_fn=group.enter, stdin=subprocess.DEVNULL
            )
        seconds = time.monotonic() - started
        output = finished.stdout + finished.stderr
        cpu = _children_seconds() - cpu
        return Ran(finished.returncode, output, seconds, cpu, sampler.peak_bytes, group.peak_bytes())


def _children_seconds() -> float:
    """Processor time of everything that was run and waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def shown(ran: Ran) -> str:
    """One line about a run."""
    memory = f"{ran.peak_bytes / 2**20:.0f} MiB PSS, {ran.charged_bytes / 2**20:.0f} MiB charged with its page cache"
    return f"{ran.seconds:.1f} s, {memory}, exit status {ran.status}"


if __name__ == "__main__":
    sys.exit(main())
