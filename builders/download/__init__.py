"""Raw files, each verified: from a directory that somebody filled, or from the network into a cache.

`obtain` is the whole of it. The modules, from the outside in: `local` and `network` are the two places files come
from, `dates` says which dump is meant, `files` compares a file with what its corpus says of it (`checksums`) and words
the errors, `transfer` brings one file (`partial` and `response`: what is held, and whether new bytes belong to it).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from builders.corpus import Corpus
from builders.download import dates
from builders.download.files import BAD, SourceFile, as_named_in, missing, refusal
from builders.download.local import SAMPLE, from_directory
from builders.download.network import from_network
from builders.errors import BuildError

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["SAMPLE", "SourceFile", "cache_directory", "obtain"]


def obtain(
    corpus: Corpus,
    *,
    sources: Path | None,
    best_effort: bool = False,
    dump_date: str | None = None,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> tuple[SourceFile, ...]:
    """Hands over the raw files of a corpus.

    Args:
        corpus: whose files.
        sources: directory that holds `<corpus name>/<file name>`; the network is not touched. A file `SAMPLE` in it
            says that what it holds is invented: nothing is compared with anything then. None for the network.
        best_effort: whether files may be missing (status `missing`, no path) or not the expected ones (`changed`, with
            a path). Without, either is an error.
        dump_date: `YYYYMMDD`, or `latest`, of the dump. None for the newest dump in the directory; from the network
            for the newest in the cache, so that a second run uses the dump of the first, and for the newest
            finished one upstream where the cache has none.
        cache: directory of downloads; None for `$LJD_CACHE` or `~/.cache/llm-japanese-dataset`. A file put into
            `<cache>/<corpus name>/` counts as downloaded (a manual download).
        progress: shows downloads and the checking of large files (`builders.commands.terminal.byte_bars` has the fitting columns).

    Returns:
        The files in the order of `corpus.files`. An optional file that is not there is left out.

    Raises:
        BuildError: files are missing or not the expected ones: all of them, with where they belong and where they
            come from. Or the date is wrong, the newest dump is not known, the cache cannot be written, or a directory
            cannot be read.
    """
    if dump_date:
        dates.check(dump_date)
    try:
        return _obtain(corpus, sources, best_effort, dump_date, cache, progress)
    except PermissionError as error:
        raise BuildError(
            f"{corpus.name}: {error.filename} cannot be read: {error.strerror}.",
            "Make the directory and its files readable, then run the same command again.",
        ) from error


def _obtain(
    corpus: Corpus,
    sources: Path | None,
    best_effort: bool,
    dump_date: str | None,
    cache: Path | None,
    progress: Progress | None,
) -> tuple[SourceFile, ...]:
    directory = (sources or cache or cache_directory()) / corpus.name
    try:
        date = _date(corpus, directory, dump_date, local=sources is not None)
    except BuildError:
        if not best_effort:
            raise
        files = [dates.fill(file, dates.UNKNOWN) for file in corpus.files]
        return tuple(missing(file, "the newest dump is not known") for file in files if not file.optional)
    files = [as_named_in(directory, dates.fill(file, date)) for file in corpus.files]
    if sources is None:
        found = from_network(files, directory, best_effort=best_effort, progress=progress)
    else:
        found = from_directory(files, directory, sample=(sources / SAMPLE).exists(), progress=progress)
    pairs = [pair for pair in zip(files, found, strict=True) if not (pair[0].optional and pair[1].status == "missing")]
    if not best_effort and any(source.status in BAD for _, source in pairs):
        raise refusal(corpus, pairs, directory, downloaded=sources is None)
    return tuple(source for _, source in pairs)


def _date(corpus: Corpus, directory: Path, dump_date: str | None, *, local: bool) -> str:
    if not dates.is_dated(corpus):
        return dates.UNKNOWN
    if dump_date and (local or dump_date != dates.LATEST):
        return dump_date
    if local:
        return dates.newest_in(directory, corpus.files, latest=True) or dates.UNKNOWN
    cached = None if dump_date else dates.newest_in(directory, corpus.files)
    return cached or dates.newest_on_server(corpus, directory)


def cache_directory() -> Path:
    """The directory of downloads: `$LJD_CACHE` or `~/.cache/llm-japanese-dataset`."""
    return Path(os.environ.get("LJD_CACHE") or Path.home() / ".cache" / "llm-japanese-dataset")
