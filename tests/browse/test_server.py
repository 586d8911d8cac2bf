"""Every address over real HTTP: what it shows, and what it says to what it does not have."""

from __future__ import annotations

import html
import re
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest

from builders import catalogue
from builders.browse.records import PAGE
from builders.tree import report

CARD = re.compile(r'<article class="record">\s*<h2><a href="(/record\?id=[^"]+)"><bdi>([^<]+)</bdi>')
HEADING = re.compile(r"<h1[^>]*>([\d,]+) ")


def _records(directory):
    for config in report.load(directory).built.values():
        for shard in config.shards:
            yield from pq.read_table(directory / shard.path).to_pylist()


def _ids(answer) -> list[str]:
    assert answer.status == 200, answer.text
    return [html.unescape(name) for _, name in CARD.findall(answer.text)]


def _all_ids(site, **arguments) -> list[str]:
    """Follows "Next records" to the end."""
    ids, path = [], None
    while True:
        answer = site.get(path) if path else site.get("/records", **arguments)
        ids += _ids(answer)
        following = re.search(r'<a href="([^"]+)" rel="next">', answer.text)
        if following is None:
            return ids
        path = html.unescape(following[1])


def test_the_overview_counts_every_config(site, sample_dataset):
    text = site.get("/").text
    built = report.load(sample_dataset).built
    assert HEADING.search(text)[1] == f"{sum(config.records for config in built.values()):,}"
    for name, config in built.items():
        row = re.search(rf'<a href="/records\?config={name}">{name}</a></th>(.*?)</tr>', text, re.DOTALL)[1]
        assert f">{config.records:,}<" in row and f">{config.corpus}<" in row and f">{config.license}<" in row
    assert "Invented sample data" in text


@pytest.mark.slow
def test_every_link_of_the_first_page_leads_somewhere(site):
    links = {html.unescape(link) for link in re.findall(r'(?:href|src)="(/[^"]*)"', site.get("/").text)}
    assert len(links) > 80
    assert {link: status for link in links if (status := site.get(link).status) != 200} == {}


def test_all_records_come_once_and_in_order(site, sample_dataset):
    assert _all_ids(site) == [record["id"] for record in _records(sample_dataset)]


@pytest.mark.parametrize(
    "selection",
    [
        {"config": "jsquad"},
        {"config": "translation"},
        {"source": "wordnet"},
        {"task": "ja-en"},
        {"license": "CC-BY-SA-4.0", "config": "knowledge"},
    ],
    ids=str,
)
def test_selections_by_what_files_say(site, sample_dataset, selection):
    members = catalogue.CONFIGS[selection.get("config", "extended")]
    built = report.load(sample_dataset).built
    origins = {(built[name].corpus, task) for name in members if name in built for task in built[name].templates}
    wanted = [
        record["id"]
        for record in _records(sample_dataset)
        if (record["source"], record["task"]) in origins
        and all(record[name] == value for name, value in selection.items() if name != "config")
    ]
    assert wanted and _all_ids(site, **selection) == wanted
    assert HEADING.search(site.get("/records", **selection).text)[1] == f"{len(wanted):,}"


@pytest.mark.parametrize(
    "wanted",
    [
        *("月", "日本語", "THE", "%", "'", "\n"),
        *(pytest.param(text, marks=pytest.mark.slow) for text in ("the ", "_", '"', "\\", "。\n", "🎉", "' OR 1=1 --")),
    ],
)
def test_search_is_for_the_text_as_it_is(site, sample_dataset, wanted):
    found = [
        record["id"]
        for record in _records(sample_dataset)
        if any(wanted.lower() in record[name].lower() for name in ("instruction", "input", "output"))
    ]
    assert _all_ids(site, q=wanted) == found
    counted = site.get("/count", q=wanted, fragment=1).text
    assert HEADING.search(counted)[1] == f"{len(found):,}" and "<html" not in counted


def test_what_was_searched_for_is_marked_and_in_sight(site):
    page = site.get("/records", q="月").text
    cards = re.findall(r'<article class="record">.*?</article>', page, re.DOTALL)
    assert cards and all("<mark>月</mark>" in card for card in cards)
    assert 'lang="ja">' in page and 'lang="en">' in page


def test_a_bar_of_a_histogram_leads_to_as_many_records_as_it_says(site):
    page = site.get("/records", config="papers").text
    bars = re.findall(r'<a href="([^"]+)" aria-label="[^"]*: ([\d,]+) records">', page)
    assert len(bars) > 5
    for link, count in bars:
        address = html.unescape(link).replace("/records", "/count")
        assert HEADING.search(site.get(address).text)[1] == count, link


