"""Where the records lie in an output directory: the names of the Parquet files, and the one glob of every config.

    <config>/<train|extended>-<permissive|sharealike|noncommercial>-00000-of-0000N.parquet

The Hub's viewer writes code for a config from its globs, and takes the first that finds a single file for the whole
config. So each config has one glob, and the names of the files say what the groups ask for: whether the task is the
paper's (`train`) or came later (`extended`), and what its license allows. A glob finds its files in the order of their
paths; the groups of the catalogue have the same order.

No glob needs `[!...]`: not every library that reads the Hub knows it.

    clean/<config>/...   marks/<config>/...

The curated edition stands one level below, where no glob of the others looks, with the same names of files; each of its
groups is one glob too. Marks belong to no config: each file stands beside the task config's file of the same name.
"""

from __future__ import annotations

from builders import catalogue
from builders.corpus import License

PAPER, LATER = "train", "extended"
"""How the name of a file begins: its task is one of the paper's, or came later."""
PERMISSIVE, SHARE_ALIKE, NONCOMMERCIAL = "permissive", "sharealike", "noncommercial"
"""What the name of a file says of its license; the strictest that fits."""
CHAT = "chat"
"""The config with the records as conversations, and the folder of its files, which have the names of the records' own.
It is there where the build was asked for it."""
CHAT_GLOB = f"{CHAT}/*/{PAPER}-*.parquet"
GROUP_GLOBS = {
    catalogue.DEFAULT: f"*/{PAPER}-*.parquet",
    "translation": f"{catalogue.TRANSLATION}*/{PAPER}-*.parquet",
    "knowledge": f"{catalogue.KNOWLEDGE}*/{PAPER}-*.parquet",
    "vanilla": f"[a-su-z]*/{PAPER}-*.parquet",
    "extended": "*/*.parquet",
    "commercial": f"*/{PAPER}-[ps]*.parquet",
    "permissive": f"*/{PAPER}-{PERMISSIVE}-*.parquet",
}
"""Glob of a group, relative to the output directory; a star does not cross a `/`."""

CLEAN, MARKS = "clean", "marks"
"""Directories of the curated edition and of the marks, in the output directory."""
CLEAN_GLOBS = {
    "clean": f"{CLEAN}/*/*.parquet",
    "clean-translation": f"{CLEAN}/{catalogue.TRANSLATION}*/*.parquet",
    "clean-knowledge": f"{CLEAN}/{catalogue.KNOWLEDGE}*/*.parquet",
    "clean-commercial": f"{CLEAN}/*/*-[ps]*.parquet",
    "clean-permissive": f"{CLEAN}/*/*-{PERMISSIVE}-*.parquet",
}
"""Glob of a group of the curated edition."""


def glob(config: str) -> str:
    """The glob that finds the files of a config, and no others.

    Args:
        config: a group, of the curated edition too, or a task config.
    """
    return GROUP_GLOBS.get(config) or CLEAN_GLOBS.get(config) or f"{config}/*.parquet"


def shard_paths(config: str, count: int) -> list[str]:
    """Paths of the Parquet files of a task config, relative to the output directory, in order.

    Args:
        config: of the catalogue.
        count: number of files.
    """
    corpus, task = catalogue.TASK_CONFIGS[config]
    stem = f"{PAPER if task.paper_count is not None else LATER}-{terms(corpus.license)}"
    return [f"{config}/{stem}-{number:05d}-of-{count:05d}.parquet" for number in range(count)]


def clean_paths(config: str, count: int) -> list[str]:
    """Paths of the Parquet files that the curated edition has of a task config, as `shard_paths`."""
    return [f"{CLEAN}/{path}" for path in shard_paths(config, count)]


def marks_path(shard: str) -> str:
    """Path of the marks of a Parquet file."""
    return f"{MARKS}/{shard}"


def is_papers(path: str) -> bool:
    """Says whether a Parquet file holds records of one of the paper's tasks."""
    return path.rpartition("/")[2].startswith(f"{PAPER}-")


def terms(license: License) -> str:
    """What the name of a file says of a license: the strictest that fits."""
    if not license.commercial:
        return NONCOMMERCIAL
    return SHARE_ALIKE if license.share_alike else PERMISSIVE
