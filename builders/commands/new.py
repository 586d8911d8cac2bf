"""`python -m builders new`"""

from __future__ import annotations

import argparse
import string
from pathlib import Path

from rich.console import Console

from builders.errors import BuildError

SUMMARY = "Write the module and the sample folder of a new corpus, to start from."
EXAMPLES = """\
  python -m builders new my_corpus

The module it writes reads tab-separated questions and answers. It works as it is: change it into your corpus step by
step, and run the two commands that are printed at the end after each step."""

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = Path(__file__).with_name("templates") / "corpus.py.txt"
TOPICS = (
    "空",
    "海",
    "雪",
    "虹",
    "霧",
    "風",
    "雷",
    "氷",
    "砂",
    "月",
    "星",
    "森",
    "川",
    "石",
    "火",
    "土",
    "花",
    "種",
    "鳥",
    "魚",
)
"""What the invented questions are about, a row each."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `new`."""
    parser.add_argument("name", metavar="NAME", help="of the corpus: lower-case letters, digits and _")


def main(options: argparse.Namespace) -> int:
    """Writes the two, and says what to do next.

    Raises:
        BuildError: the name cannot be that of a corpus, or there is one of that name.
    """
    created = write_corpus(ROOT, options.name)
    console = Console(soft_wrap=True, highlight=False)
    for path in created:
        console.print(f"Wrote {path.relative_to(ROOT)}", markup=False)
    console.print(f"\nLook at it:   python -m builders show {options.name} --sample")
    console.print("After each change:")
    console.print(f"  python -m tests.corpora.regenerate {options.name}     # its golden records; read the diff")
    console.print(f"  python -m pytest tests/corpora -k {options.name}")
    console.print("At the end:   make update && make test")
    return 0


def write_corpus(root: Path, name: str) -> list[Path]:
    """Writes module and sample of a new corpus into a checkout.

    Args:
        root: of the checkout.
        name: of the corpus.

    Returns:
        The files written.

    Raises:
        BuildError: the name cannot be that of a corpus, or there is one of that name.
    """
    from builders.checks import NAME
    from builders.files import write_atomically

    if not NAME.fullmatch(name):
        raise BuildError(
            f'"{name}" cannot be the name of a corpus.', "Use lower-case letters, digits and _, a letter first."
        )
    module, sample = root / "builders" / "corpora" / f"{name}.py", root / "samples" / name / f"{name}.tsv"
    for path in (module, sample.parent):
        if path.exists():
            raise BuildError(f"{path} exists already.", "Choose another name, or change what is there.")
    fields = {"name": name, "title": name.replace("_", " ").capitalize(), "config": name.replace("_", "-")}
    text = string.Template(TEMPLATE.read_text(encoding="utf-8")).substitute(fields)
    rows = "".join(f"{topic}とは何ですか？\t{topic}は自然の中で見られるものです。\n" for topic in TOPICS)
    write_atomically(module, text.encode())
    write_atomically(sample, rows.encode())
    return [module, sample]
