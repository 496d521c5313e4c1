"""The floor of a warm check: for each line, fork a process that has torch imported and run the cases in the child.

Usage: fork_on_line.py CALLS FILE   prints a line when it is ready and after each child
"""

import os
import sys
from pathlib import Path

import torch

if __name__ == "__main__":
    torch.set_num_threads(1)
    calls = torch.load(sys.argv[1])
    torch.ones(2, 2) @ torch.ones(2, 2)  # the first operation is slow
    print("ready", flush=True)
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            scope: dict[str, object] = {}
            exec(compile(Path(sys.argv[2]).read_text(), "submission", "exec"), scope)  # noqa: S102  # it is what a grader does
            for entry_point, inputs in calls:
                scope[entry_point](*inputs)  # type: ignore[operator]
            os._exit(0)
        os.waitpid(child, 0)
        print("done", flush=True)
