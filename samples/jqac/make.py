"""Writes jqac20180625.tgz: invented questions in the layout of JQAC. Run: python samples/jqac/make.py"""

from __future__ import annotations

import csv
import gzip
import io
import tarfile
from pathlib import Path

HEADER = (
    "Theme (Category)", "Topic (Title)", "Question (What, Who, Where, Whose, How, Yes/No)", "Answer",
    "Difficulty (by Author)", "Difficulty (by Answerer)", "URL (Original Content)",
)
# Topic, question, answer.
CULTURE = (
    ("紙芝居", "紙芝居で絵を見せながら話す人を、何という?", "演じ手"),
    ("紙芝居", "紙芝居は屋内でしか演じられない。", "NO"),
    ("紙芝居", "絵は何に入れて見せる？", "木の枠"),
    ("月の港 (童話)", "舞台はどこですか？", "海の上の、小さな港"),
    ("月の港 (童話)", "主人公の灯台守の名前は？", "ノア"),
    ("月の港 (童話)", "灯台守の口ぐせは\"灯は消すな\"ですか？", "はい"),
    ("月の港 (童話)", "灯台守は、次のうちどれを持っていますか？\n・ランプ\n・望遠鏡", "ランプ"),
    ("月の港 (童話)", "灯台守は、次のうちどれを持っていますか？\n・ランプ\n・望遠鏡", "望遠鏡"),
    ("Paper Moon Band", "Paper Moon Bandは何人で活動しているか", "4人"),
    ("Paper Moon Band", " 最初の曲の題名は？ ", "Blue Kite"),
    ("Paper Moon Band", "作曲を担当するのは誰か？", "null"),
    ("折り紙", "折り鶴を折るには、正方形の紙が要る。", "YES"),
    ("折り紙", "答えのない質問は？", ""),
    ("折り紙", "", "質問のない答え"),
    ("", "題目のない質問は？", "ある"),
)
SCIENCE = (
    ("虹", "虹の外側は何色ですか？", "赤"),
    ("虹", "虹は太陽と同じ方向に見えますか？", "いいえ"),
    ("虹", "副虹の色の並びは、主虹とどう違いますか？", "逆になる"),
    ("風見鶏", "風見鶏はどちらを向きますか？", "風上"),
    ("風見鶏", "風見鶏の動く部分の重さは何gですか？", "1,200g"),
    ("潮の満ち引き", "満潮は一日におよそ何回ありますか？", "2"),
    ("潮の満ち引き", "潮の満ち引きの主な原因は何ですか？", "月の引力"),
    ("潮の満ち引き", "大潮はいつ起こりますか？", "新月"),
    ("潮の満ち引き", "大潮はいつ起こりますか？", "満月"),
    ("振り子", "振り子の等時性を見つけたとされるのは誰ですか？", "ガリレオ・ガリレイ"),
)
SYLLABUS = (("測量の基礎", "測量の基礎の単位数は？", "2"),)
# Rows that are no rows of this table, as they stand in the file.
BROKEN = '学問,虹,"主虹"は何度に見えますか？,42度,1,,\r\n学問,虹,列の足りない質問は？\r\n'


def table(theme: str, rows: tuple[tuple[str, str, str], ...], padding: int = 0, mark: str = "") -> bytes:
    """A member: the header, the rows, and rows without any text as a spreadsheet leaves them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows((theme, *row, "2", "", f"https://ja.wikipedia.org/wiki/{row[0]}") for row in rows)
    return (mark + text.getvalue() + ",,,,,,\r\n" * padding).encode()


MEMBERS = {
    "jqac/._Culture.csv": b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X",
    "jqac/Culture.csv": table("文化", CULTURE, padding=12),
    "jqac/Natural Science.csv": table("学問", SCIENCE, mark="\ufeff") + BROKEN.encode(),
    "jqac/River University Syllabus.csv": table("シラバス", SYLLABUS, padding=3),
    "README.html": b"<html></html>\n",
}


def archive() -> bytes:
    """The tar archive with its members."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in MEMBERS.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


if __name__ == "__main__":
    (Path(__file__).parent / "jqac20180625.tgz").write_bytes(gzip.compress(archive(), mtime=0))
