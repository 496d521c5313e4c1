"""The author's proof that an exercise can be graded: right answers pass, and every known way to be wrong is caught.

mutants: an implementation under test. calculus: wrong rules in the forward pass. generic: wrong versions that need no
author. syntax: the reference with one piece of its syntax tree changed. matrix: which case catches which mutant.
proof: all of it for one exercise. course: for several, side by side.
"""

from grader.validate.course import prove_each
from grader.validate.matrix import MutantRow
from grader.validate.mutants import Mutant
from grader.validate.proof import Proof, prove, secret

__all__ = ["Mutant", "MutantRow", "Proof", "prove", "prove_each", "secret"]
