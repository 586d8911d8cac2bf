"""The Space: its folder, and its pages in a real Chromium, which reads the records from a loopback Hub."""

from __future__ import annotations

import html
import re
import shutil
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pyarrow.parquet as pq
import pytest
import yaml
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from builders.__main__ import main
from builders.browse.libraries import ARCHIVES
from builders.tree import report
from tests.browse.chromium import NEEDS_CHROMIUM, show
from tests.browse.spaces import NO_NETWORK, REPO, run_space, serve
from tests.browse.test_server import _all_ids

PAGES = ("index.html", "records.html", "records.html?q=月", "rejected.html", "rejected.html?config=jsquad")


def _open(browser, address: str, **arguments: object) -> None:
    browser.get(f"{address}?{urlencode(arguments)}" if arguments else address)
    _whole(browser)


def _whole(browser) -> None:
    """Until the page's script has come to its end."""
    browser.execute_async_script("import('./space.js').finally(arguments[0])")


def _ids(browser) -> list[str]:
    return [link.text for link in browser.find_elements(By.CSS_SELECTOR, "article h2 bdi")]


def _ids_of_all_pages(browser, space, **arguments: object) -> list[str]:
    _open(browser, space.address + "records.html", **arguments)
    ids = _ids(browser)
    while following := browser.find_elements(By.CSS_SELECTOR, "a[rel=next]"):
        _open(browser, following[0].get_attribute("href"))
        ids += _ids(browser)
    return ids


def _text(browser) -> str:
    return browser.find_element(By.ID, "content").text


class TestFolder:
    """What `python -m builders space` writes, and what it leaves alone."""

    def test_every_link_leads_to_a_file_of_the_folder(self, sample_space):
        for page in sample_space.folder.glob("*.html"):
            text = page.read_text(encoding="utf-8")
            links = re.findall(r'(?:href|src|action)="([^"]*)"', text)
            own = {html.unescape(link).partition("?")[0] for link in links if not link.startswith(("http", "#"))}
            assert own and {link for link in own if not (sample_space.folder / link).is_file()} == set(), page.name

    def test_the_card_says_what_the_hub_needs(self, sample_space):
        front = yaml.safe_load((sample_space.folder / "README.md").read_text(encoding="utf-8").split("---")[1])
        assert front["sdk"] == "static" and front["datasets"] == [REPO]
        assert (sample_space.folder / front["app_file"]).is_file() and len(front["short_description"]) <= 60

    def test_it_holds_no_record(self, sample_space, sample_dataset):
        sizes = {path.suffix for path in sample_space.folder.rglob("*") if path.is_file()}
        assert sizes == {".html", ".js", ".json", ".css", ".svg", ".md", ""}  # "" for LICENSE
        text = (sample_space.folder / "records.html").read_text(encoding="utf-8")
        assert "<article" not in text

    def test_it_is_written_over_itself_with_the_same_bytes(self, sample_dataset, libraries, tmp_path):
        out = tmp_path / "space"
        done = [run_space(sample_dataset, out, libraries) for _ in range(2)]
        assert [each.returncode for each in done] == [0, 0]
        assert f"hf upload {REPO}-records {out} --type space" in done[0].stdout
        assert sorted(path.name for path in tmp_path.iterdir()) == ["space"]

    @pytest.mark.parametrize("also", [False, True])
    def test_a_folder_with_other_things_is_left_alone(self, sample_dataset, libraries, tmp_path, also):
        if also:
            assert run_space(sample_dataset, tmp_path, libraries).returncode == 0
        (tmp_path / "thesis.txt").write_text("years of work")
        before = sorted(tmp_path.rglob("*"))
        done = run_space(sample_dataset, tmp_path, libraries)
        assert done.returncode == 1 and "it holds thesis.txt" in done.stderr and "Traceback" not in done.stderr
        assert sorted(tmp_path.rglob("*")) == before and (tmp_path / "thesis.txt").read_text() == "years of work"

    @pytest.mark.parametrize("content", [b"", b"[]", b'{"name": "mine"}'])
    def test_a_folder_with_another_dataset_json_is_left_alone(self, sample_dataset, tmp_path, capsys, content):
        (tmp_path / "dataset.json").write_bytes(content)
        assert main(["space", str(sample_dataset), "--repo", REPO, "--out", str(tmp_path)]) == 1
        assert "it holds dataset.json" in capsys.readouterr().err
        assert [path.read_bytes() for path in tmp_path.iterdir()] == [content]

    def test_a_neighbour_of_a_temporary_name_is_left_alone(self, sample_dataset, libraries, tmp_path):
        (tmp_path / "space.tmp").mkdir()
        (tmp_path / "space.tmp" / "thesis.txt").write_text("years of work")
        assert run_space(sample_dataset, tmp_path / "space", libraries).returncode == 0
        assert (tmp_path / "space.tmp" / "thesis.txt").read_text() == "years of work"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["space", "space.tmp"]

    def test_without_a_network_it_says_where_to_put_the_files(self, sample_dataset, tmp_path):
        proxies = {name: NO_NETWORK for name in ("https_proxy", "HTTPS_PROXY")}
        done = run_space(sample_dataset, tmp_path / "space", tmp_path / "cache", **proxies)
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert str(tmp_path / "cache" / "npm" / ARCHIVES["hyparquet"].name) in done.stderr
        assert not (tmp_path / "space").exists()

    def test_what_is_no_repository(self, sample_dataset, libraries, tmp_path):
        done = run_space(sample_dataset, tmp_path / "space", libraries, repo="no-owner")
        assert done.returncode == 1 and '"no-owner" is no name of a repository' in done.stderr


