"""What the refusals of the Hub and of the network mean: in a message, with a next step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from huggingface_hub.errors import HfHubHTTPError

from builders.errors import BuildError


class HubUnreachable(BuildError):
    """The Hub gives no answer."""


@contextmanager
def translate_hub_errors(endpoint: str, repository: str, doing: str) -> Iterator[None]:
    """Turns what the Hub or the network refuses into a message with a next step.

    Args:
        endpoint: address of the Hub.
        repository: `ORG/NAME`.
        doing: what is being done, as in "the connection broke while ...".

    Raises:
        HubUnreachable: the connection broke, or there is none.
        BuildError: the Hub refuses.
    """
    try:
        yield
    except (httpx2.HTTPError, OSError, RuntimeError) as error:  # RuntimeError: the client's cover for a failed upload
        answer = next((cause for cause in _causes(error) if isinstance(cause, HfHubHTTPError)), None)
        if answer is not None:
            raise _refused(answer, endpoint, repository, doing) from error
        raise HubUnreachable(
            f"The connection to {endpoint} broke while {doing}: {reason(error)}",
            "Run the same command again when the network is back. What has arrived is not sent again, and readers see "
            "the last complete publish until then.",
        ) from error


def reason(error: BaseException) -> str:
    """What broke a connection, in words: the client wraps it into errors of its own."""
    first = _causes(error)[-1]
    return str(first) or type(first).__name__


def _causes(error: BaseException) -> list[BaseException]:
    """An exception, what caused it, and so on."""
    found = [error]
    while found[-1].__cause__:
        found.append(found[-1].__cause__)
    return found


def _refused(error: HfHubHTTPError, endpoint: str, repository: str, doing: str) -> BuildError:
    status = error.response.status_code
    if status == 401:
        return BuildError(
            f"{endpoint} refuses the token: it is wrong, has run out or was revoked. Nothing was changed.",
            f"Make a new one with write permission at {endpoint}/settings/tokens, then log in with it "
            "(`hf auth login`) or put it into HF_TOKEN.",
        )
    if status == 403:
        return BuildError(
            f"The token may not write to {repository} on {endpoint}. Nothing was changed.",
            f"Use a token with write permission, and ask an owner of {repository.partition('/')[0]} for the right to "
            "write if your account has none.",
        )
    if status == 412:
        return BuildError(
            f"Somebody else changed {repository} while {doing}. Their commit stands; readers see nothing of this "
            "publish.",
            "Run the same command again: it looks at what is there now, and says so if that is not a publish.",
        )
    return BuildError(
        f"{endpoint} answered {status} while {doing}: {error.server_message or error}",
        "Run the same command again later; what has arrived is not sent again.",
    )
