"""A class as JUnit XML: one test case per check and student, whatever stands in a student's texts."""

from __future__ import annotations

import os
from xml.etree.ElementTree import Element, fromstring

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.models import Counterexample, Finding, SubmissionInfo
from grader.views.junit import junit
from tests.views.conftest import check_result, report_of

PASSED = check_result(
    name="dloss_dwout", points=4.0, max_points=4.0, verdict="passed", message="Right.", hint=None, counterexample=None
)


def numbers(element: Element) -> tuple[str | None, ...]:
    return tuple(element.get(kind) for kind in ("tests", "failures", "errors"))


def test_a_failed_check_has_its_message_and_a_passed_one_nothing() -> None:
    """The words of `grader check`: facts first, then the hint and the public example."""
    assert junit([report_of(PASSED, check_result())]) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="grader" tests="2" failures="1" errors="0">\n'
        '<testsuite name="ana" tests="2" failures="1" errors="0" time="0.100">'
        '<testcase classname="ana.batched_backward" name="dloss_dwout" />'
        '<testcase classname="ana.batched_backward" name="dloss_dW">'
        '<failure type="failed" message="dloss_dW has the right shape, but wrong values in all 14 cases.">'
        "dloss_dW has the right shape, but wrong values in all 14 cases.\n"
        "hint: What is the derivative of a square?\n"
        "try it:\n"
        "X = torch.tensor([[1., 2.]])\n"
        "dloss_dW = batched_backward(X)\n"
        "expected: torch.tensor([[1., 2.], [3., 4.]])\n"
        "yours: torch.tensor([[1., 2.5], [3., 4.]])"
        "</failure></testcase></testsuite>\n"
        "</testsuites>\n"
    )


def test_an_internal_error_is_an_error_and_no_failure() -> None:
    """What the grader could not do is told apart from what a student did wrong; all counts add up."""
    fault = check_result(points=None, verdict="internal_error", message="The grader could not finish this check.")
    root = fromstring(junit([report_of(fault, PASSED), report_of(check_result())]))
    assert numbers(root) == ("3", "1", "1")
    assert [numbers(suite) for suite in root] == [("2", "0", "1"), ("1", "1", "0")]
    error = root.find(".//error")
    assert error is not None
    assert error.get("message") == "The grader could not finish this check."


def test_a_right_answer_without_points_is_a_failure_that_says_why() -> None:
    """A finding that costs the points is what one reads first after the verdict."""
    unpaid = PASSED.model_copy(update={"points": 0.0})
    report = report_of(unpaid)
    found = Finding(kind="autograd", certain=True, evidence="line 3: .backward()", message="Autograd made it.")
    marked = report.exercises[0].model_copy(update={"findings": (found,)})
    failure = fromstring(junit([report.model_copy(update={"exercises": (marked,)})])).find(".//failure")
    assert failure is not None
    assert failure.text == "right, but without points: Right.\nAutograd made it. Seen: line 3: .backward()."


@settings(deadline=None, max_examples=60)
@given(st.text() | st.binary().map(os.fsdecode))
def test_any_text_of_a_student_is_valid_xml(text: str) -> None:
    """Control characters, lone surrogates, markup: the file is read back, with the same test cases and counts."""
    example = Counterexample(inputs=text, expected="]]>", actual=text)
    check = check_result(message=text, hint=text, counterexample=example)
    report = report_of(check, PASSED, submission=SubmissionInfo(id=text, files=(), sha256="0" * 64))
    root = fromstring(junit([report]).encode())
    assert numbers(root) == ("2", "1", "0")
    name = root[0].get("name")
    assert [case.get("classname") for case in root[0]] == [f"{name}.batched_backward"] * 2
