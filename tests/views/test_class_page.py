"""The class's page in a real browser, driven over Chromium's debugging pipe: no network, any size, light and dark."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.batch.similar import Group
from grader.models import (
    CheckResult,
    Counterexample,
    Environment,
    ExerciseResult,
    Note,
    Report,
    Student,
    SubmissionInfo,
)
from grader.views import class_page

BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
needs_browser = pytest.mark.skipif(
    BROWSER is None, reason="there is no chromium on this machine: the class's page is not looked at"
)
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>{{ 7 * 7 }}\x1b[31m"


class Tab:
    """One page in a headless browser; `requests` are the addresses that it asked for."""

    def __init__(self, folder: Path) -> None:
        to_browser, self._in = os.pipe()
        self._out, from_browser = os.pipe()
        command = [
            "bash",  # sh knows no descriptors beyond 9
            "-c",
            f'exec "$@" 3<&{to_browser} 4>&{from_browser}',
            "bash",
            str(BROWSER),
            *("--headless --no-sandbox --disable-gpu --disable-background-networking --hide-scrollbars").split(),
            *("--remote-debugging-pipe --no-first-run --disable-component-update").split(),
            f"--user-data-dir={folder / 'profile'}",
        ]
        self._log = (folder / "browser.log").open("wb")
        self._process = subprocess.Popen(
            command, pass_fds=[to_browser, from_browser], stdout=self._log, stderr=self._log
        )
        os.close(to_browser)
        os.close(from_browser)
        self._number, self._rest, self._session = 0, b"", ""
        self.requests: list[str] = []
        self.errors: list[str] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result; events on the way are kept."""
        self._number += 1
        number = self._number
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._in, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return dict(answer["result"])

    def open(self, page: Path) -> None:
        """Load a file and wait until its script has run."""
        self.ask("Page.navigate", url=page.as_uri())
        while self.value("document.readyState") != "complete":
            pass

    def value(self, expression: str) -> Any:
        """What an expression gives in the page."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def screen(self, size: tuple[int, int], *, dark: bool = False) -> None:
        """The size of the screen, and what the person prefers."""
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.ask("Emulation.setDeviceMetricsOverride", **metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])

    def close(self) -> None:
        """End the browser."""
        with contextlib.suppress(OSError):
            os.close(self._in)
        os.close(self._out)
        self._process.terminate()
        self._process.wait(30)
        self._log.close()

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._out, 2**20)
            assert part, "the browser has ended"
            self._rest += part
        packet, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(packet)
        if message.get("method") == "Network.requestWillBeSent":
            self.requests.append(message["params"]["request"]["url"])
        if message.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
            self.errors.append(json.dumps(message["params"])[:500])
        return message


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """One browser for the whole module."""
    opened = Tab(tmp_path_factory.mktemp("browser"))
    yield opened
    opened.close()


def _check(index: int, passes: bool, chance: random.Random) -> CheckResult:
    example = Counterexample(inputs="x = torch.tensor([2.])", expected="torch.tensor([4.])", actual="torch.tensor(4.)")
    wrong = {
        "verdict": "failed",
        "points": 0.0,
        "message": "Wrong values in 3 of 14 cases.",
        "hint": "What is the derivative of a square?",
        "misconception": chance.choice(["no-relu-mask", "missing-factor-two", "transposed"]),
        "counterexample": example,
    }
    right = {"verdict": "passed", "points": 5.0, "message": "Right in all 14 cases."}
    changed = right if passes else wrong
    return CheckResult.model_validate(
        {"name": f"dloss_dW{index}", "max_points": 5.0, "cases_passed": 0, "cases_total": 14, **changed}
    )


def _checks(report: Report) -> list[CheckResult]:
    return [check for exercise in report.exercises for check in exercise.checks]


def a_class(count: int, **first: Any) -> list[Report]:
    """A class as it could be: scores of all kinds, every hundredth unreadable, one fault of ours."""
    chance = random.Random(count)
    reports = []
    for number in range(count):
        exercises = []
        for name in ("vector_matrix_derivative", "batched_backward", "probability_gradient"):
            checks = tuple(_check(index, chance.random() < 0.6, chance) for index in range(3))
            score = sum(check.points or 0.0 for check in checks)
            exercises.append(
                ExerciseResult(exercise=name, entry_point=name, score=score, max_score=15.0, checks=checks)
            )
        status = "internal_error" if number == 3 else "unreadable" if number % 100 == 4 else "graded"
        score = None if number == 3 else sum(each.score or 0.0 for each in exercises)
        values = {
            "submission": SubmissionInfo(id=f"student {number:04}", files=("hw.py",), sha256="0" * 64),
            "status": status,
            "score": score,
            "max_score": 45.0,
            "exercises": tuple(exercises),
            "notes": (Note(kind="late", message="Canvas marks this submission as late."),) if number % 7 == 1 else (),
            "secret_id": None,
            "grading_key": "f" * 64,
            "environment": Environment(grader="1", python="3", torch="2", platform="linux", isolation=()),
            "wall_seconds": chance.random() * 4,
        }
        reports.append(Report.model_validate({**values, **(first if number == 0 else {})}))
    return reports


def write(folder: Path, reports: list[Report], groups: list[Group] | None = None) -> Path:
    page = folder / "class.html"
    page.write_text(class_page.render(reports, groups, "Homework 3"), encoding="utf-8")
    return page


@needs_browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
@pytest.mark.parametrize("count", [5, 2000])
def test_the_page_fits_the_screen_and_asks_for_nothing(
    tab: Tab, tmp_path: Path, count: int, size: tuple[int, int], dark: bool
) -> None:
    """With 5 and 2,000 students nothing is wider than the screen, no error occurs and no other address is opened."""
    groups = [Group(("student 0001", "student 0002"), 0.93)]
    page = write(tmp_path, a_class(count), groups)
    tab.requests.clear()
    tab.errors.clear()
    tab.screen(size, dark=dark)
    tab.open(page)
    assert tab.value("document.documentElement.scrollWidth") == size[0]
    assert tab.value("document.querySelectorAll('#students tbody tr').length") == min(count, 100)
    tab.value("all.hidden || all.click()")
    assert tab.value("document.querySelectorAll('#students tbody tr').length") == count
    assert tab.value("document.documentElement.scrollWidth") == size[0]
    assert tab.value("document.querySelector('.facts dd').textContent") == str(count)
    background = tab.value("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(18, 22, 29)" if dark else "rgb(246, 247, 249)")
    assert [url for url in tab.requests if not url.startswith(("file:", "data:"))] == []
    assert tab.errors == []
    tab.value("location.hash = '#student-1'")
    tab.value("new Promise(requestAnimationFrame)")
    assert tab.value("document.documentElement.scrollWidth") == size[0]


@needs_browser
def test_text_can_be_read_in_both_colour_schemes(tab: Tab, tmp_path: Path) -> None:
    """Every colour of text stands out from its background as WCAG AA asks, 4.5 to 1."""
    measure = """
    (() => {
      const style = getComputedStyle(document.documentElement);
      const light = (name) => {
        const hex = style.getPropertyValue(name).trim();
        const parts = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255);
        const [r, g, b] = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      const inks = ["--text", "--quiet", "--accent", "--good", "--bad", "--odd"];
      return Math.min(...inks.flatMap((ink) => ["--page", "--card"].map((on) => ratio(light(ink), light(on)))));
    })()
    """
    page = write(tmp_path, a_class(5))
    for dark in (False, True):
        tab.screen(SIZES["desktop"], dark=dark)
        tab.open(page)
        assert tab.value(measure) >= 4.5


@needs_browser
def test_the_table_can_be_searched_and_sorted_and_leads_to_a_student(tab: Tab, tmp_path: Path) -> None:
    """Words narrow the rows, a header sorts and then turns round, and a link shows the student's page."""
    page = write(tmp_path, a_class(40), [Group(("student 0001", "student 0002"), 1.0)])
    tab.screen(SIZES["desktop"])
    tab.open(page)
    visible = "document.querySelectorAll('#students tbody tr').length"
    tab.value("search.value = 'student 0012'; search.dispatchEvent(new Event('input'))")
    assert tab.value(visible) == 1
    assert tab.value("shown.textContent") == "1 of 40"
    tab.value("search.value = ''; search.dispatchEvent(new Event('input'))")
    scores = "[...document.querySelectorAll('#students tbody tr')].map((row) => row.cells[1].textContent)"
    click = "document.querySelectorAll('#students th button')[1].click()"
    tab.value(click)
    rising = [float(score) if score != "–" else -1.0 for score in tab.value(scores)]
    assert rising == sorted(rising)
    tab.value(click)
    assert tab.value(scores)[0] == max(tab.value(scores), key=lambda s: float(s) if s != "–" else -1.0)
    tab.value("document.querySelector('a[href=\"#student-7\"]').click()")
    tab.value("new Promise(requestAnimationFrame)")
    assert tab.value("document.querySelector('#student h1').textContent") == "student 0007"
    assert tab.value("document.getElementById('class').hidden") is True
    assert "dloss_dW0" in tab.value("document.getElementById('student').textContent")
    tab.value("location.hash = '#find-student%200002'")
    tab.value("new Promise(requestAnimationFrame)")
    assert tab.value("document.querySelector('#student h1').textContent") == "student 0002"
    tab.value("document.querySelector('#student a').click()")
    tab.value("new Promise(requestAnimationFrame)")
    assert tab.value("document.getElementById('class').hidden") is False