def test_every_record_of_the_sample_has_its_page_and_its_raw_row(site, sample_dataset):
    seen = set()
    for record in _records(sample_dataset):
        if (record["source"], record["task"]) in seen:
            continue
        seen.add((record["source"], record["task"]))
        page, row = site.get("/record", id=record["id"]), site.get("/raw", id=record["id"], fragment=1)
        assert (
            page.status == 200
            and html.escape(record["output"]).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page.text
        ), record["id"]
        key = record["id"].split(":", 2)[2]
        assert row.status == 200 and re.search(rf">{re.escape(html.escape(key))}</dd>", row.text), record["id"]
    assert len(seen) > 25


def test_a_record_shows_the_others_of_its_row(site):
    page = site.get("/record", id="alt:ja-en:SNT.10001.1").text
    assert "Made from the same raw row" in page and "alt:en-ja:SNT.10001.1" in page


@pytest.mark.slow
def test_without_raw_files_a_record_says_how_to_give_them(start, sample_dataset):
    site = start(sample_dataset)
    assert "--sources DIR" in site.get("/record", id="alt:ja-en:SNT.10001.1").text
    assert site.get("/raw", id="alt:ja-en:SNT.10001.1").status == 404


@pytest.mark.slow
def test_raw_files_that_are_missing_are_named(start, sample_dataset, tmp_path):
    site = start(sample_dataset, "--sources", str(tmp_path))
    answer = site.get("/raw", id="alt:ja-en:SNT.10001.1")
    assert answer.status == 400 and "alt" in answer.text and str(tmp_path) in answer.text


def test_rejected_rows_by_reason(site, sample_dataset):
    reasons = site.get("/rejected").text
    for name, config in report.load(sample_dataset).configs.items():
        for reason, count in config.rejected.items():
            link = f"/rejected?config={name}&amp;reason={quote(reason, safe='').replace('%20', '+')}"
            assert link in reasons
            page = site.get(html.unescape(link)).text
            assert page.count('<article class="record rejected">') == count, (name, reason)


def test_a_random_place_is_in_the_selection(site):
    answer = site.get("/somewhere", config="papers")
    assert answer.status == 302
    path = re.sub(r"^https?://[^/]+", "", answer.headers["Location"])
    assert path.startswith("/records?config=papers&from=") and len(_ids(site.get(path))) == PAGE


class TestCurated:
    """Marks beside the data, in a directory whose name holds what DuckDB and SQL take for their own."""

    @pytest.mark.slow
    def test_rules_with_their_numbers(self, curated, sample_dataset):
        page = curated.get("/curated").text
        shards = sum(
            (shard.rows or 0) > 1 for config in report.load(sample_dataset).built.values() for shard in config.shards
        )
        assert re.findall(r'<a href="/records\?rule=([^"]+)">', page) == ["exact-duplicate", "notes-out"]
        assert page.count(f'<td class="number">{shards:,}</td>') == 3

    @pytest.mark.slow
    def test_records_by_rule_and_edition(self, curated, sample_dataset):
        built = report.load(sample_dataset).built.values()
        second = [
            pq.read_table(sample_dataset / shard.path).column("id")[1].as_py()
            for config in built
            for shard in config.shards
            if (shard.rows or 0) > 1
        ]
        assert _all_ids(curated, rule="notes-out") == second == _all_ids(curated, edition="dropped")
        assert _all_ids(curated, rule="no-such-rule") == []
        everything = [record["id"] for record in _records(sample_dataset)]
        assert _all_ids(curated, edition="kept") == [name for name in everything if name not in second]
        jesc = [name for name in second if name.startswith("jesc:")]
        assert jesc and _all_ids(curated, rule="exact-duplicate", source="jesc", column="output", least=1) == jesc

    @pytest.mark.slow
    def test_a_duplicate_leads_to_its_representative(self, curated):
        dropped = _ids(curated.get("/records", config="translation-jesc", edition="dropped"))[0]
        page = curated.get("/record", id=dropped).text
        link = html.unescape(re.search(r'duplicate of</dt><dd><a href="([^"]+)"', page)[1])
        assert curated.get(link).status == 200
        assert "&lt;b&gt;前&lt;/b&gt;" in page and "0.250" in page

    def test_a_dataset_without_marks(self, site):
        assert "/curated" not in site.get("/").text and site.get("/curated").status == 404
        assert _all_ids(site, edition="dropped") == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/records?config=no-such", 400),
        ("/records?source=..%2F..%2Fetc", 400),
        ("/records?task='%20OR%201=1", 400),
        ("/records?license=<script>", 400),
        ("/records?column=id)%20OR%20(1=1", 400),
        ("/records?edition=both", 400),
        ("/records?from=-1", 400),
        ("/records?from=1e9", 400),
        ("/records?from=" + "9" * 5000, 400),
        ("/records?from=%EF%BC%91", 400),
        ("/records?least=x&column=input", 400),
        ("/records?from=999999999999999999", 200),
        ("/records?column=output&least=999999999999999999", 200),
        ("/records?column=output&least=9&most=3", 200),
        ("/records?q=%00", 200),
        ("/records?q=%FF%FE", 200),
        ("/records?q=" + "%E3%81%82" * 3000, 200),
        ("/record", 404),
        ("/record?id=", 404),
        ("/record?id=a:b", 404),
        ("/record?id=alt:ja-en:%27%20OR%201=1--", 404),
        ("/record?id=../../etc/passwd", 404),
        ("/raw?id=alt:ja-en:nothing", 404),
        ("/rejected?config=..%2F..%2Fetc%2Fpasswd", 404),
        ("/rejected?config=all", 404),
        ("/rejected?config=jsquad&reason=%27%22%25", 200),
        ("/rejected?config=jsquad&from=999999999999999999", 200),
        ("/rejected?config=jsquad&from=x", 400),
        ("/static/..%2Fserver.py", 404),
        ("/static/../server.py", 404),
        ("/static/%2e%2e/server.py", 404),
        ("/static//etc/passwd", 404),
        ("/no-such-page", 404),
    ],
)
def test_hostile_addresses(site, path, status):
    answer = site.get(path)
    assert answer.status == status, answer.text
    assert "Traceback" not in answer.text and "<script>" not in answer.text and "root:" not in answer.text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "[::1]", "0.0.0.0"])
