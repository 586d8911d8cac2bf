"""The page of `browse` as a static Space of the Hub: no server, no copy of the data.

The pages that show numbers are made here, by the templates of the server. Records and rejected rows are fetched by the
reader's browser (`static/space/`) from the dataset's own files on the Hub: of a Parquet file only the pages of the
columns that are asked for. `dataset.json` tells it which files there are.

A search reads the texts of all records, file by file, until a page is full; it stops after 64 MB and asks whether to go
on. Raw rows are not on the Hub: a record shows its key, and where its raw files come from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import yaml

from builders import catalogue, layout
from builders.browse import libraries
from builders.browse.pages import TEMPLATES, Pages, Space
from builders.errors import BuildError, first_of
from builders.files import commit, unwritable
from builders.tree import reader
from builders.tree.report import ConfigReport, Report

STATIC = TEMPLATES.with_name("static")
INDEX, CARD = "dataset.json", "README.md"
_FILES = ("browse.css", "browse.js", "icon.svg", "space/space.js", "space/dataset.js", "space/parts.js")
_LINK = re.compile(r'\b(href|src|action)="/(static/)?([^"?]*)')
"""A link of the server's pages: a page, or a file of its own."""


def write(directory: Path, report: Report, space: Space, out: Path) -> None:
    """Writes the folder of the Space, whole or not at all.

    Args:
        directory: the output directory, as an absolute path.
        report: its report.
        space: where the dataset is published.
        out: the folder; new, empty, or written before.

    Raises:
        BuildError: `out` holds something else or cannot be written, or a library cannot be had.
    """
    out = out.resolve()
    files = _pages(Pages(directory, report, space=space))
    files |= {Path(name).name: (STATIC / name).read_bytes() for name in _FILES}
    files |= {INDEX: orjson.dumps(_index(report, space)), CARD: _card(space).encode()}
    _require_own(out, {*files, *libraries.ARCHIVES, "curated.html"})
    files |= libraries.files()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f"{out.name}.", dir=out.parent) as temporary:
            whole = Path(temporary) / out.name
            for path, content in files.items():
                (whole / path).parent.mkdir(parents=True, exist_ok=True)
                (whole / path).write_bytes(content)
            commit(whole, out)
    except OSError as error:
        raise unwritable(out, error) from error


def _pages(pages: Pages) -> dict[str, bytes]:
    makers: dict[str, Callable[[], str]] = {
        "index": lambda: pages.overview({}),
        "records": pages.records_of_space,
        "record": pages.record_of_space,
        "rejected": lambda: pages.rejected({}),
    }
    if pages.has_marks:
        makers["curated"] = lambda: pages.curated({})
    return {f"{name}.html": _LINK.sub(_as_file, make()).encode() for name, make in makers.items()}


def _as_file(found: re.Match[str]) -> str:
    """A link of the server as one between files of a folder."""
    attribute, static, name = found.groups()
    return f'{attribute}="{name}' if static else f'{attribute}="{name or "index"}.html'


def _index(report: Report, space: Space) -> dict[str, object]:
    """What the browser must know: which files may hold records of a selection, and what is said of their corpora."""
    marks = {file.path: file.bytes for file in report.clean.output_files} if report.clean else {}
    return {
        "repository": space.repository,
        "revision": space.revision,
        "files": space.files,
        "configs": {name: list(config.tasks) for name, config in reader.configs(report).items()},
        "tasks": {name: _task(config, marks) for name, config in report.configs.items()},
    }


def _task(config: ConfigReport, marks: Mapping[str, int]) -> dict[str, object]:
    corpus = catalogue.corpus_named(config.corpus)
    return {
        "corpus": config.corpus,
        "title": corpus.title,
        "homepage": corpus.homepage,
        "license": config.license,
        "license_name": corpus.license.name,
        "license_url": corpus.license.url,
        "templates": {name: count for name, count in config.templates.items() if count},
        "shards": [
            {"path": shard.path, "rows": shard.rows, "bytes": shard.bytes, "marks": _file(marks, shard.path)}
            for shard in config.shards
        ],
        "rejected": {
            "path": config.rejected_rows.path,
            "rows": config.rejected_rows.rows,
            "reasons": config.rejected,
        },
        "raw": [{"name": file.name, "url": file.url, "sha256": file.sha256} for file in config.files],
    }


def _file(marks: Mapping[str, int], shard: str) -> dict[str, object] | None:
    path = layout.marks_path(shard)
    return {"path": path, "bytes": marks[path]} if path in marks else None


def _card(space: Space) -> str:
    """The README of the Space. Fields as the Hub has them: https://huggingface.co/docs/hub/spaces-config-reference"""
    name = space.repository.rpartition("/")[2]
    fields = {
        "title": f"{name}: records",
        "emoji": "🔎",
        "colorFrom": "green",
        "colorTo": "gray",
        "sdk": "static",
        "app_file": "index.html",
        "license": "apache-2.0",
        "short_description": "Search, filters, rejected rows, charts",
        "datasets": [space.repository],
    }
    front = yaml.safe_dump(fields, sort_keys=False, allow_unicode=True)
    return f"""---
{front}---

A page to look at [{space.repository}]({space.page}) before training on it. It holds no data: the browser reads the
dataset's files at `{space.revision}`, of each only what a page needs. A search reads the texts of all records it may
find, so it costs up to the size of their files; the page says how much.

Made by `python -m builders space`. It reads Parquet files with [hyparquet](https://github.com/hyparam/hyparquet) and
[zstddec](https://github.com/donmccurdy/zstddec-wasm), whose licenses are in their folders.
"""


def _require_own(out: Path, names: set[str]) -> None:
    """Refuses a folder that holds other things than a Space that was written before.

    Raises:
        BuildError: it does; nothing in it was touched.
    """
    if not out.exists():
        return
    if not out.is_dir():
        raise BuildError(f"{out} is no directory.", "Give an --out that is empty or does not exist yet.")
    there = {path.name for path in out.iterdir()}
    foreign = there - names if _is_index(out / INDEX) else there
    if foreign:
        raise BuildError(
            f"{out} is not empty, and no Space that was written before: it holds {first_of(foreign)}.",
            "Give an --out that is empty or does not exist yet.",
        )


def _is_index(path: Path) -> bool:
    """Says whether a file is what `_index` makes; other programs have a file of that name too."""
    try:
        index = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return False
    return isinstance(index, dict) and {"repository", "revision", "files", "configs", "tasks"} <= index.keys()
