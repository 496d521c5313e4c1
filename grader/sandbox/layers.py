"""Which isolation layers hidden grading needs."""

from __future__ import annotations

import os

from grader.worker import confine

REQUIRED = frozenset(confine.LAYERS)
"""What hidden grading needs; uid_pool counts only where the grader runs as root."""


def needed(required: frozenset[str]) -> frozenset[str]:
    """The required layers that make sense for this user: only root has users to give away."""
    return required if os.geteuid() == 0 else required - {confine.UID_POOL}
