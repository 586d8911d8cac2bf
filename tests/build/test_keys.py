"""A key that comes again is rejected once and for all, in one shard or in several, at the cost of one more look."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from builders.build import keys
from builders.build.keys import REASON, KeyFilter, KeyHashes
from builders.rows import KEY, Rows
from builders.tree.verify import verify
from samples import dumps
from tests.support import wikipedia
from tests.support.pairs import CONFIG, build_pairs, write_pairs

ATTRIBUTION = "CC-BY 2.0 (France) Attribution: tatoeba.org #{} (a) & #{} (b)"


def rows(*names: str, record_type: str = "rows") -> Rows:
    cells = [pa.array(names), pa.array([f"text of {name}" for name in names])]
    return Rows(pa.RecordBatch.from_arrays(cells, [KEY, "text"]), record_type=record_type)


def test_hashes_tell_which_keys_come_again():
    met = KeyHashes()
    for step in (rows("a", "b"), rows("c", "a"), rows("a", record_type="other")):
        met.add(step)
    repeated = keys.repeated_in(met.together())
    assert list(repeated) == ["rows"] and repeated["rows"].size == 1


def test_the_first_row_with_a_key_counts():
    steps = [rows("a", "b"), rows("b", "c", "a")]
    met = KeyHashes()
    for step in steps:
        met.add(step)
    filtered = KeyFilter(keys.repeated_in(met.together()), {})
    used = [filtered.apply(step) for step in steps]
    assert [step.batch.column(KEY).to_pylist() for step in used] == [["a", "b"], ["c"]]
    assert [(row.place, row.reason) for row in used[1].rejected] == [("b", REASON), ("a", REASON)]


def test_hashes_that_several_shards_have():
    shards = []
    for names in (range(500), range(499, 900), range(900, 1000)):
        met = KeyHashes()
        met.add(rows(*map(str, names)))
        shards.append(met.together())
    repeated = keys.repeated_across([*shards, {"other": shards[0]["rows"]}])
    assert repeated == {"rows": keys.hash_texts(pa.array(["499"]))}
    assert keys.repeated_across(shards[1:]) == {}


def test_hashes_come_back_from_the_disk(tmp_path):
    met = KeyHashes()
    met.add(rows("a", "b"))
    keys.save(met.together(), tmp_path / "keys.npz")
    assert keys.load(tmp_path / "keys.npz")["rows"].tolist() == met.together()["rows"].tolist()


def test_ids_that_come_twice_in_a_file(tmp_path):
    pairs = [("Hi.", "やあ。", 1, 2), ("Go.", "行け。", 3, 4), ("Hello.", "こんにちは。", 1, 2)]
    write_pairs(tmp_path, [f"{e}\t{j}\t{ATTRIBUTION.format(a, b)}" for e, j, a, b in pairs])
    out = tmp_path / "out"
    config = build_pairs(tmp_path, out).configs[CONFIG]
    assert (config.rows_read, config.records, config.rejected) == (3, 4, {REASON: 1})
    inputs = pq.read_table(out / config.shards[0].path).column("input").to_pylist()
    assert "やあ。" in inputs and "こんにちは。" not in inputs
    assert verify(out) == []


def test_pages_that_come_twice_in_a_dump_of_several_parts(tmp_path, monkeypatch):
    written_as = dumps.page_element
    monkeypatch.setattr(dumps, "page_element", lambda page, number: written_as(page, number % 25))
    pages = [dumps.Page(f"山{number}", f"'''山{number}'''は高い。") for number in range(30)]
    sources = wikipedia.write_dump(tmp_path / "sources", pages)
    config = build_pairs(sources, tmp_path / "out", [wikipedia.CONFIG]).configs[wikipedia.CONFIG]
    assert len(config.shards) > 1, "the pages that come again are in other parts"
    assert (config.records, config.rejected) == (25, {REASON: 5})
    assert verify(tmp_path / "out") == []
