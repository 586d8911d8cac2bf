"""What a rule of the curated edition is: a pure function over the columns of records, with its reason and thresholds.

Records are record batches of one task config with the columns `instruction`, `input`, `output`, `id`, `source`, `task`
and `license`, all strings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

import pyarrow as pa

Thresholds = Mapping[str, float]


class Kind(StrEnum):
    """What happens to a record that a rule hits."""

    DROP = "drop"
    REPAIR = "repair"
    MARK = "mark"


@dataclass(frozen=True)
class Threshold:
    """A number that a person may change.

    Args:
        default: the value that is used.
        low, high: the valid range, both ends included.
    """

    default: float
    low: float
    high: float


@dataclass(frozen=True)
class Hits:
    """What a drop or mark rule found in a batch.

    Args:
        mask: true for each record that is hit.
        score: what the decision was made by, where there is a number.
    """

    mask: pa.BooleanArray
    score: pa.Array | None = None


Find = Callable[[pa.RecordBatch, Thresholds], Hits]
Repair = Callable[[pa.RecordBatch, Thresholds], pa.RecordBatch]


@dataclass(frozen=True)
class Rule:
    """One rule.

    Args:
        name: unique; how a person switches it.
        reason: one sentence: what is wrong with the records that it hits.
        kind: what happens to them.
        configs: patterns (`fnmatch`) of the task configs that it looks at.
        find: for a drop or a mark.
        repair: for a repair; it returns the batch with repaired columns, the caller compares.
        thresholds: by name.
    """

    name: str
    reason: str
    kind: Kind
    configs: tuple[str, ...]
    find: Find | None = field(default=None, repr=False)
    repair: Repair | None = field(default=None, repr=False)
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)

    def applies_to(self, config: str) -> bool:
        """Whether the rule looks at a task config."""
        return any(fnmatchcase(config, pattern) for pattern in self.configs)

    def defaults(self) -> dict[str, float]:
        """The default of each threshold."""
        return {name: threshold.default for name, threshold in self.thresholds.items()}


def replace_column(records: pa.RecordBatch, name: str, column: pa.Array) -> pa.RecordBatch:
    """The batch with another column in the place of one."""
    return records.set_column(records.schema.get_field_index(name), name, column)
