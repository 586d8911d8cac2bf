"""The global batch, exactly: records a step = records at once x accumulation x processes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from finetune.errors import ConfigError

Batching = Literal["packed", "dynamic", "padded", "rows"]
"""How records lie in the rows of a micro-batch; ``config.Training.batching`` says what each means."""


@dataclass(frozen=True)
class Batch:
    """How a step's records are shared out."""

    per_device: int
    """Records that a process takes at once."""
    accumulation: int
    """Micro-batches a process takes before the weights change."""
    processes: int

    @property
    def records(self) -> int:
        """Records a step."""
        return self.per_device * self.accumulation * self.processes


def plan(global_batch: int, per_device: int, processes: int) -> Batch:
    """Find the accumulation that gives ``global_batch``, which counts records, or rows of them.

    Args:
        global_batch: Records a step, over all processes.
        per_device: Records that a process takes at once.
        processes: Processes of the run.

    Raises:
        ConfigError: There is none; the message lists what would work.
    """
    accumulation, rest = divmod(global_batch, per_device * processes)
    if not rest:
        return Batch(per_device, accumulation, processes)
    if global_batch % processes:
        below = global_batch // processes * processes
        near = " or ".join(str(batch) for batch in (below, below + processes) if batch)
        raise ConfigError(
            f"{global_batch} records a step cannot be shared equally by {processes} processes.\n"
            f"Numbers of processes that work, with the training.per_device_batch for each:\n{_table(global_batch)}\n"
            f"Next step: start one of these numbers, or give up the recipe's batch: training.global_batch {near}."
        )
    raise ConfigError(
        f"{processes} x {per_device} records at once do not add up to {global_batch} a step.\n"
        f"Next step: set training.per_device_batch to one of {_join(divisors(global_batch // processes))}."
    )


def steps(records: int, global_batch: int, epochs: float = 1) -> int:
    """Count the steps that training takes. The last step of an epoch trains what is left over, fewer than ``global_batch``."""
    return math.ceil(epochs * math.ceil(records / global_batch))


def records_after(steps: int, records: int, global_batch: int) -> int:
    """Count the records trained in the first ``steps`` steps, the last step of an epoch being smaller."""
    epochs, rest = divmod(steps, math.ceil(records / global_batch))
    return epochs * records + rest * global_batch


def divisors(number: int) -> list[int]:
    """List the divisors of ``number``, ascending."""
    small = [candidate for candidate in range(1, math.isqrt(number) + 1) if number % candidate == 0]
    return small + [number // candidate for candidate in reversed(small) if candidate * candidate != number]


def _table(global_batch: int) -> str:
    rows = [(size, _join(divisors(global_batch // size))) for size in divisors(global_batch)]
    width = len(str(global_batch))
    return "\n".join(f"  {size:>{width}}: {settings}" for size, settings in rows)


def _join(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
