"""The audit of the built samples as a golden file: how many records each check finds, and the ids of its examples."""

from __future__ import annotations

from pathlib import Path

import orjson

from builders.tree import report
from builders.tree.audit import audit

PATH = Path(__file__).parents[1] / "tree" / "golden" / "audit.json"
COMMAND = "python -m tests.tree.regenerate"


def made_from(dataset: Path) -> bytes:
    """The golden file as it comes out of a built dataset now; checks without a finding are left out."""
    findings = audit(dataset, report.load(dataset), lambda records: None)
    kept = {
        config: {
            check: {"records": finding.records, "examples": [example.id for example in finding.examples]}
            for check, finding in found.items()
            if finding.records
        }
        for config, found in findings.items()
    }
    return orjson.dumps(kept, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
