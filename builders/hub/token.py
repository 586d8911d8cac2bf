"""The token that requests to the Hub carry: looked at before anything is sent."""

from __future__ import annotations

import re

import httpx2
from huggingface_hub import get_token
from huggingface_hub.errors import DeviceCodeError, OIDCError

from builders.errors import BuildError

_TOKEN = re.compile(r"[!-~]+")


def find_token(endpoint: str, given: str | None = None) -> str | None:
    """The token that is given, or HF_TOKEN, or the one of `hf auth login`; None where there is none.

    Args:
        endpoint: address of the Hub, for the message.
        given: what is to be used in place of the others.

    Raises:
        BuildError: it cannot be read, or it is not one: with a space, a line end or a letter outside ASCII in it no
            request can be made. The message does not show it.
    """
    try:
        token = given or get_token()
    except (OSError, ValueError, OIDCError, DeviceCodeError, httpx2.HTTPError) as error:
        raise BuildError(
            f"The token for {endpoint} cannot be read: {error}",
            "Log in again (`hf auth login`), or put a token into HF_TOKEN.",
        ) from error
    if token is not None and not _TOKEN.fullmatch(token):
        raise BuildError(
            f"The token for {endpoint} is none: there are spaces, control characters or letters outside ASCII in it.",
            f"Copy it again from {endpoint}/settings/tokens, then log in with it (`hf auth login`) or put it into "
            "HF_TOKEN.",
        )
    return token
