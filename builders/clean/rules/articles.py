"""Rules over leads of encyclopedia articles."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from builders.clean.rules.rule import Hits, Kind, Rule, Thresholds

ARTICLES = ("knowledge-wikipedia",)

LIST_TITLE = r"(一覧|のリスト)( ?[(（].*[)）])?$"
LIST_LEAD = r"\A[^。\n]*一覧([（(][^）)]*[）)])?(は|では)[^。\n]*(一覧|列記|列挙)"
POINTS = (
    r"(^|[^基日一])本項(目?)(では|で|に|も|の|は)|本記事|本稿|(この|当)(記事|項目|ページ)|当該項目|後述|前述|後に述べる(?:。|）|\)|$)"
    r"|(を|も|の項|の節)参照((し|さ)(て|れ).{0,3}|のこと)?(。|）|\)|$)|も参照|」を参照|参照のこと|参照されたい"
    r"|別項([^目]|$)|下記の|下記に|上記の|上記に|節(にて|で)(詳|述)|の節を|以下に(一覧|列|示|挙|述|記)"
)


def find_lists(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Articles that are lists: their lead says no more than that."""
    titled = pc.match_substring_regex(records.column("input"), LIST_TITLE)
    return Hits(pc.or_(titled, pc.match_substring_regex(records.column("output"), LIST_LEAD)))


def find_pointers(records: pa.RecordBatch, thresholds: Thresholds) -> Hits:
    """Leads with a sentence that points to another part of the article, or to another article."""
    return Hits(pc.match_substring_regex(records.column("output"), POINTS))


RULES = (
    Rule("list-article", "The article is a list; its lead explains nothing.", Kind.DROP, ARTICLES, find_lists),
    Rule(
        "points-into-article",
        "A sentence points to a part of the article that is not in the record.",
        Kind.DROP,
        ARTICLES,
        find_pointers,
    ),
)
