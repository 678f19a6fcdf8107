"""A text is searched by its words: accents, case and punctuation do not matter, and an index of trigrams answers."""

from __future__ import annotations

from django.db.models import Func, Q, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Lower

#: Letters that French names carry, and the plain ones that `search_key` makes of them, both cases: the embedded
#: database folds the case of plain letters only.
ACCENTED = "àâäçéèêëîïôöùûüÿÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸ"
PLAIN = "aaaceeeeiioouuuyaaaceeeeiioouuuy"

#: What stands between the words of a name or of an address.
BETWEEN = "-'’.,;:/()="

#: Letters of a word that an index of trigrams finds anywhere.
SHORTEST = 3


class Folded(Func):
    """A text as `search_key` writes it, in the database."""

    function = "TRANSLATE"
    output_field = TextField()

    def __init__(self, text: Combinable) -> None:
        super().__init__(text, Value(ACCENTED + BETWEEN), Value(PLAIN + " " * len(BETWEEN)))


def folded(column: str) -> Lower:
    """The expression under which this column is searched, and indexed."""
    return Lower(Folded(Cast(column, TextField())))


def holds(column: str, word: str) -> Q:
    """Condition « this text holds that word », both folded. A word of one or two letters is looked for where words
    begin, in the whole of France as in one stock: in the middle of others it would state nothing, and no index finds
    it.
    """
    if len(word) >= SHORTEST:
        return Q(**{f"{column}__contains": word})
    return Q(**{f"{column}__startswith": word}) | Q(**{f"{column}__contains": f" {word}"})


def near(column: str, word: str) -> Q:
    """Condition « a word of this text comes near that one »: a letter too many, too few, or another. By the index of
    `holds`."""
    return Q(**{f"{column}__trigram_word_similar": word})
