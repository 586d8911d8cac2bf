"""`python -m builders browse`"""

from __future__ import annotations

import argparse

from rich.console import Console

from builders.commands.options import add_dataset_argument, add_source_options, obtain_named
from builders.errors import BuildError

SUMMARY = "Serve a page on this machine to look at a built dataset: records, raw rows, what was rejected."
EXAMPLES = """\
  python -m builders browse build/full                         then open the address that it prints
  python -m builders browse build/full --sources ~/corpora     each record beside its raw row
  python -m builders browse build/sample --sample --port 0"""
PORT = 8765


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `browse`."""
    add_dataset_argument(parser)
    parser.add_argument(
        "--port", type=_port, default=PORT, help="on 127.0.0.1; 0 takes a free one (default: %(default)s)"
    )
    add_source_options(parser)


def main(options: argparse.Namespace) -> int:
    """Prints the address, then serves until Ctrl-C.

    Raises:
        BuildError: there is no such dataset or no such source directory, or the port cannot be used.
    """
    try:
        from builders.browse import server
        from builders.browse.pages import Pages
    except ModuleNotFoundError as error:
        raise BuildError(f"browse needs {error.name}.", "pip install -r requirements-data.txt") from error
    from builders.tree import report

    directory = options.directory.resolve()
    pages = Pages(directory, report.load_known(directory), obtain_named(options))
    listening = server.bind(pages, options.port)
    console = Console()
    try:
        console.print(f"http://{server.HOST}:{listening.port}/  (Ctrl-C ends it)", highlight=False, soft_wrap=True)
        listening.serve_forever()
    except KeyboardInterrupt:
        pass  # before serving began; while it serves, the server ends by itself
    finally:
        listening.server_close()
    console.print("Ended.")
    return 0


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f'must be a number from 0 to 65535, not "{text}"')
    return int(text)
