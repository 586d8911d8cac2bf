"""An adapter on the Hub: its folder with its model card becomes a model repository, in one commit.

    python -m finetune.publish out/llama-13b --repo ORG/NAME --base-model huggyllama/llama-13b --dry-run

Afterwards ``peft.PeftModel.from_pretrained(base, "ORG/NAME")`` loads it. Checkpoints, ``run.json`` and ``config.yaml``
stay behind: they name places on the machine that trained.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2
from huggingface_hub import CommitOperationAdd, HfApi, get_token
from huggingface_hub.errors import HfHubHTTPError

from finetune import adapter, checkpoints, command, model_card, report
from finetune.errors import PublishError

TOKENIZER = (
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
)

FAILED = (httpx2.HTTPError, httpx2.InvalidURL, OSError, RuntimeError)
"""Raised by the client where the Hub refuses or cannot be reached; ``RuntimeError`` covers a failed upload."""
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What becomes of an answer that is no JSON, or other JSON than the client takes for granted."""


@dataclass(frozen=True)
class Publish:
    """What goes to the Hub: file names in the repository and their contents (a file here, or bytes)."""

    repo: str
    files: dict[str, Path | bytes]

    def sizes(self) -> dict[str, int]:
        """Count the bytes of each file."""
        return {
            name: len(content) if isinstance(content, bytes) else content.stat().st_size
            for name, content in self.files.items()
        }


