"""A proof as plain data, for JSON."""

from __future__ import annotations

from typing import Any

from grader.validate.proof import Proof


def record(proof: Proof) -> dict[str, Any]:
    """The kill matrix, survivors with their source, equivalent mutants with the reason, and each family's share."""
    return {
        "exercise": proof.slug,
        "proved": not proof.problems,
        "problems": list(proof.problems),
        "secrets": proof.secrets,
        "cases": proof.cases,
        "largest": proof.largest,
        "exceptions": list(proof.exceptions),
        "families": {
            family: {"caught": caught, "caught_by_no_other": alone}
            for family, (caught, alone) in proof.contributions.items()
        },
        "mutants": [
            {
                "name": row.mutant.name,
                "kind": row.mutant.kind,
                "source": row.mutant.source,
                "status": row.status,
                "reason": row.reason,
                "killed_by": list(row.kills),
                "fewest_kills": row.fewest,
            }
            for row in proof.rows
        ],
    }
