"""Which dump is meant."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from builders.corpus import RemoteFile
from builders.download.dates import check, fill, newest_in, newest_on_server
from builders.errors import BuildError
from tests.download.corpora import corpus, sha1_line
from tests.download.servers import HttpSite, Page

PAGES = RemoteFile("birds-{date}-pages.xml", "http://h/{date}/pages.xml", sha1_list="http://h/{date}/s-{date}")
INDEX = RemoteFile("birds-{date}-index.txt", "http://h/{date}/birds-{date}-index.txt", optional=True)
LINKS = RemoteFile("birds-{date}-links.txt", "http://h/{date}/birds-{date}-links.txt")


def test_a_date_fills_name_address_and_checksum_file():
    assert fill(PAGES, "20230401") == RemoteFile(
        "birds-20230401-pages.xml", "http://h/20230401/pages.xml", sha1_list="http://h/20230401/s-20230401"
    )


@pytest.mark.parametrize("date", ["20230401", "latest"])
def test_a_date_of_a_dump(date: str):
    assert check(date) == date


@pytest.mark.parametrize("date", ["2023-04-01", "newest", "", "202304011", "../../x"])
def test_not_a_date_of_a_dump(date: str):
    with pytest.raises(BuildError) as caught:
        check(date)
    assert str(caught.value) == (
        f'"{date}" is no date of a dump.\nNext step: Write it as in the dump\'s name: 20230401, or latest.'
    )


@pytest.mark.parametrize(
    ("names", "newest"),
    [
        ([], None),
        (["notes.txt", "birds-20230401-index.txt", "xbirds-20230401-pages.xml", "birds-20230401-pages.xml.part"], None),
        (["birds-20230401-pages.xml", "birds-20221101-pages.xml"], "20230401"),
        (["birds-20230401-pages.xml", "birds-20221101-pages.xml", "birds-20221101-links.txt"], "20221101"),
        (["birds-20230401-pages.xml", "birds-20221101-links.txt"], "20230401"),
        (["birds-20230401-pages.xml", "birds-latest-pages.xml"], "20230401"),
    ],
)
def test_the_newest_complete_dump_of_a_directory(tmp_path: Path, names: list[str], newest: str | None):
    for name in names:
        (tmp_path / name).touch()
    assert newest_in(tmp_path, [PAGES, INDEX, LINKS]) == newest


def test_a_dump_under_another_of_its_names_counts(tmp_path: Path):
    either = replace(PAGES, url="http://h/{date}/birds-{date}-pages.xml", alternatives=("birds-{date}-all.xml",))
    assert fill(either, "20230401").versions()[1] == RemoteFile(
        "birds-20230401-all.xml", "http://h/20230401/birds-20230401-all.xml", sha1_list="http://h/20230401/s-20230401"
    )
    (tmp_path / "birds-20230401-all.xml").touch()
    assert newest_in(tmp_path, [either, INDEX]) == "20230401"
    (tmp_path / "birds-20230501-pages.xml").touch()
    assert newest_in(tmp_path, [either, INDEX]) == "20230501"


def test_a_directory_that_is_not_there_has_no_dump(tmp_path: Path):
    assert newest_in(tmp_path / "absent", [PAGES]) is None


def test_a_dump_that_is_named_latest_counts_where_it_may(tmp_path: Path):
    (tmp_path / "birds-20230401-pages.xml").touch()
    (tmp_path / "birds-latest-pages.xml").touch()
    assert newest_in(tmp_path, [PAGES], latest=True) == "latest"


class TestOnServer:
    """The layout of https://dumps.wikimedia.org/jawiki/."""

    def file(self, site: HttpSite, name: str = "pages.xml", **more: object) -> RemoteFile:
        base = site.url + "/birds/{date}/birds-{date}-"
        return RemoteFile("birds-{date}-" + name, base + name, sha1_list=base + "sha1sums.txt", **more)

    def listing(self, *dates: str) -> Page:
        links = "".join(f'<a href="{date}/">{date}/</a>  01-May-2023 10:00  -\n' for date in [*dates, "latest"])
        return Page(f"<html><body><pre>{links}</pre></body></html>".encode())

    def test_the_newest_dump_that_is_finished(self, site: HttpSite, tmp_path: Path):
        site.pages["/birds/"] = self.listing("20230301", "20230320", "20230401", "20230420")
        for date, names in {"20230301": ["pages.xml"], "20230320": ["pages.xml"], "20230401": ["other.sql"]}.items():
            text = b"".join(sha1_line(b"", f"birds-{date}-{name}") for name in names)
            site.pages[f"/birds/{date}/birds-{date}-sha1sums.txt"] = Page(text)
        files = [self.file(site), self.file(site, "index.txt", optional=True)]
        assert newest_on_server(corpus(*files), tmp_path) == "20230320"

    def test_no_dump_is_finished(self, site: HttpSite, tmp_path: Path):
        site.pages["/birds/"] = self.listing("20230401")
        with pytest.raises(BuildError) as caught:
            newest_on_server(corpus(self.file(site)), tmp_path)
        assert str(caught.value) == (
            f"birds: the newest dump is not known: {site.url}/birds/ lists no finished dump.\n"
            f"Next step: Name a dump with --dump-date YYYYMMDD, put one into {tmp_path}, "
            "or run the same command again later."
        )

    def test_no_listing(self, site: HttpSite, tmp_path: Path):
        with pytest.raises(BuildError) as caught:
            newest_on_server(corpus(self.file(site)), tmp_path)
        assert caught.value.problem == (
            f"birds: the newest dump is not known: {site.url}/birds/: the server answers 404 Not Found."
        )

    def test_a_busy_server_is_not_taken_for_an_unfinished_dump(self, site: HttpSite, tmp_path: Path):
        site.pages["/birds/"] = self.listing("20230401")
        site.pages["/birds/20230401/birds-20230401-sha1sums.txt"] = Page(b"", [503] * 5)
        with pytest.raises(BuildError, match="the server answers 503 Service Unavailable"):
            newest_on_server(corpus(self.file(site)), tmp_path)
