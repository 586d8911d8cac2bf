"""A corpus's files: found, verified, downloaded; and the one message where that cannot be."""

from __future__ import annotations

import importlib
import io
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock
from rich.console import Console

from builders.commands.terminal import byte_bars
from builders.corpus import RemoteFile
from builders.download import SourceFile, obtain
from builders.errors import BuildError
from tests.download.corpora import corpus, git_blob, sha1_line, sha256
from tests.download.servers import HttpSite, Page, ftp_site

CONTENT = "雀\tsparrow\n".encode() * 1000
OTHER = "鳩\tpigeon\n".encode() * 1000


def error_of(*args: object, **options: object) -> str:
    with pytest.raises(BuildError) as caught:
        obtain(*args, **options)
    return str(caught.value)


class TestLocal:
    """Everything from a directory; the addresses lead nowhere, so a touch of the network would fail."""

    PINNED = RemoteFile("birds.tsv", "http://birds.invalid/birds.tsv", len(CONTENT), sha256(CONTENT))

    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        (tmp_path / "birds").mkdir()
        return tmp_path / "birds" / "birds.tsv"

    @pytest.mark.parametrize(
        ("file", "status"),
        [
            (PINNED, "verified"),
            (replace(PINNED, sha256=None, git_blob=git_blob(CONTENT)), "verified"),
            (replace(PINNED, sha256=None), "unpinned"),
        ],
    )
    def test_a_file_is_compared_with_what_is_known_of_it(self, place: Path, file: RemoteFile, status: str):
        place.write_bytes(CONTENT)
        found = obtain(corpus(file), sources=place.parents[1])
        assert found == (SourceFile("birds.tsv", file.url, place, len(CONTENT), sha256(CONTENT), status),)

    @pytest.mark.parametrize(
        ("file", "content", "reason"),
        [
            (PINNED, OTHER, f"{len(OTHER):,} bytes instead of {len(CONTENT):,} (cut short?)"),
            (PINNED, CONTENT * 2, "24,000 bytes instead of 12,000"),
            (replace(PINNED, size=None), OTHER, f"its sha256 is {sha256(OTHER)} instead of {sha256(CONTENT)}"),
            (
                RemoteFile("birds.tsv", PINNED.url, git_blob=git_blob(CONTENT)),
                OTHER,
                f"its git blob id is {git_blob(OTHER)} instead of {git_blob(CONTENT)}",
            ),
            (RemoteFile("birds.tsv", PINNED.url), b"", "it is empty"),
            (RemoteFile("birds.tsv", PINNED.url), b"<!DOCTYPE html>\n<p>", "it is a web page, not the file itself"),
        ],
    )
    def test_a_changed_file(self, place: Path, file: RemoteFile, content: bytes, reason: str):
        place.write_bytes(content)
        assert error_of(corpus(file), sources=place.parents[1]) == (
            f"birds: 1 of 1 raw file cannot be used.\n"
            f"  birds.tsv: changed: {reason}\n"
            f"    place:  {place}\n"
            f"    source: http://birds.invalid/birds.tsv\n"
            "Next step: Put the file at the place named above, or leave out --sources to have it downloaded. "
            "With --best-effort the build goes on with what there is."
        )
        expected = SourceFile("birds.tsv", file.url, place, len(content), sha256(content), "changed", reason)
        assert obtain(corpus(file), sources=place.parents[1], best_effort=True) == (expected,)

    def test_all_bad_files_are_in_one_message(self, place: Path):
        place.write_bytes(CONTENT)
        manual_download = RemoteFile(
            "b.zip", "http://birds.invalid/b.zip", manual_download="the host refuses; use a web browser"
        )
        (place.parent / "folder").mkdir()
        files = corpus(self.PINNED, manual_download, RemoteFile("folder", "ftp://birds.invalid/folder"))
        assert error_of(files, sources=place.parents[1]) == (
            f"birds: 2 of 3 raw files cannot be used.\n"
            f"  b.zip: missing\n"
            f"    place:  {place.parent}/b.zip\n"
            f"    source: http://birds.invalid/b.zip\n"
            f"    note:   the host refuses; use a web browser\n"
            f"  folder: a directory, not a file\n"
            f"    place:  {place.parent}/folder\n"
            f"    source: ftp://birds.invalid/folder\n"
            "Next step: Put the files at the places named above, or leave out --sources to have them downloaded. "
            "With --best-effort the build goes on with what there is."
        )
        found = obtain(files, sources=place.parents[1], best_effort=True)
        assert [(file.status, file.path, file.reason) for file in found] == [
            ("verified", place, ""),
            ("missing", None, "missing"),
            ("missing", None, "a directory, not a file"),
        ]

    def test_an_optional_file_may_be_absent_but_not_be_another(self, place: Path):
        place.write_bytes(CONTENT)
        index = RemoteFile("index.txt", "http://birds.invalid/index.txt", 3, optional=True)
        assert [file.name for file in obtain(corpus(self.PINNED, index), sources=place.parents[1])] == ["birds.tsv"]
        (place.parent / "index.txt").write_bytes(b"abcd")
        assert "  index.txt: changed: 4 bytes instead of 3\n" in error_of(
            corpus(self.PINNED, index), sources=place.parents[1]
        )

    def test_samples_are_compared_with_nothing(self, place: Path):
        (place.parents[1] / "SAMPLE").touch()
        place.write_bytes(OTHER)
        (found,) = obtain(corpus(self.PINNED), sources=place.parents[1])
        assert (found.status, found.path, found.sha256) == ("sample", place, sha256(OTHER))
        place.unlink()
        assert "  birds.tsv: missing\n" in error_of(corpus(self.PINNED), sources=place.parents[1])

    @pytest.mark.parametrize("date", [None, "20230401"])
    def test_a_dump_is_compared_with_the_checksum_file_beside_it(self, place: Path, date: str | None):
        address = "http://birds.invalid/{date}/birds-{date}-"
        birds = corpus(RemoteFile("birds-{date}.xml", address + ".xml", sha1_list=address + "sha1sums.txt"))
        for day in ("20221101", "20230401"):
            (place.parent / f"birds-{day}.xml").write_bytes(CONTENT)
        (found,) = obtain(birds, sources=place.parents[1], dump_date=date)
        assert (found.name, found.status) == ("birds-20230401.xml", "unpinned")
        assert found.url == "http://birds.invalid/20230401/birds-20230401-.xml"
        list_ = place.parent / "birds-20230401-sha1sums.txt"
        list_.write_bytes(sha1_line(OTHER, "birds-20230401.xml"))
        message = error_of(birds, sources=place.parents[1], dump_date=date)
        assert "  birds-20230401.xml: changed: its sha1 is " in message
        list_.write_bytes(sha1_line(CONTENT, "birds-20230401.xml"))
        assert obtain(birds, sources=place.parents[1], dump_date=date)[0].status == "verified"

    def test_no_dump_at_all(self, place: Path):
        birds = corpus(RemoteFile("birds-{date}.xml", "http://birds.invalid/birds-{date}.xml"))
        message = error_of(birds, sources=place.parents[1])
        assert f"  birds-YYYYMMDD.xml: missing\n    place:  {place.parent}/birds-YYYYMMDD.xml\n" in message

    def test_not_a_date(self, place: Path):
        message = error_of(corpus(self.PINNED), sources=place.parents[1], dump_date="today")
        assert message.startswith('"today" is no date')


