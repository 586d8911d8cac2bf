"""Plain text of wikitext against a gold set: character F1 and left-over markup, beside WikiExtractor.

    python -m benchmarks.wikitext [--differences]

Cleans the pages of `tests/formats/gold`, whose plain text is written by hand, with this project and with WikiExtractor
3.1.0 (no templates, as nothing else is possible without the templates of a whole dump), and prints a line per group of
pages. `--differences` prints the pages on which this project and gold differ.
"""

from __future__ import annotations

import argparse
import html
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks.machine import figures_table
from benchmarks.wikipedia import WIKIEXTRACTOR, XML, run_wikiextractor
from builders.formats.wikitext import plain_text
from samples.dumps import Page, plain
from tests.support.gold_leads import GoldLead, Score, read_gold, score


def extracted(leads: list[GoldLead]) -> list[str]:
    """The text WikiExtractor gives of each page, "" where it gives none."""
    with TemporaryDirectory() as directory:
        folder = Path(directory)
        (folder / XML).write_bytes(plain([Page(lead.title, lead.source) for lead in leads]))
        run_wikiextractor(folder / XML, folder, "--json")
        lines = [line for path in sorted((folder / "extracted").rglob("wiki_*")) for line in path.open("rb")]
    texts = {int(page["id"]): html.unescape(page["text"]) for page in map(json.loads, lines)}
    return [texts.get(number, "") for number in range(1, len(leads) + 1)]


def main() -> None:
    """Scores both and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--differences", action="store_true", help="print the pages that differ from gold")
    options = parser.parse_args()
    leads = list(read_gold())
    cleaned = [plain_text(lead.source, lead.title) for lead in leads]
    if options.differences:
        _print_differences(leads, cleaned)
    console = Console()
    ways = {"this project": cleaned, f"WikiExtractor {WIKIEXTRACTOR}": extracted(leads)}
    columns = ("group", "pages", *(heading for way in ways for heading in (way, "left")))
    table = figures_table(f"{len(leads)} pages: character F1, and left-over marks", *columns)
    for group in [*dict.fromkeys(lead.group for lead in leads), "all"]:
        chosen = [number for number, lead in enumerate(leads) if group in (lead.group, "all")]
        cells = []
        for texts in ways.values():
            total = sum((score(texts[number], leads[number].text) for number in chosen), Score())
            cells += [f"{total.f1:.4f}", str(total.left_overs)]
        table.add_row(group, str(len(chosen)), *cells)
    console.print(table)


def _print_differences(leads: list[GoldLead], texts: list[str]) -> None:
    for lead, text in zip(leads, texts, strict=True):
        if text != lead.text:
            print(f"{lead.group}: {lead.title}\n  gold: {lead.text!r}\n  text: {text!r}")


if __name__ == "__main__":
    main()