def prepare(folder: Path, repo: str, *, base_model: str | None = None, dataset: str | None = None) -> Publish:
    """Prepare the adapter in ``folder`` as repository ``repo``, with a model card for readers there.

    Args:
        folder: Output folder of a finished run.
        repo: Name of the repository, ``ORG/NAME``.
        base_model: Name of the base on the Hub, for a run that took it from a directory.
        dataset: Name of the dataset on the Hub, for a run that took it from a directory.

    Raises:
        PublishError: ``repo`` is no name of a repository, or the base has no name.
        AdapterError: The folder is not that of a finished run.
    """
    if model_card.on_hub(repo) is None:
        raise PublishError(f"{repo} is not the name of a repository\nNext step: give --repo ORG/NAME.")
    remembered = adapter.base_name(folder)
    run = report.read(folder)
    called = model_card.names(repo, run, base_model, dataset)
    if called.base is None:
        raise PublishError(
            f"the base model of {folder} is the directory {remembered}, which nobody else has\n"
            "Next step: say with --base-model ORG/NAME what it is called on the Hub."
        )
    config = json.loads((folder / adapter.CONFIG).read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = called.base
    card = model_card.render(called, run)
    files: dict[str, Path | bytes] = {
        adapter.WEIGHTS: folder / adapter.WEIGHTS,
        adapter.CONFIG: (json.dumps(config, indent=2, sort_keys=True) + "\n").encode(),
        model_card.CARD: card.encode(),
    }
    files |= {name: folder / name for name in (*TOKENIZER, checkpoints.CURVE) if (folder / name).is_file()}
    return Publish(repo, files)


def send(publish: Publish, api: HfApi | None = None) -> str:
    """Make the repository if there is none, and commit all files at once.

    A second time with nothing changed makes no commit.

    Args:
        publish: What goes to the Hub.
        api: The client; nothing takes one with the settings of the environment.

    Returns:
        The repository's address.

    Raises:
        PublishError: The Hub or the network refuses.
    """
    api = api or HfApi()
    _check_token(api)
    with _hub_errors(api.endpoint, publish.repo):
        address = api.create_repo(publish.repo, exist_ok=True)
        # Not upload_folder: config and card differ from those in the run's folder, so it would need a second one.
        operations = [CommitOperationAdd(name, content) for name, content in publish.files.items()]
        api.create_commit(publish.repo, operations, commit_message="LoRA adapter with its model card")
    return str(address)


def _check_token(api: HfApi) -> None:
    """Look at the token before it is sent: no request can be made with a space or a letter outside ASCII in it."""
    try:
        token = api.token or get_token()
    except (*FAILED, *UNREADABLE) as error:
        raise PublishError(
            f"the token for {api.endpoint} cannot be read: {error}\n"
            "Next step: log in again with `hf auth login`, or put a token into HF_TOKEN."
        ) from error
    if not token:
        raise PublishError(
            f"there is no token for {api.endpoint}, and publishing needs one\n"
            f"Next step: make one with write permission at {api.endpoint}/settings/tokens, then `hf auth login`, "
            "or put it into HF_TOKEN."
        )
    if not re.fullmatch("[!-~]+", str(token)):
        raise PublishError(
            f"the token for {api.endpoint} is none: there are spaces, control characters or letters outside ASCII in it\n"
            f"Next step: copy it again from {api.endpoint}/settings/tokens, then `hf auth login`, or put it into HF_TOKEN."
        )


@contextlib.contextmanager
def _hub_errors(endpoint: str, repo: str) -> Iterator[None]:
    """Turn the client's exceptions into messages with a next step."""
    try:
        yield
    except (*FAILED, *UNREADABLE) as error:
        raise PublishError(_failure(error, endpoint, repo)) from error


def _failure(error: Exception, endpoint: str, repo: str) -> str:
    causes: list[BaseException] = [error]
    while causes[-1].__cause__:
        causes.append(causes[-1].__cause__)
    if answer := next((cause for cause in causes if isinstance(cause, HfHubHTTPError)), None):
        return _refusal(answer, endpoint, repo)
    first = causes[-1]
    reason = str(first) or type(first).__name__
    if isinstance(first, UNREADABLE) and not isinstance(first, OSError):  # an error of a certificate is both
        return (
            f"{endpoint} answered something else than a Hub does: {type(first).__name__}, {reason}\n"
            "Next step: look whether HF_ENDPOINT names a Hub, and whether a proxy or a login page answers in its place; "
            "then give the same command again."
        )
    return (
        f"the connection to {endpoint} broke: {reason}\n"
        f"Next step: give the same command again; {repo} changes only once everything has arrived."
    )


def _refusal(answer: HfHubHTTPError, endpoint: str, repo: str) -> str:
    match answer.response.status_code:
        case 401:
            return (
                f"{endpoint} does not accept the token\n"
                f"Next step: make a new one with write permission at {endpoint}/settings/tokens, then `hf auth login`."
            )
        case 403:
            return (
                f"the token may not write to {repo}\n"
                f"Next step: take one with write permission, or ask an owner of {repo.partition('/')[0]} for the right."
            )
        case status:
            return (
                f"{endpoint} answered {status}: {answer.server_message or answer}\n"
                "Next step: give the same command again later."
            )


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "publish",
        "Upload an adapter with its model card to a model repository on the Hub, in one commit.",
        "out/llama-13b --repo me/llama-13b-ja --base-model huggyllama/llama-13b",
    )
    parser.add_argument("adapter", type=Path, help="output folder of python -m finetune.train")
    parser.add_argument("--repo", metavar="ORG/NAME", required=True, help="the model repository; made if there is none")
    parser.add_argument(
        "--base-model", metavar="ORG/NAME", help="the base on the Hub, if the run had it from a directory"
    )
    parser.add_argument(
        "--dataset", metavar="ORG/NAME", help="the dataset on the Hub, if the run had it from a directory"
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would be sent")
    return parser


def _publish(arguments: argparse.Namespace) -> None:
    publish = prepare(arguments.adapter, arguments.repo, base_model=arguments.base_model, dataset=arguments.dataset)
    for name, size in publish.sizes().items():
        print(f"{size:>12,} bytes  {name}")
    if arguments.dry_run:
        print(f"nothing was sent: without --dry-run these files become one commit in {arguments.repo}")
    else:
        print(f"published at {send(publish)}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; see ``--help``. Returns the exit status."""
    return command.run(_parser(), _publish, argv)


if __name__ == "__main__":
    sys.exit(main())
