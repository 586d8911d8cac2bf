"""Servers, and a retry_policy that suits tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from builders.download import transfer
from tests.download.servers import HttpSite, http_site


@pytest.fixture(scope="session")
def running_site() -> Iterator[HttpSite]:
    with http_site() as site:
        yield site


@pytest.fixture
def site(running_site: HttpSite) -> HttpSite:
    """An http server without pages."""
    running_site.pages.clear()
    running_site.requests.clear()
    running_site.on_request = lambda path: None
    return running_site


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that take no time; a second of silence counts as a stall."""
    retry_policy = transfer.RetryPolicy(first_wait=0.001, longest_wait=0.01, connect=5, stall=1)
    monkeypatch.setattr(transfer, "RETRY_POLICY", retry_policy)
