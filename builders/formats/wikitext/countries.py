"""How the Japanese Wikipedia names countries by the code of a template (`{{JPN}}`), beside their flags."""

from __future__ import annotations

COUNTRIES: dict[str, str] = {
    "ARG": "アルゼンチン", "AUS": "オーストラリア", "AUT": "オーストリア", "BEL": "ベルギー", "BRA": "ブラジル", "BUL": "ブルガリア",
    "CAN": "カナダ", "CHE": "スイス", "CHI": "チリ", "CHL": "チリ", "CHN": "中国", "COL": "コロンビア", "CRO": "クロアチア",
    "CUB": "キューバ", "CZE": "チェコ", "DEN": "デンマーク", "DEU": "ドイツ", "DNK": "デンマーク", "EGY": "エジプト",
    "ESP": "スペイン", "EST": "エストニア", "FIN": "フィンランド", "FRA": "フランス", "GBR": "イギリス", "GER": "ドイツ",
    "GRC": "ギリシャ", "GRE": "ギリシャ", "HKG": "香港", "HUN": "ハンガリー", "IDN": "インドネシア", "INA": "インドネシア",
    "IND": "インド", "IRL": "アイルランド", "IRN": "イラン", "IRQ": "イラク", "ISL": "アイスランド", "ISR": "イスラエル",
    "ITA": "イタリア", "JAM": "ジャマイカ", "JPN": "日本", "KEN": "ケニア", "KOR": "韓国", "LTU": "リトアニア",
    "LVA": "ラトビア", "MEX": "メキシコ", "MAS": "マレーシア", "MYS": "マレーシア", "MNG": "モンゴル国", "NED": "オランダ",
    "NLD": "オランダ", "NOR": "ノルウェー", "NZL": "ニュージーランド", "PER": "ペルー", "PHI": "フィリピン", "PHL": "フィリピン",
    "POL": "ポーランド", "POR": "ポルトガル", "PRK": "北朝鮮", "PRT": "ポルトガル", "ROU": "ルーマニア", "RSA": "南アフリカ共和国",
    "RUS": "ロシア", "SGP": "シンガポール", "SRB": "セルビア", "SUI": "スイス", "SVK": "スロバキア", "SVN": "スロベニア",
    "SWE": "スウェーデン", "THA": "タイ", "TPE": "チャイニーズタイペイ", "TUR": "トルコ", "TWN": "台湾", "UKR": "ウクライナ",
    "USA": "アメリカ合衆国", "VEN": "ベネズエラ", "VIE": "ベトナム", "VNM": "ベトナム", "ZAF": "南アフリカ共和国",
}  # fmt: skip
"""Country by its code of ISO 3166-1 or of the Olympic Committee; as the names of templates, in capital letters."""
