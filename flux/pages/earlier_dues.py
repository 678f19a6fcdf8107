"""What precedes the signature of a convention, in words: before it is signed, on its page, in the accounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from flux.models import Ledger, SettledDue
from flux.words import counted, units
from reservations.models import Convention, ReservationHolder
from reservations.words import day, integer, of, plural

Dues = Convention.EarlierDues

#: An account, then what it would have owed one holder: the holder, how much, of how many units, from when to when.
type Owed = tuple[Ledger, ReservationHolder, int, int, date, date]


def before_signing(convention: Convention, found: Sequence[Owed]) -> str:
    """What is read before signing, where the first day is past: what would have been due, and what becomes of it."""
    if not found:
        return (
            f"La convention prend effet le {day(convention.starts_on)} : aucun logement entré dans le flux depuis ne "
            "lui aurait rien donné, rien n’est à régler."
        )
    then = {
        Dues.SETTLED: "Si la dernière signature est donnée aujourd’hui, ce sera dû en une écriture du compte, prise "
        "sur la part non réservée.",
        Dues.LEFT: "La convention dit que rien n’en est dû ; les logements qui suivent une signature donnée sur papier "
        "seront dus, même enregistrée plus tard.",
        "": "La convention ne dit pas ce qu’il devient : il faut l’écrire avant de signer. Signée sur papier ce "
        "jour-là au plus tard, elle le doit.",
    }[convention.earlier_dues]
    return f"{would_owe(convention, found)} {then}"


def once_signed(convention: Convention, rows: Iterable[SettledDue]) -> str:
    """What precedes its signature, as soon as it binds, where its first day is past."""
    if settled := settled_on_page(rows):
        return settled
    if convention.earlier_dues == Dues.LEFT:
        return "Comme elle le dit, rien n’est dû des logements entrés dans le flux avant sa signature."
    return "Aucun logement entré dans le flux depuis son premier jour ne reste à régler."


def would_owe(convention: Convention, found: Sequence[Owed]) -> str:
    """The figure, and what it is made of."""
    told = " ; ".join(
        f"{holder}, {units(amount)} pour {_entered(number, since, until)} ({ledger})"
        for ledger, holder, amount, number, since, until in found
    )
    total = units(sum(amount for _, _, amount, *_ in found))
    what = "L’arrêté" if convention.is_order else "La convention"
    return f"{what} prend effet le {day(convention.starts_on)}. Ce qui aurait été dû : {total} ({told})."


def settled_on_page(rows: Iterable[SettledDue]) -> str:
    """What was settled, on the page of the convention; "" where nothing was."""
    told = [
        f"{row.entry.holder}, {counted(row.entry.quantity)} pour {_entered(row.units, row.since, row.until)}, "
        f"le {day(row.entry.on)} ({row.entry.ledger})"
        for row in rows
    ]
    return f"Réglé d’avant la signature : {' ; '.join(told)}." if told else ""


def settled_in_account(row: SettledDue) -> str:
    """One sentence a settlement, on the page of an account."""
    holder = str(row.entry.holder)
    return (
        f"Le {day(row.entry.on)}, le dû {of(holder)} est augmenté de {counted(row.entry.quantity)} en une écriture, "
        f"prise sur la part non réservée : {settled_line(row)}."
    )


def settled_line(row: SettledDue) -> str:
    """What an entry settles, after its heading on a statement."""
    convention = row.convention
    done = "enregistré" if convention.is_order else f"signée le {day(convention.signed_on or row.entry.on)}"
    return f"{_entered(row.units, row.since, row.until)}, avant la signature ({convention}, {done})"


def _entered(number: int, since: date, until: date) -> str:
    days = f"le {day(since)}" if since == until else f"du {day(since)} au {day(until)}"
    return f"{integer(number)} {plural(number, 'logement entré,logements entrés')} dans le flux {days}"
