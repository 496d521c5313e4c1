"""The class's page in a real browser, driven over Chromium's debugging pipe: no network, any size, light and dark."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.batch.code import Cell
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
from grader.views.class_page.pages import display_names

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

    def go(self, place: str) -> None:
        """Follow an address within the page and wait until everything of it is drawn."""
        self.follow(f"location.hash = {json.dumps(place)}")

    def follow(self, expression: str) -> None:
        """Do what leads to another address within the page and wait until everything of it is drawn."""
        self.value(expression)
        while self.value("document.body.dataset.shown !== location.hash"):
            pass

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
        "misconception": chance.choice(["no-relu-mask", "missing-factor-two", "transposed", "transposed+no-relu-mask"]),
        "counterexample": example,
    }
    if chance.random() < 0.2:
        kind = chance.choice(["NameError", "IndexError"])
        message = f"`batched_backward` raised {kind} at hw.py, line 2: `x`."
        wrong.update(verdict="errored", message=message, misconception=None, counterexample=None)
    right = {"verdict": "passed", "points": 5.0, "message": "Right in all 14 cases."}
    changed = right if passes else wrong
    return CheckResult.model_validate(
        {"name": f"dloss_dW{index}", "max_points": 5.0, "cases_passed": 0, "cases_total": 14, **changed}
    )


def _checks(report: Report) -> list[CheckResult]:
    return [check for exercise in report.exercises for check in exercise.checks]


def a_class(count: int, **first: Any) -> list[Report]:
    """A class as it could be: scores of all kinds, every hundredth unreadable, one internal error."""
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


def write(
    folder: Path,
    reports: list[Report],
    groups: list[Group] | None = None,
    code: dict[str, list[Cell]] | None = None,
) -> Path:
    page = folder / "class.html"
    page.write_text(class_page.render(reports, groups, "Homework 3", code), encoding="utf-8")
    return page


@needs_browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
@pytest.mark.parametrize("count", [5, 2000])
def test_the_page_fits_the_screen_and_asks_for_nothing(
    tab: Tab, tmp_path: Path, count: int, size: tuple[int, int], dark: bool
) -> None:
    """With 5 and 2,000 students nothing is wider than the screen, no error occurs and no other address is opened."""
    groups = [Group(("student 0001", "student 0002"), 0.93, "", (CODE, CODE))]
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
    assert tab.value("document.querySelector('.tile b').textContent") == str(count)
    background = tab.value("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(18, 22, 29)" if dark else "rgb(246, 247, 249)")
    assert [url for url in tab.requests if not url.startswith(("file:", "data:"))] == []
    assert tab.errors == []
    for place in ("#student-1", "#alike-0"):
        tab.go(place)
        assert tab.value("document.documentElement.scrollWidth") == size[0]


@needs_browser
def test_points_are_never_cut_off(tab: Tab, tmp_path: Path) -> None:
    """With eighteen exercises "10.5" is not shown as "10.", on a screen of any width and on paper."""
    reports = []
    for base in a_class(40):
        exercises = tuple(
            base.exercises[0].model_copy(update={"exercise": f"exercise_number_{number}", "score": 10.5})
            for number in range(18)
        )
        reports.append(base.model_copy(update={"exercises": exercises}))
    page = write(tmp_path, reports)
    cut = (
        "[...document.querySelectorAll('td .cell')].filter((cell) => "
        "cell.scrollWidth > cell.clientWidth || cell.scrollHeight > cell.clientHeight).length"
    )
    for width in (390, 600, 900, 1000, 1280):
        tab.screen((width, 900))
        tab.open(page)
        assert tab.value(cut) == 0, width
        assert tab.value("document.documentElement.scrollWidth") == width
    tab.screen((700, 900))
    tab.ask("Emulation.setEmulatedMedia", media="print")
    cut_on_paper = tab.value(cut)
    tab.ask("Emulation.setEmulatedMedia", media="")
    assert cut_on_paper == 0


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
      const states = ["--full", "--partial", "--zero", "--undone", "--unknown"];
      return Math.min(...inks.flatMap((ink) => ["--page", "--card"].map((on) => ratio(light(ink), light(on)))),
        ...states.map((on) => ratio(light("--ink"), light(on))), ratio(light("--text"), light("--mark")));
    })()
    """
    page = write(tmp_path, a_class(5))
    for dark in (False, True):
        tab.screen(SIZES["desktop"], dark=dark)
        tab.open(page)
        assert tab.value(measure) >= 4.5