def test_another_host_is_refused(site, host):
    answer = site.get("/", host=host)
    assert answer.status == 400 and "records" not in answer.text.partition("<main")[2]


def test_this_host_by_its_names(site):
    assert site.get("/", host="localhost:1").status == site.get("/", host="127.0.0.1").status == 200


@pytest.mark.parametrize("path", ["/", "/records", "/no-such-page", "/static/browse.css"])
def test_headers_of_every_answer(site, path):
    headers = site.get(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'; script-src 'self'")
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_but_reading(site, method):
    assert site.get("/", method=method).status == 405


def test_it_listens_on_loopback_only(site):
    port = int(site.address.rsplit(":", 1)[1].strip("/"))
    with socket.socket() as other, pytest.raises(OSError):
        other.settimeout(2)
        other.connect(("127.0.0.2", port))


def test_nothing_is_written(site, sample_dataset):
    before = {path: path.stat().st_mtime_ns for path in sample_dataset.rglob("*")}
    for path in ("/", "/records?q=月", "/rejected", "/count?q=a"):
        site.get(quote(path, safe="/?=&"))
    assert {path: path.stat().st_mtime_ns for path in sample_dataset.rglob("*")} == before


@pytest.mark.slow
def test_a_dataset_without_records(start, tmp_path, sample_dataset):
    content = report.load(sample_dataset)
    report.dump(replace(content, configs={}, documents={}), tmp_path)
    site = start(tmp_path)
    for path in ("/", "/records", "/records?q=a", "/count?q=a", "/rejected", "/record?id=a:b:c"):
        assert site.get(path).status == (404 if "id=" in path else 200), path
    assert site.get("/somewhere").status == 302


@pytest.mark.slow
def test_a_file_that_is_gone_or_damaged_is_named(start, tmp_path, sample_dataset):
    directory = tmp_path / "dataset"
    shutil.copytree(sample_dataset, directory)
    site, first = start(directory), next(iter(report.load(directory).built.values())).shards[0].path
    (directory / first).write_bytes(b"PAR1 damaged")
    answer = site.get("/records")
    assert answer.status == 500 and first in answer.text and "python -m builders verify" in answer.text
    rejected = directory / report.load(directory).configs["jsquad"].rejected_rows.path
    rejected.write_text('{"place":')
    assert site.get("/rejected?config=jsquad").status == 400 and site.get("/").status == 200


@pytest.mark.slow
def test_ctrl_c_ends_it(start, sample_dataset):
    site = start(sample_dataset)
    assert site.get("/").status == 200
    site.process.send_signal(signal.SIGINT)
    out, errors = site.process.communicate(timeout=30)
    assert site.process.returncode == 0 and out == "Ended.\n" and errors == ""


@pytest.mark.slow
def test_a_port_in_use_is_an_error_with_a_next_step(site, sample_dataset):
    port = site.address.rsplit(":", 1)[1].strip("/")
    command = [sys.executable, "-m", "builders", "browse", str(sample_dataset), "--port", port]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (
        done.returncode == 1 and f"Port {port} of 127.0.0.1 cannot be used" in done.stderr and "--port" in done.stderr
    )


@pytest.mark.slow
@pytest.mark.parametrize("port", ["-1", "65536", "x", "１"])
def test_a_port_that_is_none(port, sample_dataset):
    command = [sys.executable, "-m", "builders", "browse", str(sample_dataset), "--port", port]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and "must be a number from 0 to 65535" in done.stderr
