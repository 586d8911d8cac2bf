"""Writes T15-2020.1.7.xlsx and T23-2020.1.7.xlsx: invented rows in the layout of SNOW T15 and T23.

Run: python samples/easy_japanese/make.py
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from openpyxl import Workbook

HEADER = ("ID", "#日本語(原文)", "#やさしい日本語", "#英語(原文)")

# Ids are numbers; the English is in lower case, with its marks set apart.
T15 = (
    (1, "祖母は裁縫が得意です。", "祖母は服を作ることが上手です。", "my grandmother is good at sewing ."),
    (2, "彼は約束を必ず履行する。", "彼は約束を必ず守る。", "he always keeps his promises ."),
    (3, "昨夜は熟睡できなかった。", "昨日の夜はよく眠れなかった。", "i could n't sleep well last night ."),
    (4, "この薬は食後に服用してください。", "この薬はご飯を食べた後に飲んでください。", "please take this medicine after meals ."),
    (5, "駅まで徒歩で十分です。", "駅まで歩いて十分です。", "it takes ten minutes to walk to the station ."),
    (6, "台風が接近しています。", "台風が近づいています。", "a typhoon is approaching ."),
    (7, "会議は来週に延期された。", "会議は来週になった。", "the meeting was put off until next week ."),
    (8, "父は毎朝新聞を熟読する。", "父は毎朝新聞をよく読む。", "my father reads the newspaper carefully every morning ."),
    (9, "「はい」と彼は即答した。", "「はい」と彼はすぐに答えた。", '" yes , " he answered at once .'),
    (10, "荷物を棚に載せた。", "荷物を棚の上に置いた。", "i put my bag on the shelf ."),
    (11, "その知らせに彼女は落胆した。", "その知らせを聞いて彼女はとても悲しかった。", "she was disappointed at the news ."),
    (12, "弟は擦り傷を負った。", "弟は少しけがをした。", "my little brother got a scratch ."),
    (13, "申込書に氏名を記入してください。", "申し込みの紙に名前を書いてください。", "please fill in your name on the form ."),
    (14, "値がない欄には null と表示される。", "何も入っていない所には null と出る。", "an empty field is shown as null ."),
    (15, "彼の説明は簡潔だった。", "彼の説明は短くて分かりやすかった。", "his explanation was brief ."),
    (16, "この文には英語がありません。", "この文には英語がない。", ""),
    (17, "猫が屋根から飛び降りた。", "猫が屋根から飛んで下りた。", "the cat jumped down from the roof ."),
    (18, "道路が渋滞している。", "道に車が多くて進まない。", "the road is jammed with cars ."),
    (20, "工場は来月から稼働する。", "工場は来月から動く。", "the factory will start running next month ."),
    (21, "彼は遠慮がちに質問した。", "彼は小さい声で質問した。", "he asked a question with hesitation ."),
    (22, "星が瞬いている。", "星が光っている。", "the stars are twinkling ."),
    (23, "図書館は月曜日が休館です。", "図書館は月曜日が休みです。", "the library is closed on mondays ."),
    (24, "雪で電車が立ち往生した。", "雪で電車が動けなくなった。", "the train was stuck in the snow ."),
    (25, "姉は看護師を志望している。", "姉は看護師になりたいと思っている。", "my sister wants to be a nurse ."),
)
# Ids are texts; the fifth column lists proper nouns.
T23 = (
    ("Ab_1", "山田さんは出張で不在です。", "山田さんは仕事で遠くへ行っていて、今いません。", "Mr. Yamada is away on business.", "山田"),
    ("Ab_2", "雨天の場合は中止します。", "雨が降ったらやめます。", "It will be canceled if it rains.", ""),
    ("Ab_3", "彼は頻繁に遅刻する。", "彼はよく遅れる。", "He is often late.", ""),
    ("Ab_4", "京都の紅葉は見事だった。", "京都の赤や黄色の葉はとてもきれいだった。", "The autumn leaves in Kyoto were splendid.", "京都"),
    ("Ac_1", "財布を紛失してしまった。", "財布をなくしてしまった。", "I have lost my wallet.", ""),
    ("Ac_2", "窓を開放しておいてください。", "窓を開けておいてください。", "Please leave the window open.", ""),
    ("Ac_3", "彼女は三か国語を話す。", "彼女は三つの国の言葉を話す。", "She speaks three languages.", ""),
    ("Ac_4", "この文は書き換えられていません。", "", "This sentence has not been rewritten.", ""),
    ("Ae_1", "\"C\"の鍵盤を押してください。", "\"C\"の所を押してください。", 'Press the "C" key.', ""),
    ("Ae_2", "明日は快晴でしょう。", "明日はとてもよい天気でしょう。", "It will be sunny tomorrow.", ""),
    ("Ae_3", "乗車券を拝見します。", "切符を見せてください。", "May I see your ticket?", ""),
)
# The evaluation sheet of T23: the same sentence rewritten by several people. Never read.
EVALUATION = (
    ("#日本語(原文)", "Ab", "Ac", "Ae"),
    ("評価用の文です。", "評価の文です。", "調べるための文です。", "よいかどうかを見る文です。"),
    ("この文を読んではいけません。", "読んではいけない文です。", "この文は読みません。", "ここは使いません。"),
)
# As Excel in Japanese saves a cell: its reading beside the text. It is no part of the text.
READING = ("祖母は裁縫が得意です。", '<rPh sb="3" eb="5"><t>サイホウ</t></rPh><phoneticPr fontId="1"/>')
SAVED = (2020, 1, 7, 0, 0, 0)


def main() -> None:
    """Writes both workbooks beside this file, always with the same bytes."""
    here = Path(__file__).parent
    # Row 20, between ids 18 and 20, is empty.
    rows = [*T15[:18], (None,) * 4, *T15[18:]]
    (here / "T15-2020.1.7.xlsx").write_bytes(workbook({"平易化コーパス": (HEADER, *rows)}))
    sheets = {"平易化コーパス": ((*HEADER, "#固有名詞"), *T23), "評価用": EVALUATION}
    (here / "T23-2020.1.7.xlsx").write_bytes(workbook(sheets))


def workbook(sheets: dict[str, tuple]) -> bytes:
    """An Excel workbook whose bytes depend on its rows only: no times, no compression."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    saved = io.BytesIO()
    book.save(saved)
    fixed = io.BytesIO()
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(fixed, "w") as target:
        for member in source.namelist():
            target.writestr(zipfile.ZipInfo(member, SAVED), finished(member, source.read(member).decode()))
    return fixed.getvalue()


def finished(member: str, xml: str) -> str:
    """One part of the workbook, without the time at which it was saved, and with a reading beside one text."""
    if member == "docProps/core.xml":
        return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2020-01-07T00:00:00Z", xml)
    text, reading = (part.encode("ascii", "xmlcharrefreplace").decode() for part in READING)
    return xml.replace(f"<t>{text}</t>", f"<t>{text}</t>{reading}")


if __name__ == "__main__":
    main()