FIND = "search.value = {}; search.dispatchEvent(new Event('input')); shown.textContent"
NAMES = "[...document.querySelectorAll('#students tbody .who a')].map((link) => link.textContent)"


@needs_browser
def test_every_number_leads_to_that_many_students(tab: Tab, tmp_path: Path) -> None:
    """Tiles, bars, states, checks, mistakes and reasons to look: each link finds as many students as it says."""
    reports = a_class(220)
    groups = [
        Group(("student 0001", "student 0002"), 0.93),
        Group(("student 0005", "student 0007", "student 0009"), 1.0),
    ]
    tab.screen(SIZES["desktop"])
    tab.open(write(tmp_path, reports, groups))
    links = tab.value(
        "[...document.querySelectorAll('#class a[href^=\"#find=\"]:not(.chip)')].map((link) => [decodeURIComponent("
        "link.hash.slice(6)), (link.querySelector('b, .count') ?? link).textContent])"
    )
    assert len(links) > 60
    wrong = []
    for query, number in links:
        answer = tab.value(FIND.format(json.dumps(query))) or "220 of 220"
        if answer != f"{number} of 220":
            wrong.append((query, number, answer))
    assert wrong == []
    reasons = {query for query, _ in links if query.startswith("is:")}
    assert {"is:technical", "is:name_error", "is:errored", "is:late", "is:near", "is:help", "is:alike"} <= reasons


def _mean(reports: list[Report], slug: str) -> float:
    shares = [
        100 * e.score / e.max_score for r in reports for e in r.exercises if e.exercise == slug and e.score is not None
    ]
    return sum(shares) / len(shares)


@needs_browser
def test_filters_combine(tab: Tab, tmp_path: Path) -> None:
    """All words must hold together; each kind of word finds whom the reports say."""
    reports = a_class(80)

    def named(fits: Callable[[Report], bool]) -> list[str]:
        return [report.submission.id for report in reports if fits(report)]

    def backward(report: Report, *verdicts: str) -> bool:
        return any(c.verdict in verdicts for e in report.exercises[1:2] for c in e.checks)

    def low(report: Report) -> bool:
        return report.score is not None and report.score < 20

    queries = {
        "batched_backward:errored score<20": named(lambda r: backward(r, "errored") and low(r)),
        "batched:errored": named(lambda r: backward(r, "errored")),
        "score>=50% is:late": named(lambda r: r.score is not None and r.score >= 22.5 and bool(r.notes)),
        "score=45": named(lambda r: r.score == 45.0),
        'batched_backward/"dloss_dW0":failed': named(lambda r: r.exercises[1].checks[0].verdict == "failed"),
        "transposed": named(lambda r: any("transposed" in (c.misconception or "") for c in _checks(r))),
        "is:ungraded": [],
        "NameError": named(lambda r: any("NameError" in c.message for c in _checks(r))),
        "canvas marks": named(lambda r: bool(r.notes)),
        "0012": ["student 0012"],
        "no_such_exercise:failed": [],
    }
    tab.screen(SIZES["desktop"])
    tab.open(write(tmp_path, reports))
    for query, expected in queries.items():
        assert tab.value(FIND.format(json.dumps(query))) == f"{len(expected)} of 80", query
        assert tab.value(NAMES) == expected, query
    assert len(queries["batched_backward:errored score<20"]) > 0


