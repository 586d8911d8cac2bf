"""python -m tests.update_door: writes the digest of builders/ into the loading script."""

from __future__ import annotations

import re
from pathlib import Path

from builders import report

DOOR = Path(__file__).parents[1] / "llm-japanese-dataset.py"
LINE = re.compile(r'^BUILDERS_DIGEST = "(.*)"$', re.MULTILINE)


def main() -> None:
    """Rewrites the one line."""
    text = DOOR.read_text(encoding="utf-8")
    DOOR.write_text(LINE.sub(f'BUILDERS_DIGEST = "{report.code_digest()}"', text), encoding="utf-8")


if __name__ == "__main__":
    main()
