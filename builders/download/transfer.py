"""One file over http, https or ftp: resumed where it stopped, tried again when the network fails, never spliced.

libcurl does the protocols; it knows how to go on in the middle of a file over http and over ftp alike.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from http.client import responses
from pathlib import Path
from urllib.parse import urlsplit

import certifi
import pycurl
import tenacity

from builders import __version__
from builders.download.partial import Partial
from builders.download.progress import Bar
from builders.download.response import OtherVersion, Response, TooLarge

USER_AGENT = f"llm-japanese-dataset/{__version__} (https://arxiv.org/abs/2305.12720)"
# Answers of a server that may be another one a moment later.
PASSING = {408, 425, 429, 500, 502, 503, 504}
CUT = {pycurl.E_PARTIAL_FILE, pycurl.E_RECV_ERROR, pycurl.E_GOT_NOTHING}
# What another try cannot mend.
FINAL = {
    pycurl.E_UNSUPPORTED_PROTOCOL,
    pycurl.E_URL_MALFORMAT,
    pycurl.E_TOO_MANY_REDIRECTS,
    pycurl.E_PEER_FAILED_VERIFICATION,
    pycurl.E_SSL_CACERT_BADFILE,
}


@dataclass(frozen=True)
class RetryPolicy:
    """When to try again, and when to give up.

    Args:
        tries: of a transfer that fails in the middle, in a row without a new byte.
        tries_to_reach: of a host that cannot be reached at all; few, so that a machine without network is told soon.
        first_wait: seconds before the second try; each further wait is twice as long.
        longest_wait: seconds, also where a server asks for more (Retry-After: RFC 9110, section 10.2.3).
        connect: seconds to wait for a connection.
        stall: seconds with less than a kilobyte each, after which a transfer counts as cut.
    """

    tries: int = 5
    tries_to_reach: int = 2
    first_wait: float = 1
    longest_wait: float = 30
    connect: int = 30
    stall: int = 60


RETRY_POLICY = RetryPolicy()
LARGEST = 64 << 30
"""Bytes of a file of unknown size: several times those of the largest dump."""
LARGEST_TEXT = 64 << 20
"""Bytes of a listing or of a list of checksums."""


class TransferError(Exception):
    """A transfer that failed.

    Args:
        reason: why, in words that end a sentence.
        tries: how often a transfer that fails for this reason is worth trying; 1 for never again.
        wait: seconds that the server asks to wait before another try.
    """

    def __init__(self, reason: str, tries: int, wait: float = 0):
        super().__init__(reason)
        self.reason, self.tries, self.wait = reason, tries, wait


def transfer(url: str, partial: Partial, bar: Bar, largest: int = LARGEST) -> bool:
    """Brings a partial file to its full length.

    Args:
        url: http, https or ftp.
        partial: what an earlier call may have left; all of the file when this returns.
        bar: shows the bytes.
        largest: bytes that the file may have; a transfer of more is stopped there, and nothing of it kept.

    Returns:
        True where all bytes came in one response: only a file of several pieces can be of several versions.

    Raises:
        TransferError: it failed too often in a row. The bytes so far are kept for the next call.
        OSError: the partial file cannot be written.
    """
    _, length = partial.noted(url)
    if length and partial.size == length:
        return False
    while True:
        held = partial.size
        try:
            return _retrying(bar)(_attempt, url, partial, bar, largest)
        except TransferError as error:
            if error.tries == 1 or partial.size <= held:
                raise


def read_text(url: str) -> str:
    """A small text file or listing, whole.

    Raises:
        TransferError: it could not be had.
    """
    with tempfile.TemporaryDirectory() as directory:
        partial = Partial(Path(directory) / "text")
        transfer(url, partial, Bar(None, ""), LARGEST_TEXT)
        return partial.path.read_text("utf-8", errors="replace")


def _retrying(bar: Bar) -> tenacity.Retrying:
    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(TransferError),
        stop=lambda state: state.attempt_number >= _failed(state).tries,
        wait=_wait,
        before_sleep=lambda _: bar.say("trying again"),
        reraise=True,
    )


def _failed(state: tenacity.RetryCallState) -> TransferError:
    """Why the last try failed."""
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, TransferError)
    return error


def _wait(state: tenacity.RetryCallState) -> float:
    """Seconds before the next try: ever longer ones, or what the server asks for, neither for ever."""
    longest = RETRY_POLICY.longest_wait
    growing = tenacity.wait_exponential(RETRY_POLICY.first_wait, longest)(state)
    return max(growing, min(_failed(state).wait, longest))


def _attempt(url: str, partial: Partial, bar: Bar, largest: int) -> bool:
    """One request; True where it brought the whole file."""
    response = Response(url, partial, bar, largest)
    curl = _request(url, response)
    try:
        with closing(response):
            curl.perform()
            response.begin()  # an empty file has no first byte to begin at
        return response.whole
    except (pycurl.error, OtherVersion, TooLarge) as error:
        stopped = error if isinstance(error, OtherVersion | TooLarge) else response.error
        if isinstance(stopped, OSError):
            raise stopped from None
        if isinstance(stopped, TooLarge):
            partial.discard()
            raise TransferError(f"the server sends more than {largest:,} bytes", 1) from None
        if stopped:
            raise TransferError("the file changed on the server", RETRY_POLICY.tries) from None
        raise _failure(error, url, curl, partial) from None
    finally:
        curl.close()


def _request(url: str, response: Response) -> pycurl.Curl:
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS | pycurl.PROTO_FTP)
    # Not to ftp: `Response` tells by the last http status whether it reads http or ftp.
    curl.setopt(pycurl.REDIR_PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
    curl.setopt(pycurl.USERAGENT, USER_AGENT)
    # Behind a proxy that signs by itself, the variable names its authorities, as it does for Python's own ssl.
    curl.setopt(pycurl.CAINFO, os.environ.get("SSL_CERT_FILE") or certifi.where())
    curl.setopt(pycurl.FOLLOWLOCATION, True)
    curl.setopt(pycurl.MAXREDIRS, 10)
    curl.setopt(pycurl.FAILONERROR, True)
    curl.setopt(pycurl.NOSIGNAL, True)
    curl.setopt(pycurl.OPT_FILETIME, True)  # has MDTM sent over ftp
    curl.setopt(pycurl.CONNECTTIMEOUT, RETRY_POLICY.connect)
    curl.setopt(pycurl.FTP_RESPONSE_TIMEOUT, RETRY_POLICY.stall)
    curl.setopt(pycurl.LOW_SPEED_LIMIT, 1024)
    curl.setopt(pycurl.LOW_SPEED_TIME, RETRY_POLICY.stall)
    if response.offset:
        curl.setopt(pycurl.RANGE, f"{response.offset}-")
        curl.setopt(pycurl.HTTPHEADER, [f"If-Range: {response.version}"])
    curl.setopt(pycurl.HEADERFUNCTION, response.header)
    curl.setopt(pycurl.WRITEFUNCTION, response.body)
    # Called every second, also when nothing comes: so that Ctrl-C is heard then.
    curl.setopt(pycurl.NOPROGRESS, False)
    curl.setopt(pycurl.XFERINFOFUNCTION, lambda *_: 0)
    return curl


def _failure(error: Exception, url: str, curl: pycurl.Curl, partial: Partial) -> TransferError:
    """libcurl's error (https://curl.se/libcurl/c/libcurl-errors.html) in words, and how often to try again."""
    code, words = error.args
    host, status = urlsplit(url).hostname, curl.getinfo(pycurl.RESPONSE_CODE)
    if code == pycurl.E_HTTP_RETURNED_ERROR and status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        partial.discard()  # the file is shorter now than what is held
        return TransferError("the file changed on the server", RETRY_POLICY.tries)
    if code == pycurl.E_HTTP_RETURNED_ERROR:
        answer = f"{status} {responses.get(status, '')}".rstrip()
        tries = RETRY_POLICY.tries if status in PASSING else 1
        return TransferError(f"the server answers {answer}", tries, curl.getinfo(pycurl.RETRY_AFTER))
    if code in (pycurl.E_COULDNT_RESOLVE_HOST, pycurl.E_COULDNT_RESOLVE_PROXY):
        return TransferError(f"the host {host} is not known (no network, or a wrong name)", RETRY_POLICY.tries_to_reach)
    if code == pycurl.E_COULDNT_CONNECT:
        return TransferError(f"the host {host} accepts no connection", RETRY_POLICY.tries_to_reach)
    if code in CUT:
        return TransferError(f"the connection was cut after {partial.size:,} bytes", RETRY_POLICY.tries)
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return TransferError(f"the host {host} went silent after {partial.size:,} bytes", RETRY_POLICY.tries)
    if code in (pycurl.E_REMOTE_FILE_NOT_FOUND, pycurl.E_REMOTE_ACCESS_DENIED):
        return TransferError("the server has no such file", 1)
    return TransferError(f"{words} (libcurl error {code})", 1 if code in FINAL else RETRY_POLICY.tries)