@needs_browser
def test_the_table_sorts_and_leads_to_a_student(tab: Tab, tmp_path: Path) -> None:
    """A header sorts and then turns round, total and exercises alike; a name leads to the student's page and back."""
    reports = a_class(40)
    tab.screen(SIZES["desktop"])
    tab.open(write(tmp_path, reports))
    column = "[...document.querySelectorAll('#students tbody tr')].map((row) => row.cells[1].textContent)"
    click = "document.querySelector('#students th button[title=\"sort by {}\"]').click()"
    tab.value(click.format("total"))
    rising = [float(score) if score != "–" else -1.0 for score in tab.value(column)]
    assert rising == sorted(rising)
    tab.value(click.format("total"))
    assert tab.value(column)[0] == f"{max(r.score for r in reports if r.score is not None):g}"
    tab.value(click.format("batched_backward"))
    tab.value(click.format("batched_backward"))
    first = tab.value("document.querySelector('#students tbody .cells').children[1].className")
    assert first == "cell full"
    tab.follow("document.querySelector('a[href=\"#student-7\"]').click()")
    assert tab.value("document.querySelector('#student h1').textContent") == "student 0007"
    assert tab.value("document.getElementById('class').hidden") is True
    assert "dloss_dW0" in tab.value("document.getElementById('student').textContent")
    tab.follow("document.querySelector('#student a').click()")
    assert tab.value("document.getElementById('class').hidden") is False


@needs_browser
def test_from_a_mistake_to_who_makes_it_and_on(tab: Tab, tmp_path: Path) -> None:
    """A mistake's number lists those students and nobody else; their pages follow one another in the list's order."""
    reports = a_class(40)
    holders = [
        report.submission.id
        for report in reports
        if any("transposed" in (check.misconception or "") for check in report.exercises[1].checks)
    ]
    tab.screen(SIZES["phone"])
    tab.open(write(tmp_path, reports))
    tab.follow("document.querySelector('#mistakes a[href=\"#find=batched_backward%3Atransposed\"]').click()")
    assert tab.value(NAMES) == holders
    assert tab.value("shown.textContent") == f"{len(holders)} of 40"
    tab.follow("document.querySelector('#students tbody a').click()")
    for name in holders[:3]:
        assert tab.value("document.querySelector('#student h1').textContent") == name
        tab.follow("[...document.querySelectorAll('#student nav a')].at(-1).click()")


CODE = "def batched_backward(X):\n    h = X.T @ X + y\n    return h\n"


@needs_browser
def test_a_students_page_shows_the_code_and_marks_the_cited_line(tab: Tab, tmp_path: Path) -> None:
    """The line that a message or finding names is marked, in a file and in a notebook's cell, and no other."""
    message = "`batched_backward` raised NameError at hw.py, line 2: `h = X.T @ X + y`."
    errored = _check(0, False, random.Random(0)).model_copy(update={"verdict": "errored", "message": message})
    reports = a_class(5)
    exercise = reports[0].exercises[0].model_copy(update={"checks": (errored,)})
    info = SubmissionInfo(id="ana", files=("extra.ipynb", "hw.py"), sha256="0" * 64)
    note = Note(kind="failed_statement", message="extra.ipynb, cell 2, line 1: `import y` fails; it was left out.")
    reports[0] = reports[0].model_copy(update={"submission": info, "exercises": (exercise,), "notes": (note,)})
    cells = [Cell("extra.ipynb", 1, "x = 1"), Cell("extra.ipynb", 2, "import y\n</script>"), Cell("hw.py", 0, CODE)]
    tab.screen(SIZES["desktop"])
    tab.open(write(tmp_path, reports, code={"ana": cells}))
    tab.go("#student-0")
    marked = tab.value("[...document.querySelectorAll('#student .marked')].map((line) => line.textContent)")
    assert marked == ["import y\n", "    h = X.T @ X + y\n"]
    titles = tab.value(
        "[...document.querySelectorAll('#student section:last-child h3')].map((title) => title.textContent)"
    )
    assert titles == ["extra.ipynb, cell 1", "extra.ipynb, cell 2", "hw.py"]
    assert "</script>" in tab.value("document.getElementById('student').textContent")


