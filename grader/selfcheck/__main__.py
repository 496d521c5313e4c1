"""Starts the child of `grader check`, or says why it cannot start: without a working torch nothing can be checked."""

from __future__ import annotations

import json
import os
import sys

from grader.views import wording


def main() -> None:
    """Run `child`; where torch cannot be imported, the one event is a sentence."""
    try:
        import torch  # noqa: F401
    except Exception as error:  # a broken installation may raise anything
        missing = isinstance(error, ModuleNotFoundError) and error.name == "torch"
        sentence = wording.NO_TORCH if missing else wording.broken_torch(type(error).__name__, str(error))
        event = {"event": "done", "text": f"grader: {sentence}\n", "report": "", "exit_status": "2"}
        sys.stdout.write(json.dumps(event) + "\n")
        return
    from grader.selfcheck import child

    child.main()


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # student threads or exit hooks may not keep the check waiting
