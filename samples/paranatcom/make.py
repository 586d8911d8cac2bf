"""Writes ParaNatCom-20201127.zip: invented articles in ParaNatCom's layout. Run: python samples/paranatcom/make.py"""

from __future__ import annotations

import zipfile
from pathlib import Path

FOLDER = "ParaNatCom-20201127"
XML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2019//EN" "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_190101.dtd">
<PubmedArticleSet><PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{pmid}</PMID>
<Article PubModel="Electronic"><Journal><Title>Invented communications</Title></Journal>
<ArticleTitle>{title}</ArticleTitle>
{doi}<Abstract>{abstract}</Abstract>
</Article></MedlineCitation></PubmedArticle></PubmedArticleSet>
"""
# Name, title and parts of the abstract as XML, Japanese versions as title and abstract.
ARTICLES = (
    (
        "10001",
        "Moonlight synchronizes the flowering of <i>Silene nocturna</i>.",
        (
            "Many plants flower at dusk. Here we show that a coastal herb opens its flowers only under a full moon. The response needs a light receptor that is sensitive to 0.3&#160;lux.",
        ),
        (
            (
                "月光がSilene nocturnaの開花を同期させる",
                "多くの植物は夕暮れに開花する。本研究では、ある海岸性の草本が満月の下でのみ花を開くことを示す。この応答には0.3ルクスの光を感じる受容体が必要である。",
            ),
            (
                "月の光によるSilene nocturnaの開花の同調",
                "夕暮れに花を咲かせる植物は多い。我々は、海岸に生えるある草が、満月のときにだけ開花することを明らかにした。この反応には、0.3ルクスに感度をもつ光受容体が要る。",
            ),
            (
                "月明かりがSilene nocturnaの開花時期をそろえる",
                "植物の多くは日暮れに開花するが、ここでは満月の夜だけに花を開く海辺の草を報告する。",
            ),
        ),
    ),
    (
        "10002",
        "A soft robot that folds CO<sub>2</sub> sensors into paper.",
        (
            "Sensors are often rigid. We print a CO<sub>2</sub> sensor on paper and fold it into a robot that walks.",
            "The robot finds leaks in a greenhouse within <b>five</b> minutes.",
        ),
        (
            (
                "CO2センサーを紙に折り込む柔らかいロボット",
                "センサーは硬いものが多い。我々はCO2センサーを紙に印刷し、それを折って歩くロボットにした。\nこのロボットは温室内の漏れを5分以内に見つける。",
            ),
            (
                "紙にCO2センサーを折り込んだソフトロボット",
                "一般にセンサーは硬い。本稿では、紙に印刷したCO2センサーを折りたたみ、歩行するロボットを作る。",
            ),
        ),
    ),
    (
        "10003",
        "Why ice on ponds sings",
        (
            "Thin ice makes a falling whistle when a stone skips over it. We explain the sound by the dispersion of bending waves: high tones travel faster than low ones.",
        ),
        (
            (
                "池の氷が歌う理由",
                "薄い氷の上を石が跳ねると、高い音から低い音へと下がる口笛のような音がする。我々はこの音を、たわみ波の分散によって説明する。高い音は低い音よりも速く伝わるのである。",
            ),
        ),
    ),
    (
        "10004",
        "Deep-sea sponges remember pressure",
        (
            "Sponges have no nerves. In tanks at 200 bar, we found that a deep-sea sponge closes its pores faster the second time the pressure falls.",
        ),
        (
            (
                "深海の海綿は圧力を記憶する",
                "海綿には神経がない。200気圧の水槽で調べたところ、深海の海綿は、圧力が2度目に下がったときにはより速く孔を閉じることがわかった。",
            ),
            (
                "圧力を覚える深海海綿",
                "神経をもたない海綿が、圧力の低下を経験すると、次の低下に対してより速やかに孔を閉じることを見いだした。",
            ),
        ),
    ),
    (
        "10005",
        "Bread crumbs as a model of porous rock",
        (
            "Water moves through rock along connected pores. We image the crumb of bread with X-rays &amp; show that the same law holds.",
        ),
        (
            (
                "多孔質岩石のモデルとしてのパンの内部構造",
                "水は岩石のつながった孔を通って移動する。我々はパンの内部をX線で撮影し、同じ法則が成り立つことを示す。",
            ),
        ),
    ),
    (
        "10006",
        "Crows share the price of a nut",
        (
            "Crows learn how high to drop a nut by watching others. In a city park, naive birds needed half as many trials after they had seen a skilled neighbour.",
        ),
        (
            (
                "カラスは木の実の「値段」を共有する",
                "カラスは他の個体を見て、木の実をどの高さから落とせばよいかを学ぶ。都市公園では、熟練した隣人を見た鳥は、半分の試行回数で学習した。",
            ),
            (
                "木の実を割る高さを教え合うカラス",
                "カラスは、他者の観察によって木の実を落とす高さを学習する。経験のない個体が必要とした試行は半数で済んだ。",
            ),
        ),
    ),
    (
        "10007",
        "A battery that charges from morning dew",
        (
            "Dew releases heat when it forms. We build a thin film that turns this heat into current. On a clear night, one square metre lights a small lamp for an hour.",
        ),
        (
            (
                "朝露で充電する電池",
                "露は生じるときに熱を放出する。我々はこの熱を電流に変える薄膜を作った。晴れた夜には、1平方メートルで小さなランプを1時間灯すことができる。",
            ),
        ),
    ),
    (
        "10008",
        "Old maps reveal lost wetlands",
        (
            "Wetlands vanish faster than they are mapped. From 412 hand-drawn maps, we rebuild the wetlands of one river basin in 1890.",
        ),
        (
            (
                "古地図が明らかにする失われた湿地",
                "湿地は、地図に記されるよりも速く失われていく。我々は412枚の手描きの地図から、ある流域の1890年の湿地を復元した。",
            ),
            (
                "古い地図からわかる消えた湿地",
                "412枚の手書き地図を用いて、一つの河川流域における1890年の湿地の姿を再現した。",
            ),
        ),
    ),
    (
        "10009",
        "Children hear rhythm before words",
        (
            "Infants tap to a beat long before they speak. Recordings from 60 homes show that early rhythm predicts later vocabulary.",
        ),
        (
            (
                "子供は言葉より先にリズムを聞き取る",
                "乳児は話し始めるよりもずっと前に拍に合わせて体を動かす。60の家庭での録音から、早期のリズムがのちの語彙を予測することが示された。",
            ),
        ),
    ),
    # no DOI; no Japanese version
    (
        "10010",
        "Notes on a quiet volcano",
        ("The volcano has been silent for a century. We listen to it with optical fibre.",),
        (),
    ),
    # no abstract
    ("10011", "Correction", (), (("訂正", "本論文の図2に誤りがあった。"),)),
    # a version that is only a title
    (
        "10012",
        "Spiders sail on still air",
        ("Spiders fly on threads even without wind. Electric fields in the air lift them.",),
        (("クモは静かな空気の中を飛ぶ", ""),),
    ),
)


def members() -> dict[str, bytes]:
    """Content by member name; the last three are broken."""
    content = {}
    for name, title, parts, versions in ARTICLES:
        abstract = "".join(f"<AbstractText>{part}</AbstractText>" for part in parts)
        doi = (
            "" if name == "10010" else f'<ELocationID EIdType="doi" ValidYN="Y">10.0000/invented-{name}</ELocationID>\n'
        )
        content[f"articles/{name}.xml"] = XML.format(pmid=name, title=title, doi=doi, abstract=abstract).encode()
        for number, (japanese, text) in enumerate(versions, 1):
            content[f"abstracts-ja-{number}/{name}.txt"] = f"{japanese}\n\n{text}\n".encode()
    content["articles/10013.xml"] = content["articles/10003.xml"][:400]
    content["abstracts-ja-1/10013.txt"] = "途中で切れた論文\n\n本文はない。\n".encode()
    content["abstracts-ja-2/10003.txt"] = "氷の歌\n\n薄い氷は歌う。\n".encode("shift_jis")
    return content


if __name__ == "__main__":
    with zipfile.ZipFile(Path(__file__).parent / f"{FOLDER}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members().items():
            info = zipfile.ZipInfo(f"{FOLDER}/{name}", (2020, 11, 27, 0, 0, 0))
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
