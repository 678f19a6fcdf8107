"""What a financing is called is French, on forms, in files and in the description of the API."""

from __future__ import annotations

import re

from flux import financing


def test_every_financing_of_the_rpls_has_a_french_name() -> None:
    """« other financing before 1977 » and « CFF special loans » were read on the form of a unit."""
    names = {code: financing.label_of(code) for code in financing.codes()}
    assert {code: names[code] for code in ("49", "55", "99")} == {
        "49": "autre financement à partir de 1977",
        "55": "prêts spéciaux du Crédit foncier de France (CFF)",
        "99": "autre financement avant 1977",
    }
    english = re.compile(r"\b(other|financing|loans?|before|from|after|special|in)\b")
    assert [name for name in names.values() if english.search(name)] == [], "« PLUS (LLS in DOM) »"
