"""What README says of signatures: they tell an edit that `verify` cannot tell. Runs where requirements-signing.txt is
installed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from builders.__main__ import main
from builders.documents import describe
from builders.schema import SCHEMA
from builders.tree import report
from tests.support.editions import output_file
from tests.support.pairs import CONFIG, build_pairs, numbered, write_pairs
from tests.support.reports import with_config

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("model_signing") is None, reason="requirements-signing.txt is not installed"
    ),
]


def model_signing(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """`python -m model_signing`"""
    command = [sys.executable, "-m", "model_signing", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def make_keys(directory: Path) -> tuple[Path, Path]:
    """A private and a public key, as `openssl` makes them."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    key = ec.generate_private_key(ec.SECP256R1())
    private, public = directory / "dataset.key", directory / "dataset.pub"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public


def edit_an_answer(out: Path) -> str:
    """Puts another answer into a record and makes report and documents anew; returns the path of the file."""
    [shard] = report.load(out).configs[CONFIG].shards
    table = pq.read_table(out / shard.path)
    answers = pa.array(["Something else.", *table.column("output").to_pylist()[1:]])
    index = SCHEMA.get_field_index("output")
    pq.write_table(table.set_column(index, SCHEMA.field(index), answers), out / shard.path, store_schema=False)
    changed = replace(output_file(out, shard.path), rows=shard.rows)
    describe(with_config(report.load(out), CONFIG, shards=(changed,)), out)
    return shard.path


def test_a_signature_tells_an_edit_of_data_report_and_documents_together(tmp_path, capsys):
    write_pairs(tmp_path, numbered(20))
    out, signature = tmp_path / "out", tmp_path / "out.sig"
    build_pairs(tmp_path, out)
    private, public = make_keys(tmp_path)
    signed = model_signing("sign", "key", "--private_key", private, "--signature", signature, out)
    assert signed.returncode == 0, signed.stderr
    check = ("verify", "key", "--public_key", public, "--signature", signature, out)
    build_pairs(tmp_path, out)  # a second build changes nothing
    assert model_signing(*check).returncode == 0

    edited = edit_an_answer(out)

    assert main(["verify", str(out)]) == 0
    done = model_signing(*check)
    assert done.returncode == 1 and "Signature mismatch" in done.stderr and edited in done.stderr


def test_a_signature_in_the_directory_stays_there_and_is_no_stray_file(tmp_path):
    write_pairs(tmp_path, numbered(20))
    out, signature = tmp_path / "out", tmp_path / "out" / "dataset.sig"
    build_pairs(tmp_path, out)
    private, public = make_keys(tmp_path)
    assert model_signing("sign", "key", "--private_key", private, "--signature", signature, out).returncode == 0
    assert main(["verify", str(out)]) == 0
    build_pairs(tmp_path, out)
    assert model_signing("verify", "key", "--public_key", public, "--signature", signature, out).returncode == 0
