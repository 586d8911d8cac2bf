"""Records of several configs in the numbers or proportions that a run asks for, each record at most once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from datasets import concatenate_datasets

from finetune.errors import DataError

if TYPE_CHECKING:
    from datasets import Dataset

    from finetune.config import Share


def limit(records: Dataset, count: int | None, seed: int) -> Dataset:
    """Draw ``count`` records at random, or take all where there are no more or nothing is asked for."""
    if count is None or count >= len(records):
        return records
    return records.shuffle(seed=seed).select(range(count))


def mix(parts: Mapping[str, Dataset], shares: Mapping[str, Share], total: int | None, seed: int) -> Dataset:
    """Put the share of each part one after another; training puts them into a random order.

    Args:
        parts: The records of each config.
        shares: How many records of each config, or in which proportion to others.
        total: Records of the whole mixture; needed where there are proportions.
        seed: Decides which records are drawn.

    Raises:
        DataError: A config holds fewer records than its share.
    """
    counts = count(shares, total)
    for name, wanted in counts.items():
        if wanted > len(parts[name]):
            raise DataError(
                f"the mixture takes {wanted:,} records of {name}, which holds {len(parts[name]):,}\n"
                f"Next step: lower data.mixture.{name} or data.limit."
            )
    taken = [
        limit(parts[name].select_columns(_shared(parts)), wanted, seed) for name, wanted in counts.items() if wanted
    ]
    mixed: Dataset = concatenate_datasets(taken)
    return mixed


def count(shares: Mapping[str, Share], total: int | None) -> dict[str, int]:
    """Share ``total`` records out.

    Numbers of records are taken as they are. Weights share out the rest; fractions of a record go to the largest
    remainders, so that the sum is exact.
    """
    fixed = {name: share.records for name, share in shares.items() if share.records is not None}
    weights = {name: share.weight for name, share in shares.items() if share.weight is not None}
    rest = (total or 0) - sum(fixed.values())
    exact = {name: rest * weight / sum(weights.values()) for name, weight in weights.items()}
    counts = {name: int(part) for name, part in exact.items()}
    for name in sorted(exact, key=lambda name: counts[name] - exact[name])[: rest - sum(counts.values())]:
        counts[name] += 1
    return {name: fixed.get(name, counts.get(name, 0)) for name in shares}


def _shared(parts: Mapping[str, Dataset]) -> list[str]:
    """The columns that all parts have, in the order of the first."""
    first, *others = parts.values()
    return [name for name in first.column_names if all(name in other.column_names for other in others)]
