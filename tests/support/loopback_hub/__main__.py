"""Runs the loopback Hub by hand.

    python -m tests.support.loopback_hub --port 8765 --seed izumi-lab/llm-japanese-dataset=FOLDER

Then, in another terminal:

    HF_ENDPOINT=http://127.0.0.1:8765 HF_HUB_DISABLE_XET=1 HF_TOKEN=anything python
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import threading
from pathlib import Path

from tests.support.loopback_hub.server import LoopbackHub


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument(
        "--seed",
        action="append",
        default=[],
        metavar="OWNER/NAME[@BRANCH]=FOLDER",
        help="dataset repository to start with, one commit that holds the folder; may be repeated",
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as blobs, LoopbackHub(Path(blobs), arguments.port, print) as hub:
        for seed in arguments.seed:
            name, _, folder = seed.partition("=")
            name, _, branch = name.partition("@")
            hub.store.add_folder("datasets", name, Path(folder), branch or "main")
        print(f"listening on {hub.endpoint}; Ctrl-C ends it", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
