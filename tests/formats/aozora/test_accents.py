"""Letters with accents, written as letter and mark inside 〔 〕."""

from __future__ import annotations

import pytest

from builders.formats.aozora.accents import accented


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("〔cafe'〕へ", "caféへ"),
        ("〔a` la carte〕", "à la carte"),
        ("〔ga^teau〕〔nai:f〕〔franc,ais〕〔man~ana〕", "gâteaunaïffrançaismañana"),
        ("〔smo/rrebro/d A&rhus Stras&e ae&on oe&uvre〕", "smørrebrød Århus Straße æon œuvre"),
        ("〔To_kyo_〕", "Tōkyō"),
        ("〔Ce n'est qu'un re^ve〕", "Ce n'est qu'un rêve"),
        ("〔Nota: cafe'〕", "Nota: café"),
        ("〔春の帽子を〕", "〔春の帽子を〕"),
        ("〔Paris〕", "〔Paris〕"),
        ("cafe' 〔", "cafe' 〔"),
    ],
)
def test_letters_with_accents(line, text):
    assert accented(line) == text
