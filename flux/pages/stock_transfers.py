"""What pages say of stock transfers.

* Transfers of programmes, as a page says them.
* The absorption of a landlord by another, as pages, notices and balances say it.
* The page of a transfer of programmes, in words: what passes, what was stated of it, and the answer of each side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from flux.models import StockTransfer, TransferredProgramme
from flux.pages.programmes import stage_name
from flux.pages.story import StoryLine
from flux.queries.programmes import Gone
from flux.queries.stock_transfers import Passed, Passing, Weighed, Whole
from reservations.models import Landlord, Membership
from reservations.pages.pieces import beside, link, pill
from reservations.pages.table import Number, Rows, Shown, Table, Text
from reservations.words import day, integer, near_day, of, plural, to, upper_first

#: So many are named in a refusal; the others are counted.
NAMED = 5


def state_of(transfer: StockTransfer, today: date) -> tuple[str, str]:
    """Where it stands, in words, and the colour of its pill."""
    if transfer.done_at is not None:
        return "faite", "ok"
    if transfer.withdrawn_at is not None:
        return "retirée ou refusée", "no"
    if transfer.accepted_at is None:
        return ("à accepter", "todo") if today <= transfer.takes_effect_on else ("pas acceptée à temps", "late")
    return ("acceptée", "wait") if today <= transfer.takes_effect_on else ("acceptée, empêchée", "late")


def transfers_table(found: Iterable[StockTransfer], member: Membership, today: date) -> Table:
    """One line a transfer, the latest day first."""

    def other(each: StockTransfer) -> str:
        ours = each.giver.organisation_id == member.organisation_id
        return upper_first(to(each.receiver) if ours else of(each.giver))

    def state(each: StockTransfer) -> Text:
        words, pill = state_of(each, today)
        return Text(words, pill=pill)

    return Rows(
        found,
        Shown(
            "Avec",
            lambda each: Text(other(each), hint=each.source, link=reverse("transfer-detail", args=[each.pk])),
        ),
        Shown("État", state),
        Shown("À compter du", lambda each: near_day(each.takes_effect_on)),
        Number("Programmes", lambda each: "tous" if vars(each)["whole"] is not None else vars(each)["count"]),
    ).titled("t-cessions", "Cessions de programmes", "La plus récente d’abord.")


def obstacles(receiver: Landlord, weighed: Weighed) -> list[str]:
    """What stands in the way, with what to do; none when it may be."""
    rows = [
        f"{row.programme} : sa première location n’est pas finie ({stage_name(row.stage)}). Cédez‑le une fois loué, ou "
        "retirez‑le de cette cession."
        for row in weighed.lettings
    ]
    if clash := weighed.references:
        rows.append(
            f"{receiver} a déjà {plural(len(clash), 'cette référence,ces références')} : {_named(clash)}. Changez "
            f"{plural(len(clash), 'la vôtre sur sa fiche,les vôtres sur leurs fiches')}, ou demandez-lui de changer "
            "les siennes."
        )
    if clash := weighed.ids:
        rows.append(
            f"{receiver} a déjà {plural(len(clash), 'ce logement,ces logements')}, par "
            f"{plural(len(clash), 'son identifiant,leurs identifiants')} RPLS : {_named(clash)}. Il les a reçus de son "
            "propre fichier : qu’il y dise leur sortie, ou retirez ce programme."
        )
    rows += [
        f"{right} : ce droit en stock commence le {day(right.starts_on)}. Cédez ces logements à partir du lendemain."
        for right in weighed.later
    ]
    return rows


def _named(found: list[str]) -> str:
    others = len(found) - NAMED
    return ", ".join(found[:NAMED]) + (f" et {others} {plural(others, 'autre,autres')}" if others > 0 else "")


def gone_words(gone: Gone) -> str:
    """« cédé à Aude Logis le 1er mars 2026 », in the lists and on the page of the landlord that gave it."""
    return f"cédé {to(gone.to)} le {day(gone.on)}"


def passed_words(each: Passed) -> str:
    """One sentence a transfer, as the account and the balance of either landlord say it."""
    what = (
        f"Le {day(each.on)}, {integer(each.units)} {plural(each.units, 'logement,logements')} de "
        f"{integer(each.programmes)} {plural(each.programmes, 'programme,programmes')}"
    )
    if each.gave:
        rest = f"{plural(each.units, 'est passé,sont passés')} {to(each.landlord)}"
        return (
            f"{what} {rest} : ce qui s’était libéré avant reste dans ce compte, la suite est dans le sien."
            f"{f' {each.landlord} a absorbé ce bailleur, et repris ce qui restait dû à chacun.' if each.whole else ''}"
        )
    came = f"{plural(each.units, 'est venu,sont venus')} {of(each.landlord)}"
    return (
        f"{what} {came} : ce qui s’y libère depuis est dans ce compte, ce qui s’était libéré avant reste dans le sien."
        f"{' Ce bailleur est absorbé : ce qui y restait dû à chacun est repris dans ce compte.' if each.whole else ''}"
    )


def transferred_words(transfer: StockTransfer, programmes: int, units: int) -> str:
    """What each party receives once it is done: who gave what to whom, and what it changes."""
    return (
        f"{transfer.giver} a cédé {integer(programmes)} {plural(programmes, 'programme,programmes')} "
        f"({integer(units)} {plural(units, 'logement,logements')}) {to(transfer.receiver)} le "
        f"{day(transfer.takes_effect_on)} : les conventions de ce bailleur y valent, les droits en stock suivent."
    )


def proposed_words(transfer: StockTransfer, programmes: int) -> str:
    """What the landlord that receives reads of a proposal."""
    return (
        f"{transfer.giver} vous propose {integer(programmes)} {plural(programmes, 'programme,programmes')} à compter "
        f"du {day(transfer.takes_effect_on)} : lisez ce qui passera, puis acceptez ou refusez (Programmes, Cessions)."
    )


def answered_words(transfer: StockTransfer) -> str:
    """What both read of an acceptance to come, or of a refusal."""
    if transfer.withdrawn_at is not None:
        parties = f"{of(transfer.giver)} {to(transfer.receiver)}"
        return f"La cession {parties} n’aura pas lieu : « {transfer.withdrawn_why} »."
    since = day(transfer.takes_effect_on)
    return f"{transfer.receiver} a accepté les programmes {of(transfer.giver)} à compter du {since}."


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
class WholeWords:
    """What passes beside the stock: each convention with what becomes of it, each holder with what is owed to it."""

    conventions: list[tuple[str, str]]
    balances: list[tuple[str, str, int]]


def whole_words(whole: Whole) -> WholeWords:
    """The same, in words; `balances`: holder, account, millionths."""
    return WholeWords(
        [(str(each.convention), goes_on_words(each)) for each in whole.conventions],
        [
            (str(each.holder), f"{each.ledger.departement}, {each.ledger.exercise}", each.amount)
            for each in whole.balances
        ],
    )


def goes_on_words(each: Passing) -> str:
    """What becomes of one convention."""
    if each.own is None:
        return "continue avec le repreneur, aux mêmes clauses"
    if each.convention.is_order or each.own >= each.convention.ends_on:
        return "prend fin : celle du repreneur, sur le même territoire, vaut"
    return f"celle du repreneur, sur le même territoire, vaut jusqu’au {day(each.own)} ; elle continue le lendemain"


def absorbed_words(transfer: StockTransfer) -> str:
    """What each party receives once it is done."""
    return (
        f"{transfer.receiver} a absorbé {transfer.giver} le {day(transfer.takes_effect_on)}, avec ses programmes, ses "
        "conventions et ses comptes : ce qui restait dû à chacun est repris dans le sien."
    )


def absorption_proposed_words(transfer: StockTransfer) -> str:
    """What the landlord that absorbs reads of a proposal."""
    return (
        f"{transfer.giver} vous propose tout son patrimoine, avec ses conventions et ses comptes, à compter du "
        f"{day(transfer.takes_effect_on)} : lisez ce qui passera, puis acceptez ou refusez (Programmes, Cessions)."
    )


@dataclass(frozen=True, slots=True)
class TransferWords:
    """What the page says to one reader; `is_ours`: it gives; `absorbs`: everything passes; `on_paper`: it records what
    the other side accepted."""

    transfer: StockTransfer
    is_ours: bool
    absorbs: bool
    on_paper: bool

    @property
    def answer(self) -> str:
        """From when, by what, and how it stands."""
        giver, words, kind = self.transfer.giver, *state_of(self.transfer, timezone.localdate())
        since = f"À compter du {day(self.transfer.takes_effect_on)} ({self.transfer.source})."
        whole = f"Tout le patrimoine {of(giver)}, avec ses conventions et ses comptes." if self.absorbs else ""
        return beside(since, whole, pill(upper_first(words), kind))

    @property
    def over(self) -> str:
        """Once nothing is awaited any more."""
        return "Ce qui est passé" if self.transfer.done_at else "Ce qui ne passera pas"

    def programme(self, given: TransferredProgramme) -> str:
        """A programme that is given, to who may open it on its side."""
        opened = given.programme if self.is_ours else given.becomes
        name = link(reverse("programme-detail", args=[opened.pk]), opened) if opened else str(given.programme)
        return format_html("{}, {}", name, given.programme.commune)

    @property
    def story(self) -> Iterator[StoryLine]:
        """Proposed, accepted or withdrawn, done."""
        transfer = self.transfer
        yield _at(transfer.proposed_at, f"Proposée par {transfer.giver}")
        if transfer.accepted_at is not None:
            paper = f", sur papier : {transfer.signer}" if transfer.signer else ""
            yield _at(transfer.accepted_at, f"Acceptée par {transfer.receiver}{paper}")
        if transfer.withdrawn_at is not None:
            yield _at(transfer.withdrawn_at, f"Retirée ou refusée : « {transfer.withdrawn_why} »")
        if transfer.done_at is not None:
            yield _at(transfer.done_at, "Faite")

    @property
    def asks(self) -> str:
        """What the reader has to say."""
        return "Votre proposition" if self.is_ours else "Votre réponse"

    @property
    def accepts(self) -> str:
        """The act of accepting."""
        return "Enregistrer l’acceptation" if self.on_paper else "Accepter cette cession"

    @property
    def refuses(self) -> str:
        """The other act."""
        return "Retirer la proposition" if self.is_ours else "Refuser"


def _at(moment: datetime, words: str) -> StoryLine:
    return StoryLine(timezone.localtime(moment).isoformat(), day(moment), words)
