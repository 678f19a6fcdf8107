"""The absorption of a landlord by another, as pages, notices and balances say it."""

from __future__ import annotations

from dataclasses import dataclass

from flux.models import StockTransfer
from flux.queries.absorption import Passing, Whole
from reservations.models import Landlord
from reservations.words import day, of, to


def why_words(receiver: Landlord) -> str:
    """Why its conventions end, in their history."""
    return f"Absorption par {receiver} (Code de commerce, L236-3)."


def other_words(each: StockTransfer) -> str:
    """Another transfer stands in the way of the whole."""
    return (
        f"Une autre cession, {of(each.giver)} {to(each.receiver)} à compter du {day(each.takes_effect_on)}, "
        "n’est pas finie : attendez ce jour, ou retirez-la."
    )


@dataclass(frozen=True, slots=True)
class WholeSaid:
    """What passes beside the stock: each convention with what becomes of it, each holder with what is owed to it."""

    conventions: list[tuple[str, str]]
    balances: list[tuple[str, str, int]]


def whole_said(whole: Whole) -> WholeSaid:
    """The same, in words; `balances`: holder, account, millionths."""
    return WholeSaid(
        [(str(each.convention), goes_on_words(each)) for each in whole.conventions],
        [
            (str(each.holder), f"{each.ledger.departement}, {each.ledger.exercise}", each.amount)
            for each in whole.balances
        ],
    )


def goes_on_words(each: Passing) -> str:
    """What becomes of one convention."""
    if each.ours is None:
        return "continue avec le repreneur, aux mêmes clauses"
    return "prend fin : celle du repreneur, sur le même territoire, vaut"


def absorbed_words(transfer: StockTransfer) -> str:
    """What each party is told once it is done."""
    return (
        f"{transfer.receiver} a absorbé {transfer.giver} le {day(transfer.takes_effect_on)}, avec ses programmes, ses "
        "conventions et ses comptes : ce qui restait dû à chacun est repris dans le sien."
    )


def absorption_proposed_words(transfer: StockTransfer) -> str:
    """What the landlord that absorbs is told of a proposal."""
    return (
        f"{transfer.giver} vous propose tout son patrimoine, avec ses conventions et ses comptes, à compter du "
        f"{day(transfer.takes_effect_on)} : lisez ce qui passera, puis acceptez ou refusez (Programmes, Cessions)."
    )
