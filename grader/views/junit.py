"""A class as JUnit XML, which continuous integration shows: one test case for each check of each student.

GitLab tells test cases apart by `classname` and `name` and shows the text of a failure; Jenkins takes what stands
before the last dot of `classname` for a package, here the student.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element, SubElement, tostring

from grader.models import CheckResult, ExerciseResult, Report
from grader.views import wording
from grader.wire.printable import plain

KINDS = ("tests", "failures", "errors")


def junit(reports: Iterable[Report]) -> str:
    """One test suite for each report; a check without full points is a failure, and an internal error an error."""
    counts: Counter[str] = Counter()
    suites = [tostring(_suite(report, counts), encoding="unicode") for report in reports]
    numbers = " ".join(f'{kind}="{counts[kind]}"' for kind in KINDS)
    head = ('<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="grader" {numbers}>')
    return "\n".join((*head, *suites, "</testsuites>", ""))


def _suite(report: Report, counts: Counter[str]) -> Element:
    """The checks of one report; counts: of the whole class, added to here."""
    name = plain(report.submission.id)
    suite, own = Element("testsuite", {"name": name}), Counter[str]()
    for exercise in report.exercises:
        for check in exercise.checks:
            about = {"classname": f"{name}.{exercise.exercise}", "name": plain(check.name)}
            case = SubElement(suite, "testcase", about)
            own["tests"] += 1
            if not check.has_full_points:
                fault = check.points is None
                own["errors" if fault else "failures"] += 1
                text = plain("\n".join(_lines(exercise, check)), keep="\n")
                outcome = {"type": check.verdict, "message": text.partition("\n")[0]}
                SubElement(case, "error" if fault else "failure", outcome).text = text
    counts.update(own)
    suite.attrib.update({kind: str(own[kind]) for kind in KINDS}, time=f"{report.wall_seconds:.3f}")
    return suite


def _lines(exercise: ExerciseResult, check: CheckResult) -> Iterator[str]:
    """What a student reads about a check that did not get its points; the facts first."""
    yield f"{wording.UNPAID}: {check.message}" if wording.is_unpaid(check) else check.message
    yield from (wording.finding(found) for found in exercise.findings if found.certain)
    if check.hint:
        yield f"{wording.HINT}: {check.hint}"
    if check.counterexample:
        yield f"{wording.TRY}:\n{check.counterexample.inputs}"
        yield f"{wording.EXPECTED}: {check.counterexample.expected}"
        yield f"{wording.ACTUAL}: {check.counterexample.actual}"
