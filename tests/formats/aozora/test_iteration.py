"""What a mark of repetition repeats is written out."""

from __future__ import annotations

import pytest

from builders.formats.aozora.iteration import written_out


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("私はいろ／＼と", "私はいろいろと"),
        ("とき／″＼", "ときどき"),
        ("それ／″＼の", "それぞれの"),
        ("だん／″＼と", "だんだんと"),
        ("のところ／″＼", "のところどころ"),
        ("「まあ／＼、", "「まあまあ、"),
        ("、うつら／＼と", "、うつらうつらと"),
        ("、あはれ／＼", "、あはれあはれ"),
        ("息も絶え／″＼に", "息も絶え絶えに"),
        ("を見る／＼うちに", "を見る見るうちに"),
        ("繰返し／＼", "繰返し繰返し"),
        ("その日／＼を", "その日その日を"),
        ("も馬鹿／＼しい", "も馬鹿馬鹿しい"),
        ("胸がドキ／＼した", "胸がドキドキした"),
        ("胸がドキドキ／＼した", "胸がドキドキドキドキした"),
        ("のしょぼ／＼した", "のしょぼしょぼした"),
        ("かはる／″＼", "かはるがはる"),
        ("いろ／＼の、さま／″＼な", "いろいろの、さまざまな"),
        ("／＼", ""),
        ("川／海", "川／海"),
    ],
)
def test_what_is_repeated(line, text):
    assert written_out(line) == text
