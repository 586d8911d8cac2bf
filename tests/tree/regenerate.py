"""python -m tests.tree.regenerate: writes the golden audit of the samples anew. Read the diff before committing it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.support import golden_audit
from tests.support.sample_build import build_samples


def main() -> None:
    """Builds the samples in a temporary directory and writes the file."""
    with tempfile.TemporaryDirectory() as directory:
        dataset = Path(directory) / "sample"
        build_samples(dataset)
        golden_audit.PATH.parent.mkdir(exist_ok=True)
        golden_audit.PATH.write_bytes(golden_audit.made_from(dataset))
    print(golden_audit.PATH)


if __name__ == "__main__":
    main()