class TestNetwork:
    @pytest.fixture
    def cache(self, tmp_path: Path) -> Path:
        return tmp_path / "cache"

    def file(self, site: HttpSite, **more: object) -> RemoteFile:
        return RemoteFile("birds.tsv", f"{site.url}/birds.tsv", len(CONTENT), sha256(CONTENT), **more)

    def test_a_file_is_downloaded_once(self, site: HttpSite, cache: Path):
        site.pages["/birds.tsv"] = Page(CONTENT)
        birds = corpus(self.file(site))
        (found,) = obtain(birds, sources=None, cache=cache)
        url, path = f"{site.url}/birds.tsv", cache / "birds" / "birds.tsv"
        assert found == SourceFile("birds.tsv", url, path, len(CONTENT), sha256(CONTENT), "verified")
        assert found.path.read_bytes() == CONTENT
        assert obtain(birds, sources=None, cache=cache) == (found,)
        assert len(site.requests) == 1
        assert sorted(path.name for path in found.path.parent.iterdir()) == ["birds.tsv", "birds.tsv.lock"]

    def test_a_file_comes_over_ftp(self, tmp_path: Path, cache: Path):
        (tmp_path / "pub").mkdir()
        (tmp_path / "pub" / "birds.tsv").write_bytes(CONTENT)
        with ftp_site(tmp_path) as site:
            (found,) = obtain(corpus(RemoteFile("birds.tsv", f"{site.url}/pub/birds.tsv")), sources=None, cache=cache)
        assert (found.status, found.path.read_bytes()) == ("unpinned", CONTENT)

    @pytest.mark.parametrize("variable", [True, False])
    def test_the_default_cache(self, site: HttpSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: bool):
        site.pages["/birds.tsv"] = Page(CONTENT)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("LJD_CACHE", raising=False)
        if variable:
            monkeypatch.setenv("LJD_CACHE", str(tmp_path / "elsewhere"))
        (found,) = obtain(corpus(self.file(site)), sources=None)
        where = tmp_path / "elsewhere" if variable else tmp_path / ".cache" / "llm-japanese-dataset"
        assert found.path == where / "birds" / "birds.tsv"

    def test_a_file_put_there_by_hand_counts(self, site: HttpSite, cache: Path):
        (cache / "birds").mkdir(parents=True)
        (cache / "birds" / "birds.tsv").write_bytes(CONTENT)
        assert obtain(corpus(self.file(site)), sources=None, cache=cache)[0].status == "verified"
        assert not site.requests

    def test_a_damaged_file_of_the_cache_is_downloaded_again(self, site: HttpSite, cache: Path):
        site.pages["/birds.tsv"] = Page(CONTENT)
        (cache / "birds").mkdir(parents=True)
        (cache / "birds" / "birds.tsv").write_bytes(OTHER)
        (found,) = obtain(corpus(self.file(site)), sources=None, cache=cache)
        assert (found.status, found.path.read_bytes()) == ("verified", CONTENT)

    def test_a_server_that_refuses(self, site: HttpSite, cache: Path):
        site.pages["/birds.tsv"] = Page(CONTENT, [403] * 10)
        birds = corpus(
            self.file(site, manual_download="the host refuses plain downloaders; save it with a web browser")
        )
        assert error_of(birds, sources=None, cache=cache) == (
            f"birds: 1 of 1 raw file cannot be used.\n"
            f"  birds.tsv: not downloaded: the server answers 403 Forbidden\n"
            f"    place:  {cache}/birds/birds.tsv\n"
            f"    source: {site.url}/birds.tsv\n"
            f"    note:   the host refuses plain downloaders; save it with a web browser\n"
            "Next step: Run the same command again later (a download goes on where it stopped), or put the file at the "
            "place named above yourself. With --best-effort the build goes on with what there is."
        )
        (found,) = obtain(birds, sources=None, cache=cache, best_effort=True)
        assert (found.status, found.path) == ("missing", None)
        assert found.reason == "not downloaded: the server answers 403 Forbidden"

    def test_no_network(self, cache: Path):
        files = [RemoteFile(name, f"https://no-such-host.invalid/{name}") for name in ("a.tsv", "b.tsv")]
        message = error_of(corpus(*files), sources=None, cache=cache)
        reason = "not downloaded: the host no-such-host.invalid is not known (no network, or a wrong name)"
        assert message.startswith(f"birds: 2 of 2 raw files cannot be used.\n  a.tsv: {reason}\n")
        assert f"  b.tsv: {reason}\n" in message

    @pytest.mark.parametrize("length", [True, False])
    def test_a_truncated_file(self, site: HttpSite, cache: Path, length: bool):
        site.pages["/birds.tsv"] = Page(CONTENT, ["cut 1000"] * 50, ranges="no", length=length)
        message = error_of(corpus(self.file(site)), sources=None, cache=cache)
        reason = (
            "not downloaded: the connection was cut after 1,000 bytes"
            if length
            else "changed: 1,000 bytes instead of 12,000 (cut short?)"
        )
        assert f"  birds.tsv: {reason}\n" in message

    def test_a_file_that_changed_upstream(self, site: HttpSite, cache: Path):
        site.pages["/birds.tsv"] = Page(OTHER)
        birds = corpus(replace(self.file(site), size=None))
        reason = f"its sha256 is {sha256(OTHER)} instead of {sha256(CONTENT)}"
        assert f"  birds.tsv: changed: {reason}\n" in error_of(birds, sources=None, cache=cache)
        assert len(site.requests) == 1
        assert not list((cache / "birds").glob("birds.tsv.part*")) and not (cache / "birds" / "birds.tsv").exists()
        for _ in range(2):
            (found,) = obtain(birds, sources=None, cache=cache, best_effort=True)
            assert (found.status, found.reason, found.path.read_bytes()) == ("changed", reason, OTHER)
        assert len(site.requests) == 2

    def test_pieces_that_do_not_fit_are_dropped_and_the_file_downloaded_whole(self, site: HttpSite, cache: Path):
        """Two versions of the same length that the server gives the same date."""
        one, two = CONTENT, bytes(reversed(CONTENT))

        class Fixed(Page):
            fields = {"Last-Modified": "Wed, 01 Jan 2020 00:00:00 GMT"}

        site.pages["/birds.tsv"] = Fixed(two, ["cut 5000"])
        site.on_request = lambda _: site.requests and site.pages.update({"/birds.tsv": Fixed(one)})
        (found,) = obtain(corpus(self.file(site)), sources=None, cache=cache)
        assert (found.status, found.path.read_bytes()) == ("verified", CONTENT)
        assert [asked for _, asked, _ in site.requests] == [None, "bytes=5000-", None]

    def test_a_cache_that_cannot_be_written(self, site: HttpSite, cache: Path):
        cache.write_bytes(b"")
        assert error_of(corpus(self.file(site)), sources=None, cache=cache) == (
            f"Downloads cannot be kept in {cache}/birds: Not a directory.\n"
            "Next step: Name a directory that can be written with the environment variable LJD_CACHE."
        )

    def test_a_partial_file_that_cannot_be_written(self, site: HttpSite, cache: Path):
        site.pages["/birds.tsv"] = Page(CONTENT)
        (cache / "birds" / "birds.tsv.part").mkdir(parents=True)
        assert "  birds.tsv: not downloaded: Is a directory\n" in error_of(
            corpus(self.file(site)), sources=None, cache=cache
        )

    def test_two_processes_download_a_file_once(self, site: HttpSite, cache: Path):
        site.pages["/birds.tsv"] = Page(CONTENT)
        site.on_request = lambda _: time.sleep(0.2)
        program = (
            "import pathlib, sys; from builders.download import obtain; from builders.corpus import RemoteFile;"
            "from tests.download.corpora import corpus;"
            "file = RemoteFile('birds.tsv', sys.argv[1], int(sys.argv[3]), sys.argv[4]);"
            "print('ready', flush=True);"
            "print(obtain(corpus(file), sources=None, cache=pathlib.Path(sys.argv[2]))[0].status)"
        )
        command = [sys.executable, "-c", program, f"{site.url}/birds.tsv", cache, str(len(CONTENT)), sha256(CONTENT)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        (cache / "birds").mkdir(parents=True)
        with FileLock(cache / "birds" / "birds.tsv.lock"):
            processes = [
                subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE) for _ in range(2)
            ]
            assert [process.stdout.readline() for process in processes] == ["ready\n"] * 2
        assert [process.communicate(timeout=20)[0] for process in processes] == ["verified\n"] * 2
        assert len(site.requests) == 1

    def test_the_screen_shows_what_comes(self, site: HttpSite, cache: Path):
        site.pages["/birds.tsv"] = Page(CONTENT, [503])
        screen = io.StringIO()
        with byte_bars(Console(file=screen, force_terminal=True, width=120)) as progress:
            progress.start()
            site.on_request = lambda _: progress.refresh()
            obtain(corpus(self.file(site)), sources=None, cache=cache, progress=progress)
            assert not progress.tasks
        assert "birds.tsv: trying again" in screen.getvalue()


