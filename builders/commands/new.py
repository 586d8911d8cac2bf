"""`python -m builders new`"""

from __future__ import annotations

import argparse
import keyword
import string
from pathlib import Path

from rich.console import Console

from builders.errors import BuildError

SUMMARY = "Write the module and the sample folder of a new corpus, to start from."
EXAMPLES = """\
  python -m builders new my_corpus

The module it writes reads tab-separated questions and answers. It works as it is: change it into your corpus step by
step, as its comments say, and run the commands that are printed at the end after each step."""

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = Path(__file__).with_name("templates") / "corpus.py.txt"
TOPICS = tuple("空海雪虹霧風雷氷砂月星森川石火土花種鳥魚")
"""What the invented questions are about, a row each."""
NEXT = """
Look at it:   python -m builders show {name} --sample
Change the module, and the sample in {sample}: rows as upstream has them, all of them invented.
After each change:
  python -m tests.corpora.regenerate {name}     # writes its golden records; read the diff
  python -m pytest tests/corpora -k {name}
At the end:   make update && make test"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `new`."""
    parser.add_argument("name", metavar="NAME", help="of the corpus: lower-case letters, digits and _")


def main(options: argparse.Namespace) -> int:
    """Writes the two, and says what to do next.

    Raises:
        BuildError: as `write_corpus`.
    """
    created = [path.relative_to(ROOT) for path in write_corpus(ROOT, options.name)]
    console = Console(soft_wrap=True, highlight=False)
    for path in created:
        console.print(f"Wrote {path}", markup=False)
    console.print(NEXT.format(name=options.name, sample=created[-1].parent), markup=False)
    return 0


def write_corpus(root: Path, name: str) -> list[Path]:
    """Writes module and sample of a new corpus into a checkout.

    Args:
        root: of the checkout.
        name: of the corpus.

    Returns:
        The files written: the module, and the sample.

    Raises:
        BuildError: the name cannot be that of a corpus, or there is a corpus or a config of that name.
    """
    from builders import catalogue
    from builders.checks import CONFIG, NAME
    from builders.files import write_atomically

    config = name.replace("_", "-")
    if not NAME.fullmatch(name) or not CONFIG.fullmatch(config) or keyword.iskeyword(name):
        raise BuildError(
            f'"{name}" cannot be the name of a corpus: it is a Python module, and a config where "-" stands for "_".',
            'Use lower-case letters and digits, a letter first, and single "_" between them.',
        )
    if config in catalogue.CONFIGS:
        raise BuildError(f'There is a config "{config}" already.', "Choose another name.")
    module, sample = root / "builders" / "corpora" / f"{name}.py", root / "samples" / name / f"{name}.tsv"
    for path in (module, sample.parent):
        if path.exists():
            raise BuildError(f"{path} exists already.", "Choose another name, or change what is there.")
    fields = {"name": name, "title": name.replace("_", " ").capitalize(), "config": config}
    text = string.Template(TEMPLATE.read_text(encoding="utf-8")).substitute(fields)
    rows = "".join(f"{topic}とは何ですか？\t{topic}は自然の中で見られるものです。\n" for topic in TOPICS)
    write_atomically(module, text.encode())
    write_atomically(sample, rows.encode())
    return [module, sample]