@needs_browser
def test_look_alikes_stand_side_by_side(tab: Tab, tmp_path: Path) -> None:
    """A group leads to its answers beside each other; lines that both have, whatever their names, are marked."""
    other = "def batched_backward(A):\n    z = A.T @ A + q\n    z = z * 2 - A.sum() / 7\n    return z\n"
    groups = [Group(("student 0001", "student 0002"), 0.93, "batched_backward", (CODE, other))]
    tab.screen(SIZES["desktop"])
    tab.open(write(tmp_path, a_class(5), groups))
    tab.follow("document.querySelector('#alike a').click()")
    tops = tab.value("[...document.querySelectorAll('.sides > div')].map((side) => side.getBoundingClientRect().top)")
    assert len(tops) == 2
    assert tops[0] == tops[1]
    marked = tab.value("[...document.querySelectorAll('.sides .marked')].map((line) => line.textContent.trim())")
    assert marked == ["h = X.T @ X + y", "z = A.T @ A + q"]
    assert tab.value("document.querySelector('#student h1').textContent") == (
        "2 submissions, at least 93 % alike in batched_backward"
    )


@needs_browser
def test_printing_shows_all_rows(tab: Tab, tmp_path: Path) -> None:
    """On paper nobody can ask for more, so every student is there."""
    tab.screen(SIZES["desktop"])
    tab.open(write(tmp_path, a_class(250)))
    assert len(tab.value(NAMES)) == 100
    tab.ask("Page.printToPDF")
    assert len(tab.value(NAMES)) == 250


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
    groups = [Group((HOSTILE, "student 0001"), 1.0, "", (HOSTILE, HOSTILE))]
    page = write(tmp_path, reports, groups, {HOSTILE: [Cell(HOSTILE, 0, HOSTILE)]})
    tab.screen(SIZES["desktop"])
    tab.errors.clear()
    tab.open(page)
    tab.go("#alike-0")
    assert tab.value("document.images.length") == 0
    tab.go("#student-0")
    shown = tab.value("document.querySelector('#student h1').textContent")
    assert shown.startswith("</script><script>document.title='owned'</script>")
    assert tab.value("document.title") != "owned"
    assert tab.value("document.images.length") == 0
    assert tab.value("document.querySelectorAll('script').length") == 3
    assert tab.errors == []
    assert "\x1b" not in page.read_text(encoding="utf-8")


def test_the_class_as_a_whole() -> None:
    """Mean, distribution, states and mistakes are those of the reports; an internal error is nobody's wrong answer."""
    reports = a_class(200)
    found = class_page.summary(reports, ["student 0001"])
    scores = [report.score for report in reports if report.score is not None]
    tiles = {tile.label: tile for tile in found.tiles}
    assert tiles["mean"].value == f"{sum(scores) / len(scores):.1f}"
    assert tiles["full marks"].value == str(scores.count(45.0))
    assert tiles["below 40 %"].value == str(sum(score < 18 for score in scores))
    assert tiles["look-alike"].value == "1"
    assert sum(bar.count for bar in found.bars) == len(scores)
    means = [topic.mean for topic in found.topics if topic.mean is not None]
    assert means == sorted(means)
    topic = next(topic for topic in found.topics if topic.exercise == "batched_backward")
    assert topic.mean == pytest.approx(_mean(reports, "batched_backward"))
    assert sum(dict(topic.states).values()) == 200
    passed = [r for r in reports for e in r.exercises[1:2] for c in e.checks[:1] if c.verdict == "passed"]
    assert dict(topic.rates[0].verdicts)["passed"] == len(passed)
    assert sum(count for _, count in topic.rates[0].verdicts) == 200