class TestDumps:
    @pytest.fixture
    def birds(self, site: HttpSite):
        base = site.url + "/birds/{date}/birds-{date}-"
        pages = RemoteFile("birds-{date}-pages.xml", base + "pages.xml", sha1_list=base + "sha1sums.txt")
        return corpus(pages, replace(pages, name="birds-{date}-index.txt", url=base + "index.txt", optional=True))

    def serve(self, site: HttpSite, date: str, content: bytes = CONTENT, listed: bytes = CONTENT) -> None:
        names = [*(page.split("/")[2] for page in site.pages if page.count("/") == 3), date]
        site.pages["/birds/"] = Page("".join(f'<a href="{name}/">{name}/</a>\n' for name in names).encode())
        site.pages[f"/birds/{date}/birds-{date}-pages.xml"] = Page(content)
        text = sha1_line(listed, f"birds-{date}-pages.xml")
        site.pages[f"/birds/{date}/birds-{date}-sha1sums.txt"] = Page(text)

    def test_the_newest_dump_is_taken_and_stays_the_one(self, site: HttpSite, birds, tmp_path: Path):
        self.serve(site, "20230320")
        self.serve(site, "20230401")
        (found,) = obtain(birds, sources=None, cache=tmp_path)
        assert (found.name, found.status) == ("birds-20230401-pages.xml", "verified")
        self.serve(site, "20230420")
        assert obtain(birds, sources=None, cache=tmp_path) == (found,)
        assert obtain(birds, sources=None, cache=tmp_path, dump_date="latest")[0].name == "birds-20230420-pages.xml"
        assert obtain(birds, sources=None, cache=tmp_path, dump_date="20230320")[0].name == "birds-20230320-pages.xml"

    def test_a_dump_that_is_not_the_one_in_the_checksum_file(self, site: HttpSite, birds, tmp_path: Path):
        self.serve(site, "20230401", listed=OTHER)
        assert "  birds-20230401-pages.xml: changed: its sha1 is " in error_of(birds, sources=None, cache=tmp_path)

    def test_a_dump_without_checksum_file(self, site: HttpSite, birds, tmp_path: Path):
        self.serve(site, "20230401")
        list_url = f"{site.url}/birds/20230401/birds-20230401-sha1sums.txt"
        del site.pages["/birds/20230401/birds-20230401-sha1sums.txt"]
        reason = f"its checksum file {list_url} cannot be had: the server answers 404 Not Found"
        options = {"sources": None, "cache": tmp_path, "dump_date": "20230401"}
        assert f"  birds-20230401-pages.xml: not downloaded: {reason}\n" in error_of(birds, **options)
        (found,) = obtain(birds, **options, best_effort=True)
        assert (found.status, found.reason) == ("unpinned", reason)
        # What lies in the cache is as good as what lies in a local directory.
        assert obtain(birds, **options) == (found,)

    def test_a_checksum_file_that_grew_since_is_asked_for_again(self, site: HttpSite, birds, tmp_path: Path):
        self.serve(site, "20230401")
        (tmp_path / "birds").mkdir()
        (tmp_path / "birds" / "birds-20230401-sha1sums.txt").write_bytes(sha1_line(b"", "birds-20230401-tables.sql"))
        assert obtain(birds, sources=None, cache=tmp_path, dump_date="20230401")[0].status == "verified"

    def test_a_checksum_file_that_does_not_name_the_dump(self, site: HttpSite, birds, tmp_path: Path):
        self.serve(site, "20230401")
        list_page = "/birds/20230401/birds-20230401-sha1sums.txt"
        site.pages[list_page] = Page(b"nothing\n")
        assert (
            f"  birds-20230401-pages.xml: not downloaded: its checksum file {site.url}{list_page} does not name it\n"
        ) in error_of(birds, sources=None, cache=tmp_path, dump_date="20230401")

    def test_best_effort_goes_on_where_no_dump_is_known(self, site: HttpSite, birds, tmp_path: Path):
        assert error_of(birds, sources=None, cache=tmp_path).startswith("birds: the newest dump is not known: ")
        (found,) = obtain(birds, sources=None, cache=tmp_path, best_effort=True)
        assert (found.name, found.status) == ("birds-YYYYMMDD-pages.xml", "missing")
        assert found.reason == "the newest dump is not known"


SOURCES = Path(os.environ.get("LJD_SOURCES", ""))
REAL = {
    ("coursera", "Coursera_En-Ja.zip"): "verified",
    ("jcommonsenseqa", "train-v1.1.json"): "verified",
    ("jcommonsenseqa", "valid-v1.1.json"): "verified",
    ("jsquad", "valid-v1.1.json"): "verified",
    ("jsquad", "train-v1.1.json"): "missing",
    ("jmrd", "valid.json"): "verified",
    ("jmrd", "train.json"): "missing",
    ("tab_delimited", "jpn-eng.zip"): "unpinned",
}


@pytest.mark.skipif("LJD_SOURCES" not in os.environ, reason="LJD_SOURCES is not set: the raw files are not here")
@pytest.mark.parametrize(("corpus_name", "file", "status"), [(*key, status) for key, status in REAL.items()])
def test_the_real_raw_files_are_the_pinned_ones(corpus_name: str, file: str, status: str):
    module = importlib.import_module(f"builders.corpora.{corpus_name}")
    found = obtain(module.CORPUS, sources=SOURCES, best_effort=True)
    assert {source.name: source.status for source in found}[file] == status
