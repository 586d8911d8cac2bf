"""A Hugging Face Hub on the loopback interface, for real clients: `datasets` 2.14 to 5.2.

    from tests.support.loopback_hub import LoopbackHub, python_client

    with LoopbackHub(folder_for_blobs) as hub:
        python_client(hub, home, "from datasets import load_dataset; ...")

`store` keeps repositories and blobs, `chunks` what came as chunks, `routes` speaks the Hub's HTTP API, `faults` breaks
it on purpose, `traffic` notes what went over the wire, `server` puts them on a port, `client` starts programs that talk
to it. The fixture `hub` hands a running one to a test. By hand: `python -m tests.support.loopback_hub --help`.

The API was learnt from the clients' own requests; the real Hub differs in that it has users with rights of their own,
storage on another host and multi-part uploads. Large files go by git-lfs (clients are told `HF_HUB_DISABLE_XET=1`), or
as chunks through Xet where a client is started with `chunks=True`; then `chunks` says what had to be sent.
"""

from __future__ import annotations

from tests.support.loopback_hub.client import client_environment, python_client
from tests.support.loopback_hub.faults import Faults
from tests.support.loopback_hub.server import LoopbackHub
from tests.support.loopback_hub.store import Store

__all__ = ["Faults", "LoopbackHub", "Store", "client_environment", "python_client"]
