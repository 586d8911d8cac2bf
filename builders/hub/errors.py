"""What the refusals of the Hub and of the network mean: in a message, with a next step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx2
from huggingface_hub.errors import HfHubHTTPError

from builders.errors import BuildError

FAILED = (httpx2.HTTPError, httpx2.InvalidURL, OSError, RuntimeError)
"""Raised by the client where the Hub refuses or cannot be reached; `RuntimeError` covers a failed upload."""
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What becomes of an answer that is no JSON, or other JSON than the client takes for granted."""


class HubUnreachable(BuildError):
    """The Hub gives no answer."""


@contextmanager
def translate_hub_errors(endpoint: str, repository: str, doing: str, done: Sequence[str] = ()) -> Iterator[None]:
    """Turns what the Hub or the network refuses into a message with a next step.

    Args:
        endpoint: address of the Hub.
        repository: `ORG/NAME`.
        doing: what is being done, as in "the connection broke while ...".
        done: what the same command has changed on the Hub already, as in "it has ...".

    Raises:
        HubUnreachable: the connection broke, or there is none.
        BuildError: the Hub refuses, or answers what no Hub answers.
    """
    try:
        yield
    except (*FAILED, *UNREADABLE) as error:
        answer = next((cause for cause in _causes(error) if isinstance(cause, HfHubHTTPError)), None)
        if answer is not None:
            raise _refused(answer, endpoint, repository, doing, done) from error
        if is_unreadable(error):
            raise unreadable(endpoint, doing, error) from error
        raise HubUnreachable(
            f"The connection to {endpoint} broke while {doing}: {reason(error)}",
            "Run the same command again when the network is back. What has arrived is not sent again, and until then "
            "each revision holds one publish whole.",
        ) from error


def reason(error: BaseException) -> str:
    """What broke a connection, in words: the client wraps it into errors of its own."""
    first = _causes(error)[-1]
    return str(first) or type(first).__name__


def is_unreadable(error: BaseException) -> bool:
    """Whether an answer came, and was the cause. Errors of sockets and certificates may be a `ValueError` too."""
    first = _causes(error)[-1]
    return isinstance(first, UNREADABLE) and not isinstance(first, OSError)


def unreadable(endpoint: str, doing: str, error: BaseException) -> BuildError:
    """What stops a command that cannot make sense of an answer."""
    return BuildError(
        f"{endpoint} answered something else than a Hub does while {doing}: "
        f"{type(_causes(error)[-1]).__name__}, {reason(error)}",
        "Look whether HF_ENDPOINT names a Hub, and whether a proxy or a login page answers in its place; then run the "
        "same command again.",
    )


def _causes(error: BaseException) -> list[BaseException]:
    """An exception, what caused it, and so on."""
    found = [error]
    while found[-1].__cause__:
        found.append(found[-1].__cause__)
    return found


def _refused(error: HfHubHTTPError, endpoint: str, repository: str, doing: str, done: Sequence[str]) -> BuildError:
    status, so_far = error.response.status_code, _so_far(done)
    if status == 401:
        return BuildError(
            f"{endpoint} refuses the token: it is wrong, has run out or was revoked. {so_far}",
            f"Make a new one with write permission at {endpoint}/settings/tokens, then log in with it "
            "(`hf auth login`) or put it into HF_TOKEN.",
        )
    if status == 403:
        return BuildError(
            f"The token may not write to {repository} on {endpoint}. {so_far}",
            f"Use a token with write permission, and ask an owner of {repository.partition('/')[0]} for the right to "
            "write if your account has none.",
        )
    if status == 412:
        return BuildError(
            f"Somebody else changed {repository} while {doing}. Their commit stands. {so_far}",
            "Run the same command again: it looks at what is there now, and says so if that is not a publish.",
        )
    return BuildError(
        f"{endpoint} answered {status} while {doing}: {error.server_message or error}",
        "Run the same command again later; what has arrived is not sent again.",
    )


def _so_far(done: Sequence[str]) -> str:
    if not done:
        return "Nothing was changed."
    return f"Before that, this publish has {', '.join(done)}; the same command goes on from there."
