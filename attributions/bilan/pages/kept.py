"""From when the accounts of a balance are kept here, and which programmes passed from a landlord to another: on its
pages, and in what is sealed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flux.pages.account_words import delegated_words, order_words
from flux.pages.opening import kept_words
from flux.pages.stock_transfer import passed_words
from flux.queries.delegated import Delegated
from flux.queries.opening import Kept
from flux.queries.ordered import Ordered
from flux.queries.stock_transfer import Passed
from reservations.models import Territory


def kept_lines(found: Collection[tuple[Territory, Kept]]) -> list[str]:
    """A sentence an account, which names its département where there are several."""
    return [f"{f'{place} : ' if len(found) > 1 else ''}{kept_words(kept)}" for place, kept in found]


def passed_lines(found: Collection[tuple[Territory, Passed]]) -> list[str]:
    """A sentence for each time that programmes passed, which names its département where there are several."""
    several = len({place.pk for place, _ in found}) > 1
    return [f"{f'{place} : ' if several else ''}{passed_words(each)}" for place, each in found]


def kept_of(content: Mapping[str, Any]) -> list[str]:
    """These from a version that was sent, with the préfet's orders that stood for a convention and what delegates
    propose for; nothing when its account was kept here from its first day and nothing passed, or before versions said
    it."""
    told = content.get("kept_here")
    kept = [kept_words(Kept.of_json(told))] if told else []
    passed = [passed_words(Passed.of_json(each)) for each in content.get("passed", ())]
    orders = order_words(Ordered.of_json(each) for each in content.get("orders", ()))
    delegated = delegated_words(Delegated.of_json(each) for each in content.get("delegated", ()))
    return [*kept, *passed, *orders, *delegated]
