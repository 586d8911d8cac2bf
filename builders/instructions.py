"""The text of every instruction, in natural Japanese, once and in one place.

Each task has one fixed text; there is no random choice. The comments give the paper's English rendering
(arXiv 2305.12720, section 3). `{column}` stands for a column of the corpus (see `builders.corpus.Template`).
"""

from __future__ import annotations

from builders.corpus import Template

# Please translate the following Japanese into English. / ... English into Japanese.
JA_TO_EN = "次の日本語を英語に翻訳してください。"
EN_TO_JA = "次の英語を日本語に翻訳してください。"
# Please translate the title of the following English paper into Japanese. / ... Japanese paper into English.
TITLE_EN_TO_JA = "次の英語の論文のタイトルを日本語に翻訳してください。"
TITLE_JA_TO_EN = "次の日本語の論文のタイトルを英語に翻訳してください。"
# Please make a title from the abstract of the paper.
TITLE_FROM_ABSTRACT = "次の論文の要旨からタイトルを作成してください。"
TITLE_FROM_ABSTRACT_IN_ENGLISH = "次の論文の要旨から英語のタイトルを作成してください。"
TITLE_FROM_ABSTRACT_IN_JAPANESE = "次の論文の要旨から日本語のタイトルを作成してください。"
# Imagine and write an abstract from the paper's title.
ABSTRACT_FROM_TITLE = "次の論文のタイトルから要旨を想像して書いてください。"
# Please rephrase the following Japanese into easy Japanese.
REPHRASE_EASY = "次の日本語をやさしい日本語に言い換えてください。"
# Please write a title for the following news article.
NEWS_TITLE = "次のニュース記事にタイトルをつけてください。"
# Please explain the input word.
EXPLAIN = "入力された言葉について説明してください。"
# What does "<word>" mean?
WORD_MEANING = "「{word}」とはどういう意味ですか？"
# Tell us about <title>.
MOVIE = "{movie}について教えてください。"
# <year, director, cast>. The summary is as follows: <summary>
ABOUT_MOVIE = "『{title}』は{released}の映画です。監督は{director}、主なキャストは{cast}です。あらすじは次のとおりです。\n{summary}"
# What is the beginning of <author>'s work "<title>"?
OPENING_OF_WORK = "{author}の作品『{title}』の書き出しを教えてください。"
# It begins with "...".
OPENING_OF_WORK_ANSWER = "書き出しは「{opening}」です。"
# Please tell us the author and title of the literary work that begins "...".
WORK_OF_OPENING = "「{opening}」で始まる文学作品の作者と題名を教えてください。"
# "<title>" written by <author>.
WORK_OF_OPENING_ANSWER = "{author}の『{title}』です。"
# About <topic>, <question>
ABOUT_TOPIC = "「{topic}」について、{question}"
# The following Japanese has a mistake; please write it correctly.
CORRECT_TYPO = "次の日本語には誤りがあります。正しく書き直してください。"

KINDS: dict[str, tuple[str, str]] = {
    JA_TO_EN: ("ja", "en"),
    EN_TO_JA: ("en", "ja"),
    TITLE_EN_TO_JA: ("en title", "ja title"),
    TITLE_JA_TO_EN: ("ja title", "en title"),
    TITLE_FROM_ABSTRACT: ("abstract", "title"),
    TITLE_FROM_ABSTRACT_IN_ENGLISH: ("ja abstract", "en title"),
    TITLE_FROM_ABSTRACT_IN_JAPANESE: ("en abstract", "ja title"),
    ABSTRACT_FROM_TITLE: ("title", "abstract"),
    REPHRASE_EASY: ("ja", "ja easy"),
    NEWS_TITLE: ("ja news", "ja title"),
    EXPLAIN: ("any title", "ja lead"),
    ABOUT_TOPIC: ("", "any answer"),
    CORRECT_TYPO: ("ja mistaken", "ja correct"),
}
"""What an instruction asks for: the kind of text that the input holds, and the kind that the output holds.

A kind is that of a column (`builders.corpus.Corpus.columns`), or its last word where both languages are meant; "" is an
input that stays empty."""


def translation(
    japanese: str = "japanese", english: str = "english", record_type: str = "rows", prefix: str = ""
) -> tuple[Template, Template]:
    """The two templates of a pair of sentences: Japanese into English, and back.

    Args:
        japanese, english: the columns.
        record_type: the record type that has them.
        prefix: begins the templates' names, for a corpus with several kinds of pairs (`definition-`).
    """
    return (
        Template(f"{prefix}ja-en", JA_TO_EN, f"{{{japanese}}}", f"{{{english}}}", record_type),
        Template(f"{prefix}en-ja", EN_TO_JA, f"{{{english}}}", f"{{{japanese}}}", record_type),
    )
