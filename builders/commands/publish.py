"""`python -m builders publish`"""

from __future__ import annotations

import argparse
import itertools
import sys
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.filesize import decimal
from rich.text import Text

from builders.commands import terminal
from builders.commands.options import add_dataset_argument

if TYPE_CHECKING:
    from builders.hub.publish import Plan, Revision
    from builders.hub.repository import Change

SUMMARY = "Check a built dataset and put it on the Hub: data, card, loading script and a tag with the version."
EXAMPLES = """\
  python -m builders publish build/full --repo izumi-lab/llm-japanese-dataset --dry-run
  python -m builders publish build/full --repo izumi-lab/llm-japanese-dataset

Publishing needs a token that may write to the repository: run `hf auth login` once, or set HF_TOKEN.
A publish that was stopped goes on with the same command; a second one with nothing new changes nothing."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `publish`."""
    add_dataset_argument(parser)
    parser.add_argument("--repo", required=True, metavar="ORG/NAME", help="dataset repository; made if there is none")
    parser.add_argument("--dry-run", action="store_true", help="show what would happen, and change nothing")
    parser.add_argument(
        "--allow-samples",
        action="append_const",
        dest="allowed",
        const="--allow-samples",
        help="publish invented samples",
    )
    parser.add_argument(
        "--allow-partial",
        action="append_const",
        dest="allowed",
        const="--allow-partial",
        help="publish a dataset without some of the configs of `all`, or built with --best-effort",
    )
    parser.add_argument(
        "--replace",
        action="append",
        default=[],
        metavar="COMMIT",
        help="replace the files of this commit although no publish made it (the message that asks for it names it)",
    )


def main(options: argparse.Namespace) -> int:
    """Publishes, and ends with what readers can do now."""
    from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]  # it names no exports

    from builders.hub import publish

    console = Console(soft_wrap=True, highlight=False)
    if not sys.stderr.isatty():
        disable_progress_bars()  # the client draws them into logs too
    plan = publish.publish(
        options.directory,
        options.repo,
        dry_run=options.dry_run,
        allowed=options.allowed or (),
        replace=tuple(options.replace),
        say=lambda step: terminal.say(console, step, "dim"),
    )
    if options.dry_run:
        _print_changes(console, plan)
    _print_summary(console, plan, options.dry_run)
    return 1 if plan.obstacles else 0


def _print_changes(console: Console, plan: Plan) -> None:
    table = terminal.table("What would change")
    for name in ("revision", "change", "file"):
        table.add_column(name, overflow="fold")
    table.add_column("size", justify="right")
    for revision in plan.revisions:
        for (action, path), changes in itertools.groupby(revision.changes, partial(_row, revision)):
            size = sum(change.size for change in changes)
            table.add_row(revision.name, action, terminal.plain(path), decimal(size) if size else "")
    if table.row_count:
        console.print(table)


def _row(revision: Revision, change: Change) -> tuple[str, str]:
    """What a line of the table is about: a file, or all of the code together."""
    from builders.hub import publish

    if revision.name == publish.SCRIPT and "/" in change.path:
        return change.action, f"{change.path.partition('/')[0]}/..."
    return change.action, change.path


def _print_summary(console: Console, plan: Plan, dry_run: bool) -> None:
    from huggingface_hub import constants

    from builders.hub import publish

    address = f"{constants.ENDPOINT}/datasets/{plan.repo}"
    if plan.nothing_to_do:
        console.print(f"Nothing to do: {address} holds version {plan.version} as it is here.")
        return
    would = "would be " if dry_run else ""
    if not plan.exists:
        console.print(f"repository {plan.repo}: {would}made")
    for revision in plan.revisions:
        console.print(f"{revision.name}: {_counts(revision)}")
    if plan.tag:
        console.print(f"tag {plan.tag}: {would}set on {publish.MAIN}")
    if not plan.reached:
        console.print(f"[yellow]Note:[/] {constants.ENDPOINT} gave no answer, so all of it is listed as new.")
    for obstacle in plan.obstacles:
        refused = ("Would be refused:", "bold red")
        console.print(Text.assemble(refused, terminal.plain(f" {obstacle.problem} ({obstacle.option} allows it)")))
    if not dry_run:
        console.print(f'Published: {address}\nRead it with: load_dataset("{plan.repo}", "translation")')


def _counts(revision: Revision) -> str:
    """`2 files added, 1 deleted, 40 unchanged`, or that the revision stays as it is."""
    if not revision.changes:
        return "unchanged"
    verbs = {"add": "added", "replace": "replaced", "delete": "deleted"}
    actions = [change.action for change in revision.changes]
    counts = [f"{actions.count(action)} {verb}" for action, verb in verbs.items() if action in actions]
    same = len(revision.files) - actions.count("add") - actions.count("replace")
    size = decimal(sum(change.size for change in revision.changes))
    return f"{', '.join(counts)}{f', {same} unchanged' if same else ''} ({size})"
