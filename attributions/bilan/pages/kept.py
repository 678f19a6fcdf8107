"""From when the accounts of a balance are kept here, on its pages and in what is sealed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flux.models import Ledger
from flux.pages.opening import kept_words
from flux.pages.stock_transfer import passed_words
from flux.queries.opening import Kept
from flux.queries.stock_transfer import passed_in
from reservations.models import Territory


def kept_lines(found: Collection[tuple[Territory, Kept]]) -> list[str]:
    """A sentence an account, which names its département where there are several."""
    return [f"{f'{place} : ' if len(found) > 1 else ''}{kept_words(kept)}" for place, kept in found]


def passed_lines(ledgers: Collection[Ledger]) -> list[str]:
    """A sentence for each time that programmes passed from a landlord to another, in the accounts of a balance."""
    passed = passed_in(ledgers)
    return [words for ledger in ledgers for words in passed_words(ledger, passed.get(ledger.pk, ()))]


def kept_of(content: Mapping[str, Any]) -> str:
    """The same from a version that was sent; "" when its account was kept here from its first day, or before versions
    said it."""
    told = content.get("kept_here")
    return kept_words(Kept.of_json(told)) if told else ""