@pytest.fixture(scope="session")
def sample_space(make_space, sample_dataset):
    """The Space of the sample dataset."""
    return make_space(sample_dataset)


@pytest.fixture(scope="module")
def clean_space(make_space, clean_dataset):
    """The Space of a dataset with a curated edition."""
    return make_space(clean_dataset)


@pytest.fixture(scope="module")
def clean_site(start, clean_dataset):
    """The same dataset behind the server."""
    return start(clean_dataset)


@NEEDS_CHROMIUM
class TestPages:
    """The Space of the sample dataset in the browser."""

    @pytest.mark.parametrize("width", [820, 390])
    @pytest.mark.parametrize("page", PAGES)
    def test_nothing_is_wider_than_the_screen_and_the_console_is_silent(self, browser, sample_space, page, width):
        show(browser, width)
        _open(browser, sample_space.address + page)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        assert browser.get_log("browser") == []

    @pytest.mark.parametrize(
        "selection",
        [
            {"config": "knowledge"},
            {"source": "wordnet"},
            {"source": "alt", "task": "en-ja"},
            {"license": "CC-BY-SA-4.0"},
            {"q": "日本語", "config": "translation"},
            {"q": "THE ", "license": "CC-BY-4.0"},
            {"q": "%"},
            {"column": "output", "least": 40, "most": 90, "config": "knowledge"},
            {"config": "jsquad", "from": 3},
        ],
        ids=str,
    )
    def test_records_are_those_of_the_server_in_the_same_order(self, browser, site, sample_space, selection):
        assert _ids_of_all_pages(browser, sample_space, **selection) == _all_ids(site, **selection)

    def test_a_bar_leads_to_as_many_records_as_it_says(self, browser, sample_space):
        _open(browser, sample_space.address)
        bar = browser.find_elements(By.CSS_SELECTOR, ".histogram a")[-1]
        label, link = bar.get_attribute("aria-label"), bar.get_dom_attribute("href")
        _open(browser, sample_space.address + link)
        assert len(_ids(browser)) == int(re.search(r": ([\d,]+) records", label)[1].replace(",", ""))

    def test_japanese_typed_into_the_search_box_finds_records(self, browser, sample_space):
        show(browser)
        _open(browser, sample_space.address)
        browser.find_element(By.CSS_SELECTOR, "header input[type=search]").send_keys("月", Keys.ENTER)
        WebDriverWait(browser, 60).until(lambda browser: "records.html?q=" in browser.current_url)
        _whole(browser)
        assert {mark.text for mark in browser.find_elements(By.TAG_NAME, "mark")} == {"月"}
        assert browser.find_element(By.NAME, "q").get_attribute("value") == "月"

    def test_a_search_stops_at_its_limit_and_goes_on_when_asked(self, browser, site, sample_space, tmp_path):
        folder = shutil.copytree(sample_space.folder, tmp_path / "space")
        script = (folder / "space.js").read_text(encoding="utf-8")
        assert "const STEP = 64e6;" in script
        (folder / "space.js").write_text(script.replace("const STEP = 64e6;", "const STEP = 1;"), encoding="utf-8")
        with serve(folder) as address:
            _open(browser, address + "records.html", q="月")
            assert browser.find_element(By.CSS_SELECTOR, "a[rel=next]").text == "Search on"
            limited = type(sample_space)(folder, address, sample_space.hub)
            assert _ids_of_all_pages(browser, limited, q="月") == _all_ids(site, q="月")

    def test_a_page_costs_ranges_of_files(self, browser, sample_space):
        sample_space.hub.traffic.clear()
        _open(browser, sample_space.address + "records.html", config="papers")
        asked = list(sample_space.hub.traffic)
        assert {exchange.method for exchange in asked} == {"GET"}  # the Hub's storage answers no preflight
        assert all(re.fullmatch(r"bytes=\d+-\d+", exchange.span) and exchange.status == 206 for exchange in asked)
        assert all("/resolve/v" in exchange.path and "/papers/" in exchange.path for exchange in asked)

    def test_a_record_shows_its_columns_and_where_its_raw_row_is(self, browser, sample_space, sample_dataset):
        config = report.load(sample_dataset).built["translation-alt"]
        record = pq.read_table(sample_dataset / config.shards[0].path).to_pylist()[1]
        _open(browser, sample_space.address + "records.html", config="translation-alt")
        browser.find_elements(By.CSS_SELECTOR, "article h2 a")[1].click()
        WebDriverWait(browser, 60).until(lambda browser: "record.html?" in browser.current_url)
        _whole(browser)
        text = _text(browser)
        assert all(record[name] in text for name in ("instruction", "input", "output", "id"))
        assert record["id"].split(":", 2)[2] in text and config.files[0].name in text
        assert "Raw files are not on the Hub" in text

    def test_a_record_is_found_by_its_id_alone(self, browser, sample_space):
        _open(browser, sample_space.address + "record.html", id="alt:ja-en:SNT.10001.1")
        assert browser.find_element(By.TAG_NAME, "h1").text == "alt:ja-en:SNT.10001.1"

    def test_rejected_rows_by_reason(self, browser, sample_space, sample_dataset):
        config = report.load(sample_dataset).configs["jsquad"]
        reason, count = next(iter(config.rejected.items()))
        _open(browser, sample_space.address + "rejected.html")
        browser.find_element(By.LINK_TEXT, reason).click()
        WebDriverWait(browser, 60).until(lambda browser: "rejected.html?" in browser.current_url)
        _whole(browser)
        reasons = [found.text for found in browser.find_elements(By.CSS_SELECTOR, ".rejected .reason")]
        assert reasons == [reason] * count

    @pytest.mark.parametrize(
        ("page", "words"),
        [
            ("record.html?id=alt:ja-en:nothing", 'No record has the id "alt:ja-en:nothing".'),
            ("record.html", 'No record has the id "".'),
            ("rejected.html?config=<b>x", 'There is no task config "<b>x" in this dataset.'),
            ("records.html?config=no-such", "No record is like that."),
            ("records.html?q=%3Cimg%20src%3Dx%3E", "No record is like that."),
            ("records.html?from=99999999", "No more records"),
        ],
    )
    def test_addresses_that_lead_nowhere(self, browser, sample_space, page, words):
        _open(browser, sample_space.address + page)
        assert words in _text(browser)

    def test_a_dataset_that_is_gone_is_named(self, browser, sample_space):
        store = sample_space.hub.store
        repository = store.find("datasets", REPO)
        branches = dict(repository.branches)
        repository.branches.clear()
        try:
            _open(browser, sample_space.address + "records.html")
            assert f"of {REPO} at v" in _text(browser) and "was this version published?" in _text(browser)
        finally:
            repository.branches.update(branches)