@needs_browser
def test_from_a_misconception_to_who_holds_it_and_on(tab: Tab, tmp_path: Path) -> None:
    """ "Who?" lists those students and nobody else; their pages follow one another in the list's order."""
    reports = a_class(40)
    holders = [r.submission.id for r in reports if any(c.misconception == "transposed" for c in _checks(r))]
    page = write(tmp_path, reports)
    tab.screen(SIZES["phone"])
    tab.open(page)
    tab.value("document.querySelector('a[href=\"#who-transposed\"]').click()")
    tab.value("new Promise(requestAnimationFrame)")
    names = "[...document.querySelectorAll('#students tbody a')].map((link) => link.textContent)"
    assert tab.value(names) == holders
    assert tab.value("shown.textContent") == f"{len(holders)} of 40"
    tab.value("document.querySelector('#students tbody a').click()")
    for name in holders[:3]:
        tab.value("new Promise(requestAnimationFrame)")
        assert tab.value("document.querySelector('#student h1').textContent") == name
        tab.value("[...document.querySelectorAll('#student nav a')].at(-1).click()")


@needs_browser
def test_nothing_that_a_student_wrote_becomes_markup(tab: Tab, tmp_path: Path) -> None:
    """Names, messages, notes and examples that try to be scripts are shown as text, in the table and on the page."""
    hostile = CheckResult(
        name=HOSTILE,
        points=0.0,
        max_points=5.0,
        verdict="failed",
        cases_passed=0,
        cases_total=1,
        message=HOSTILE,
        hint=HOSTILE,
        misconception=HOSTILE,
        counterexample=Counterexample(inputs=HOSTILE, expected=HOSTILE, actual=HOSTILE),
    )
    exercise = ExerciseResult(exercise=HOSTILE, entry_point="f", score=0.0, max_score=5.0, checks=(hostile,))
    who = SubmissionInfo(id=HOSTILE, files=(HOSTILE,), sha256="0" * 64, students=(Student(id="1", name=HOSTILE),))
    notes = (Note(kind="late", message=HOSTILE),)
    reports = a_class(5, submission=who, exercises=(exercise,), notes=notes)
    page = write(tmp_path, reports, [Group((HOSTILE, "student 0001"), 1.0)])
    tab.screen(SIZES["desktop"])
    tab.errors.clear()
    tab.open(page)
    tab.value("location.hash = '#student-0'")
    tab.value("new Promise(requestAnimationFrame)")
    shown = tab.value("document.querySelector('#student h1').textContent")
    assert shown.startswith("</script><script>document.title='owned'</script>")
    assert tab.value("document.title") != "owned"
    assert tab.value("document.images.length") == 0
    assert tab.value("document.querySelectorAll('script').length") == 2
    assert tab.errors == []
    assert "\x1b" not in page.read_text(encoding="utf-8")


