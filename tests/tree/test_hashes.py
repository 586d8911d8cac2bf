"""Equal records have equal numbers, however Arrow holds their texts; others have others."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from builders.tree.hashes import distinct, hash_records

PLAIN = pa.RecordBatch.from_pydict({"instruction": ["問", "問"], "input": ["a", "b"], "output": ["b", "a"]})


def test_a_constant_instruction_counts_as_its_text():
    encoded = PLAIN.set_column(0, "instruction", PLAIN.column(0).dictionary_encode())

    assert hash_records(PLAIN).tolist() == hash_records(encoded).tolist()


def test_columns_do_not_swap_places():
    one, other = hash_records(PLAIN)

    assert one != other


@pytest.mark.parametrize(
    ("values", "expected"), [([], []), ([7], [7]), ([3, 1, 3, 2, 1], [1, 2, 3]), ([2**64 - 1, 0], [0, 2**64 - 1])]
)
def test_each_value_comes_once(values, expected):
    assert distinct(np.array(values, np.uint64)).tolist() == expected
