"""`python -m builders space`"""

from __future__ import annotations

import argparse

from rich.console import Console

from builders.commands import terminal
from builders.commands.options import add_dataset_argument, add_out_option

SUMMARY = "Write the page of `browse` as a static Space for the Hub: it reads the published files, and holds no data."
EXAMPLES = """\
  python -m builders space build/full --repo izumi-lab/llm-japanese-dataset --out build/space
  hf repos create izumi-lab/llm-japanese-dataset-records --type space --space-sdk static
  hf upload izumi-lab/llm-japanese-dataset-records build/space --type space

DIR is the dataset as `publish` sent it: the Space reads the files of its version, the tag v1.0.0 and the like."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `space`."""
    add_dataset_argument(parser)
    parser.add_argument("--repo", required=True, metavar="ORG/NAME", help="dataset repository that it was published to")
    add_out_option(parser)


def main(options: argparse.Namespace) -> int:
    """Writes the folder, then prints how to send it.

    Raises:
        BuildError: there is no such dataset, the folder holds something else, or a library cannot be had.
    """
    from huggingface_hub import constants

    from builders.browse import space
    from builders.browse.pages import Space
    from builders.hub.publish import check_name
    from builders.tree import report

    check_name(options.repo)
    directory = options.directory.resolve()
    content = report.load_known(directory)
    space.write(directory, content, Space(options.repo, f"v{content.version}", constants.ENDPOINT), options.out)
    console, name = Console(), f"{options.repo}-records"
    terminal.say(console, f"{options.out}: reads {options.repo} at v{content.version}. To put it on the Hub:")
    terminal.say(console, f"  hf repos create {name} --type space --space-sdk static")
    terminal.say(console, f"  hf upload {name} {options.out} --type space")
    return 0
