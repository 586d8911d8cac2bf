"""Rewrites the tables of precision and recall, one file a rule: `python -m tests.clean.regenerate [RULE ...]`."""

from __future__ import annotations

import sys
from pathlib import Path

from builders.clean.evaluate import MEASURES, measure, table

GOLDEN = Path(__file__).parent / "golden"


def main() -> None:
    """Writes `golden/evaluate.<rule>.txt` for the rules named, or for all."""
    GOLDEN.mkdir(exist_ok=True)
    for rule in sys.argv[1:] or sorted(MEASURES):
        (GOLDEN / f"evaluate.{rule}.txt").write_text(table(measure([rule])), "utf-8")


if __name__ == "__main__":
    main()