def test_the_class_as_a_whole() -> None:
    """Mean, distribution, pass rates and misconceptions are those of the reports; a fault of ours counts nowhere."""
    reports = a_class(200)
    found = class_page.summary(reports)
    scores = [report.score for report in reports if report.score is not None]
    assert found.mean == pytest.approx(sum(scores) / len(scores))
    assert sum(bar.count for bar in found.bars) == len(scores)
    assert [topic.exercise for topic in found.topics] == [each.exercise for each in reports[0].exercises]
    rate = found.topics[1].rates[0]
    assert (rate.exercise, rate.check) == ("batched_backward", "dloss_dW0")
    passed = [r for r in reports for e in r.exercises[1:2] for c in e.checks[:1] if c.verdict == "passed"]
    assert (rate.passed, rate.wrong, rate.open) == (len(passed), 200 - len(passed), 0)
    assert found.topics[1].percent == pytest.approx(sum(rate.percent for rate in found.topics[1].rates) / 3)
    assert {line.status for line in found.failed} == {"unreadable", "internal_error"}
    holders = {
        slug: sum(any(check.misconception == slug for check in _checks(report)) for report in reports)
        for slug in ("no-relu-mask", "missing-factor-two", "transposed")
    }
    assert {each.slug: each.students for each in found.misconceptions} == holders
    assert all(each.example is not None and each.hint for each in found.misconceptions)


def test_the_misconception_map_names_nobody() -> None:
    """The example beside a misconception is shown without the id of the student who made it."""
    reports = a_class(20)
    html = class_page.render(reports, [], "Homework 3")
    start, end = html.index("<h2>Misconceptions</h2>"), html.index("<h2>Not graded</h2>")
    assert "torch.tensor([4.])" in html[start:end]
    assert "student 00" not in html[start:end]


def test_an_empty_map_and_missing_submissions_are_said() -> None:
    """Where nothing is to be seen, a sentence says so and what to do."""
    reports = [report for report in a_class(1) if report]
    passed = _check(0, True, random.Random(0))
    exercise = reports[0].exercises[0].model_copy(update={"checks": (passed,)})
    html = class_page.render([reports[0].model_copy(update={"exercises": (exercise,)})], None, "One")
    assert "No check failed in a way that has a name." in html
    assert "Name them with <code>--submissions</code> to look for copies." in html
    assert "Every submission was graded." in html
