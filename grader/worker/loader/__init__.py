"""The loader: the files of a submission as bytes -> the objects that are graded, inside the confined worker.

How it works: real notebooks hold magics, plots, training loops and broken cells beside the few functions that
are asked for. So nothing is run as a whole: every file is taken apart into top-level statements (`sources`, `magics`,
`program`), the statements that an entry point reaches by name are found (`names`, `slicing`), together with
those that change what it uses (`changes`, `aliases`, `inside`, `effects`), and only they run, one by one, so that one
that raises or takes too long costs only what needs it (`running`, `stopping`, `absent`). `neighbours` lets the files
import each other, `loading` chooses between them, `explaining` writes the sentences, `describing` turns an exception
into plain text, `naming` says what files are about without running them.
"""

from grader.worker.loader.describing import describe
from grader.worker.loader.loading import by_preference, load
from grader.worker.loader.naming import defined
from grader.worker.loader.neighbours import current_runs, forget_students

__all__ = ["by_preference", "current_runs", "defined", "describe", "forget_students", "load"]
