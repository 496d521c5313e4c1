"""Wrong rules of calculus, applied at one operation of an author's forward pass: what students get wrong.

Nothing here holds an answer. One table for each family of operations lists the rules (elementwise, linear, ...),
`engine` puts them in place of operations, `mistakes` combines them for one exercise.
"""

from grader.rules.engine import Step, Use, staged, steps, uses
from grader.rules.mistakes import RuleMistake, affected, evaluate, has_loop, is_used, mistakes, operations, terms

__all__ = [
    "RuleMistake",
    "Step",
    "Use",
    "affected",
    "evaluate",
    "has_loop",
    "is_used",
    "mistakes",
    "operations",
    "staged",
    "steps",
    "terms",
    "uses",
]
