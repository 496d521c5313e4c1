"""Reading the source that is graded for what the walls refuse, so that a student is told on any machine."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from grader.wire.outcome import LoadNote
from grader.worker import preload
from grader.worker.loader.program import Statement
from grader.worker.loader.refusals import NO_INPUT, NO_NETWORK, NO_PROCESSES, NO_THREADS, NO_WRITING, NOT_HANDED_IN
from grader.worker.loader.text import quote

CALLS = {
    NO_THREADS: "threading.Thread threading.Timer Thread ThreadPoolExecutor ThreadPool start_new_thread",
    NO_PROCESSES: "subprocess.run subprocess.Popen subprocess.call subprocess.check_call subprocess.check_output Popen "
    "os.system os.popen os.fork os.execv multiprocessing.Process multiprocessing.Pool ProcessPoolExecutor "
    "asyncio.run run_until_complete socket.socket socket.create_connection mp.Process mp.Pool",
    NO_NETWORK: "urlopen urlretrieve requests.get requests.post wget.download download_url load_state_dict_from_url",
    NO_WRITING: "write_text write_bytes np.save np.savez np.savetxt numpy.save torch.save savefig to_csv to_pickle "
    "os.makedirs os.mkdir os.remove os.unlink os.rename os.replace shutil.copy shutil.move shutil.rmtree "
    "NamedTemporaryFile TemporaryFile TemporaryDirectory mkdtemp mkstemp FileHandler",
    NO_INPUT: "input",
}
REFUSED = {name: sentence for sentence, names in CALLS.items() for name in names.split()}
LIBRARIES = frozenset({name.partition(".")[0] for name in preload.MODULES} | {"grader", "IPython", "google"})
MAX_EACH = 2
"""Places that are named of one kind."""


def refused(statements: Iterable[Statement], neighbours: frozenset[str], files: Iterable[str]) -> Iterator[LoadNote]:
    """What in the statements will not work behind the walls, or uses a library that may be missing there.

    neighbours: names of modules that were handed in; files: names of all files. Costs nothing: a line may stand where
    no call comes to.
    """
    told: dict[str, int] = {}
    handed_in = frozenset(PurePosixPath(name).name for name in files)
    for statement in statements:
        for part in statement.parts:
            sentence = _sentence(part, neighbours) or _not_handed_in(part, handed_in)
            if sentence and told.setdefault(sentence, 0) < MAX_EACH:
                told[sentence] += 1
                lines, line = statement.cell.text.split("\n"), getattr(part, "lineno", statement.line)
                code = quote(lines[line - 1]) if line <= len(lines) else statement.quoted
                yield LoadNote("refused", f"{statement.cell.place}, line {line}, {code}: {sentence}.")


def _sentence(part: ast.AST, neighbours: frozenset[str]) -> str:
    if isinstance(part, (ast.Import, ast.ImportFrom)):
        name = part.module or "" if isinstance(part, ast.ImportFrom) else part.names[0].name
        return _library(name.partition(".")[0], neighbours)
    if not isinstance(part, ast.Call):
        return ""
    if _opens_for_writing(part):
        return NO_WRITING
    if isinstance(part.func, ast.Name):
        return REFUSED.get(part.func.id, "")
    if isinstance(part.func, ast.Attribute):
        owner = part.func.value.id if isinstance(part.func.value, ast.Name) else ""
        dotted = f"{owner}.{part.func.attr}"
        return REFUSED.get(dotted) or (REFUSED.get(part.func.attr, "") if part.func.attr != "input" else "")
    return ""


def _not_handed_in(part: ast.AST, handed_in: frozenset[str]) -> str:
    """Why `open("name")` finds nothing; of `open` alone, as other ways to read may mean something else."""
    if not (isinstance(part, ast.Call) and getattr(part.func, "id", "") == "open" and part.args):
        return ""
    name = part.args[0].value if isinstance(part.args[0], ast.Constant) else None
    if not isinstance(name, str) or name == os.devnull:
        return ""
    return "" if PurePosixPath(name.replace("\\", "/")).name in handed_in else NOT_HANDED_IN


def _library(name: str, neighbours: frozenset[str]) -> str:
    if not name or name in LIBRARIES or name in sys.stdlib_module_names or name in neighbours:
        return ""
    if name not in sys.modules:  # where it is missing, that is said of the import itself
        return ""
    return f"the library {name!r} is not one that every grader has; it may be missing where your work is graded"


def _opens_for_writing(call: ast.Call) -> bool:
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if called != "open":
        return False
    is_method = isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") not in ("io", "codecs")
    positional = call.args[0 if is_method else 1 :]
    modes = [keyword.value for keyword in call.keywords if keyword.arg == "mode"] or positional[:1]
    return any(isinstance(m, ast.Constant) and isinstance(m.value, str) and {*m.value} & {*"wax+"} for m in modes)
