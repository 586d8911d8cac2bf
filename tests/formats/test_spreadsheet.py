"""Excel workbooks: columns by name, sheets by position, cells as text."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from builders.errors import FormatError
from builders.formats import spreadsheet
from builders.formats.spreadsheet import read_sheet

COLUMNS = {"id": "ID", "text": "#日本語(原文)"}


def saved(directory: Path, *sheets: list[list]) -> Path:
    book = Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"表{number}")
        for row in rows:
            sheet.append(row)
    path = directory / "raw.xlsx"
    book.save(path)
    return path


def rows_of(path: Path, **options) -> list[dict]:
    return [row for batch in read_sheet(path, COLUMNS, **options) for row in batch.to_pylist()]


def test_columns_are_found_by_name_wherever_they_are(tmp_path):
    path = saved(tmp_path, [["メモ", " #日本語(原文) ", "ID"], ["x", "雨", 1], ["y", "雪", "Ab_2"]])
    assert rows_of(path) == [{"id": "1", "text": "雨", "row": 2}, {"id": "Ab_2", "text": "雪", "row": 3}]


def test_numbers_empty_cells_and_empty_rows(tmp_path):
    path = saved(tmp_path, [list(COLUMNS.values()), [1, 100], [2.5, None], [None, None], [4, "null"]])
    assert rows_of(path) == [
        {"id": "1", "text": "100", "row": 2},
        {"id": "2.5", "text": "", "row": 3},
        {"id": "4", "text": "null", "row": 5},
    ]


# What a workbook can hold: XML has no other control characters, and a line end is a line feed there.
CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1)


@settings(max_examples=30)
@given(cells=st.lists(CELLS, min_size=1))
def test_any_text_is_read_back(tmp_path_factory, cells):
    rows = [[f"n{number}", cell] for number, cell in enumerate(cells)]
    path = tmp_path_factory.getbasetemp() / "raw.xlsx"
    book = Workbook()
    for row, values in enumerate([list(COLUMNS.values()), *rows], 1):
        for column, value in enumerate(values, 1):
            book.active.cell(row, column, value).data_type = "s"  # also where it looks like a formula
    book.save(path)
    assert [row["text"] for row in rows_of(path)] == cells


def test_a_reading_beside_the_text_is_no_text(tmp_path):
    """In the table of shared strings, where Excel keeps it."""
    path = saved(tmp_path, [list(COLUMNS.values()), [1, "裁縫"]])
    string = '<si><t>裁縫</t><rPh sb="0" eb="2"><t>サイホウ</t></rPh><phoneticPr fontId="1"/></si>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    shared = tmp_path / "shared.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(shared, "w") as target:
        for member in source.namelist():
            xml = source.read(member).decode()
            if member == "xl/worksheets/sheet1.xml":
                inline = "裁縫".encode("ascii", "xmlcharrefreplace").decode()
                before = xml
                xml = xml.replace(f't="inlineStr"><is><t>{inline}</t></is>', 't="s"><v>0</v>')
                assert xml != before
            if member == "xl/_rels/workbook.xml.rels":
                part = f'<Relationship Id="shared" Type="{relations}/sharedStrings" Target="sharedStrings.xml"/>'
                xml = xml.replace("</Relationships>", f"{part}</Relationships>")
            target.writestr(member, xml)
        target.writestr("xl/sharedStrings.xml", f'<sst xmlns="{main}" count="1" uniqueCount="1">{string}</sst>')
    assert rows_of(shared) == [{"id": "1", "text": "裁縫", "row": 2}]


def test_batches_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(spreadsheet, "BATCH", 2)
    path = saved(tmp_path, [list(COLUMNS.values()), *([n, "雨"] for n in range(5))])
    assert [batch.num_rows for batch in read_sheet(path, COLUMNS)] == [2, 2, 1]


def test_another_sheet_is_read_only_when_asked_for(tmp_path):
    path = saved(tmp_path, [list(COLUMNS.values()), [1, "雨"]], [list(COLUMNS.values()), [2, "雪"]])
    assert [row["text"] for row in rows_of(path)] == ["雨"]
    assert [row["text"] for row in rows_of(path, sheet=1)] == ["雪"]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            ["ID", "日本語", None, "英語"],
            'raw.xlsx, sheet "表1", row 1: no column is named "#日本語(原文)"; the columns are: ID, 日本語, 英語',
        ),
        (
            ["ID", "#日本語(原文)", "ID"],
            'raw.xlsx, sheet "表1", row 1: two columns are named "ID"; the columns are: ID, #日本語(原文), ID',
        ),
        (["", ""], 'raw.xlsx, sheet "表1", row 1: no column is named "ID"; the columns are: none'),
    ],
)
def test_a_sheet_without_the_expected_columns_names_those_it_has(tmp_path, header, message):
    with pytest.raises(FormatError) as error:
        rows_of(saved(tmp_path, [header, [1, "雨", "rain"]]))
    assert str(error.value) == message


def test_a_sheet_that_is_not_there(tmp_path):
    with pytest.raises(FormatError) as error:
        rows_of(saved(tmp_path, [["ID"]]), sheet=1)
    assert str(error.value) == "raw.xlsx: has no sheet number 2; it has: 表1"


def test_an_empty_sheet(tmp_path):
    with pytest.raises(FormatError) as error:
        rows_of(saved(tmp_path, []))
    assert str(error.value) == 'raw.xlsx, sheet "表1": the sheet is empty'


def test_a_file_cut_short_or_of_another_kind(tmp_path):
    path = saved(tmp_path, [list(COLUMNS.values()), [1, "雨"]])
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"ID,text\n1,rain\n", b""):
        path.write_bytes(content)
        with pytest.raises(FormatError) as error:
            rows_of(path)
        assert str(error.value) == ("raw.xlsx: damaged or cut short (zip: File is not a zip file)")


def test_a_damaged_sheet_inside_the_workbook(tmp_path):
    path = saved(tmp_path, [list(COLUMNS.values()), *([n, f"雨の日{n}"] for n in range(500))])
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("xl/worksheets/sheet1.xml")
    middle = entry.header_offset + 60 + entry.compress_size // 2
    raw[middle : middle + 8] = bytes(8)
    path.write_bytes(raw)
    with pytest.raises(FormatError, match=r"^raw\.xlsx: damaged or cut short \(zip: "):
        rows_of(path)


def test_batches_are_bounded_by_their_text_too(tmp_path, monkeypatch):
    monkeypatch.setattr(spreadsheet, "CHARACTERS", 10)
    path = saved(tmp_path, [list(COLUMNS.values()), *([number, "雨が降る"] for number in range(5))])
    assert [batch.num_rows for batch in read_sheet(path, COLUMNS)] == [2, 2, 1]
