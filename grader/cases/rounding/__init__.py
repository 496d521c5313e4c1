"""How far correct float32 arithmetic may be from the float64 oracle, for any forward pass built of known operations.

The oracle is run again a few times while a dispatch mode disturbs the result of every elementary
operation (forward and backward alike) by a random amount as large as the error that float32 may make
there. What these runs differ by, times a safety factor, is the tolerance of each element. Sums, differences
and products are disturbed in proportion to the sum of absolute values, so cancellation is accounted for
whatever the order of summation. `docs/decisions/0003-tolerance.md` has the measurements.

operations: what each torch operation may be off by, and which operations are refused.
kinks: where a derivative or a decision jumps.
modes: watching, recording and disturbing an evaluation.
choices: repeating it with other choices of subgradient at kinks.
"""

from grader.cases.rounding.choices import FULL, Choice
from grader.cases.rounding.kinks import Observed
from grader.cases.rounding.modes import Disturbed, Diverged, Trace, noises
from grader.cases.rounding.operations import UNIT

RUNS = 8
"""How often the evaluation is disturbed: the largest of eight normal numbers is hardly ever small."""

SAFETY = 8.0
"""By how much the tolerance exceeds what the disturbed runs differ by."""

__all__ = ["FULL", "RUNS", "SAFETY", "UNIT", "Choice", "Disturbed", "Diverged", "Observed", "Trace", "noises"]
