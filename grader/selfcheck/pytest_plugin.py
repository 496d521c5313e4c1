"""`pytest --grader FILE`: each check of a submission as a test, with the message that `grader check` prints.

Installed with the package and silent unless asked: without the option nothing is imported and nothing is collected.
The submission runs in a process of its own, so its prints, loops and crashes do not reach pytest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from grader.selfcheck.parent import ChildAnswer

OPTION = "--grader"


class NotPassed(Exception):
    """A check that did not pass; its text is what the student reads."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    group = parser.getgroup("grader", "hand-written gradients")
    group.addoption(OPTION, metavar="FILE", type=Path, help="check a submission on public cases, each check as a test")
    group.addoption(
        "--grader-exercise", metavar="SLUG", action="append", default=[], help="only this exercise (repeatable)"
    )


def pytest_configure(config: pytest.Config) -> None:
    """The submission is what is tested, unless other paths are named too."""
    file: Path | None = config.getoption(OPTION)
    if file is None:
        return
    if not file.exists():
        raise pytest.UsageError(f"{OPTION} {file}: there is no such file or folder; check the spelling")
    named = config.args_source is pytest.Config.ArgsSource.ARGS
    config.args = [*(config.args if named else []), str(file)]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A notebook, or any other file that is the submission; .py files come by the next hook."""
    return _submission(file_path, parent) if file_path.suffix != ".py" else None


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Instead of importing the submission as a module of tests."""
    return _submission(module_path, parent)


def _submission(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    wanted: Path | None = parent.config.getoption(OPTION)
    if wanted is None or path.resolve() != wanted.resolve():
        return None
    collector: pytest.Collector = SubmissionFile.from_parent(parent, path=path)
    return collector


class SubmissionFile(pytest.File):
    """A submission; collecting it checks it, once."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item per check."""
        from grader.selfcheck.parent import Request, Stopwatch

        slugs = tuple(self.config.getoption("--grader-exercise"))
        with Stopwatch(Request((self.path,), slugs)) as stopwatch:
            answer = stopwatch.check()
        if answer is None or not answer.report:
            raise self.CollectError(_problem(answer))
        printed = answer.printed  # with the first check only: it cannot be told apart
        for exercise in json.loads(answer.report)["exercises"]:
            for check in exercise["checks"]:
                name = f"{exercise['exercise']}: {check['name']}"
                findings = [each for each in exercise["findings"] if each["certain"]]
                yield CheckItem.from_parent(self, name=name, check=check, findings=findings, printed=printed)
                printed = ""


class CheckItem(pytest.Item):
    """One check, already carried out."""

    def __init__(self, *, check: dict[str, Any], findings: list[dict[str, Any]], printed: str, **more: Any) -> None:
        super().__init__(**more)
        self.check, self.findings, self.printed = check, findings, printed

    def runtest(self) -> None:
        """Pass, or say what is wrong."""
        from grader.models import CheckResult, Finding
        from grader.views import terminal, wording

        if self.printed:
            self.add_report_section("call", "stdout", self.printed)
        check = CheckResult.model_validate(self.check)
        if not check.has_full_points:
            findings = [wording.finding(Finding.model_validate(each)) for each in self.findings]
            raise NotPassed("\n".join([terminal.check_text(check), *findings]))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The student's message alone: a traceback would only show us."""
        if isinstance(excinfo.value, NotPassed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """The heading of a failure."""
        return self.path, None, self.name


def _problem(answer: ChildAnswer | None) -> str:
    from grader.views import wording

    return wording.ENDED if answer is None else answer.text.strip()
