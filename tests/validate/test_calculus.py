"""Every exercise is proved against the wrong rules of its own forward pass, without a list of an author's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from grader.cases.drawing import FAMILIES
from grader.cases.suite import prepare
from grader.course import catalog
from grader.course.catalog import Catalog
from grader.validate import prove, secret
from grader.validate.calculus import calculus


def test_rules_are_mutants_of_every_exercise(course: Callable[..., Catalog]) -> None:
    """Wrong rules of matmul, ReLU and the sum are caught; equivalent ones are told apart, the convention is advice."""
    rows = [row for row in prove(course(), "small", 2).rows if row.kind == "calculus"]
    status = {row.name: row.status for row in rows}
    assert status["no-relu-mask at return torch.relu(x @ w).sum()"] == "killed"
    assert status["no-input at return torch.relu(x @ w).sum()"] == "killed"
    assert status["last-observation-only at return torch.relu(x @ w).sum()"] == "killed"
    assert status["mask-at-zero at return torch.relu(x @ w).sum()"] == "advised"
    counts = Counter(status.values())
    assert counts["killed"] > 20
    assert counts["equivalent"] > 0
    assert counts["survived"] == 0


def test_a_rule_that_survives_is_a_problem(course: Callable[..., Catalog]) -> None:
    """Cases that do not show a mistake are said to miss it: with degenerate cases alone, some rule survives."""
    weak = frozenset(FAMILIES) - {"degenerate"}
    problems = prove(course(), "small", 1, without=weak).problems
    assert any(problem.startswith("calculus ") and "survives" in problem for problem in problems), problems


def test_rules_that_change_nothing_that_is_asked_are_left_out() -> None:
    """Where only values are asked, a wrong gradient is no mutant; a result that is wrong is one."""
    suite = prepare(catalog.bundled().load("forward_pass"), secret(0))
    names = {mutant.name.split(" at ")[0] for mutant in calculus(suite)}
    assert {"relu-skipped", "tanh-instead-of-sigmoid"} <= names
    assert "no-relu-mask" not in names