def test_discrimination_tells_whether_an_exercise_goes_with_the_others() -> None:
    """1 where its points rise with those of the others, -1 where they fall, nothing where they are all the same."""
    reports = []
    for number, points in enumerate([(0.0, 0.0, 2.0, 2.0), (2.0, 2.0, 1.0, 2.0), (4.0, 4.0, 0.0, 2.0)]):
        exercises = tuple(
            ExerciseResult(exercise=name, entry_point=name, score=score, max_score=4.0, checks=())
            for name, score in zip(("a", "b", "c", "d"), points, strict=True)
        )
        base = a_class(3)[number]
        reports.append(base.model_copy(update={"exercises": exercises, "score": sum(points), "max_score": 16.0}))
    found = {topic.exercise: topic.discrimination for topic in class_page.summary(reports, None).topics}
    assert found["a"] == pytest.approx(1.0)
    assert found["c"] == pytest.approx(-1.0)
    assert found["d"] is None


def test_a_student_who_mixes_two_mistakes_counts_for_both() -> None:
    """Counts are per exercise; hint and example are rather of a student who makes the one mistake alone."""
    chance = random.Random(0)
    both = _check(0, False, random.Random(1)).model_copy(
        update={"misconception": "transposed+no-relu-mask", "hint": "Two things at once."}
    )
    alone = both.model_copy(update={"misconception": "transposed", "hint": "One thing.", "message": "Alone."})
    reports = []
    for check, report in zip((both, alone, _check(0, True, chance)), a_class(3), strict=True):
        exercise = report.exercises[0].model_copy(update={"checks": (check,)})
        reports.append(report.model_copy(update={"exercises": (exercise,)}))
    (topic,) = class_page.summary(reports, None).topics
    assert [(each.slug, each.students, each.hint) for each in topic.mistakes] == [
        ("transposed", 2, "One thing."),
        ("no-relu-mask", 1, "Two things at once."),
    ]


def test_the_mistakes_name_nobody() -> None:
    """The example beside a mistake is shown without the id of the student who made it."""
    html = class_page.render(a_class(20), [], "Homework 3")
    start, end = html.index("<h2>Mistakes</h2>"), html.index("<h2>To look at</h2>")
    assert "torch.tensor([4.])" in html[start:end]
    assert "student 00" not in html[start:end]


def test_namesakes_can_be_told_apart() -> None:
    """Behind a name that several have stands their number; a name that one has stays as the platform writes it."""
    people = [("a", "1", "Kim, Lee"), ("b", "2", "Kim, Lee"), ("c", "3", "Roe, Cy"), ("d", "", "")]
    reports = [
        report.model_copy(
            update={
                "submission": SubmissionInfo(
                    id=label, files=(), sha256="", students=(Student(id=number, name=name),) if name else ()
                )
            }
        )
        for report, (label, number, name) in zip(a_class(4), people, strict=True)
    ]
    assert display_names(reports) == {"a": "Kim, Lee (1)", "b": "Kim, Lee (2)", "c": "Roe, Cy", "d": "d"}


def test_what_is_not_there_is_said() -> None:
    """Where nothing is to be seen, a sentence says so and what to do; remarks about the batch stand at the top."""
    reports = [report for report in a_class(1) if report]
    passed = CheckResult(
        name="a", points=5.0, max_points=5.0, verdict="passed", cases_passed=1, cases_total=1, message="Right."
    )
    exercise = reports[0].exercises[0].model_copy(update={"checks": (passed,)})
    calm = reports[0].model_copy(update={"exercises": (exercise,), "score": 45.0})
    html = class_page.render([calm], None, "One", remarks=["Set aside: 1 report <b>."])
    assert "No check failed in a way that has a name." in html
    assert "Name them with <code>--submissions</code> to look for copies." in html
    assert "Nothing: no errors, nobody who needs help, and no copies." in html
    assert "Set aside: 1 report &lt;b&gt;." in html
    assert "No two submissions are nearly identical." in class_page.render([calm], [], "One")