@NEEDS_CHROMIUM
class TestCurated:
    """The Space of a dataset with a curated edition."""

    @pytest.mark.parametrize("selection", [{"edition": "dropped"}, {"rule": "exact-duplicate"}], ids=str)
    def test_records_by_rule_and_edition(self, browser, clean_site, clean_space, selection):
        found = _ids_of_all_pages(browser, clean_space, **selection)
        assert found and found == _all_ids(clean_site, **selection)

    def test_a_duplicate_leads_to_its_representative(self, browser, clean_space):
        _open(browser, clean_space.address + "records.html", rule="exact-duplicate", edition="dropped")
        _open(browser, browser.find_element(By.CSS_SELECTOR, "article h2 a").get_attribute("href"))
        link = browser.find_element(By.XPATH, "//dt[.='duplicate of']/following-sibling::dd[1]/a")
        name = link.text
        _open(browser, link.get_attribute("href"))
        assert browser.find_element(By.TAG_NAME, "h1").text == name

    def test_rules_with_their_numbers(self, browser, clean_space, clean_dataset):
        _open(browser, clean_space.address + "curated.html")
        dropped = report.load(clean_dataset).clean.configs
        assert any("exact-duplicate" in config.hits for config in dropped.values()) and "exact-duplicate" in _text(
            browser
        )


@NEEDS_CHROMIUM
def test_markup_in_a_dataset_is_text(browser, make_space, sample_dataset, tmp_path):
    """A dataset whose records hold markup: the first instruction, input and output of a config are replaced."""
    directory = tmp_path / "dataset"
    shutil.copytree(sample_dataset, directory)
    shard: Path = directory / report.load(directory).built["translation-alt"].shards[0].path
    table = pq.read_table(shard)
    hostile = "<img src=x onerror=document.title='gone'>"
    for place, name in enumerate(table.column_names[:3]):
        table = table.set_column(place, name, [[hostile] * len(table)])
    pq.write_table(table, shard, compression="zstd")
    content = report.load(directory)
    config = content.configs["translation-alt"]
    shards = (type(config.shards[0])(config.shards[0].path, shard.stat().st_size, "0" * 64, len(table)),)
    changed = replace(config, shards=shards)
    report.dump(replace(content, configs={**content.configs, "translation-alt": changed}), directory)
    space = make_space(directory)
    _open(browser, space.address + "records.html", config="translation-alt")
    assert browser.find_element(By.CSS_SELECTOR, "article .instruction").text == hostile
    _open(browser, browser.find_element(By.CSS_SELECTOR, "article h2 a").get_attribute("href"))
    assert hostile in _text(browser) and browser.find_elements(By.CSS_SELECTOR, "main img") == []
