"""What pages say of candidacies.

* The page of one candidate, in words: what its reader may do, why it ended, what its instruction corrected.
* Who read or took away named files, as the journal states it.
* Cancelling a declared vacancy, or declaring it again otherwise: what it changes, in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html

from attributions.households.models import AccessRecord, Proposal, ProposalEnd
from flux.models import Routing, StockAssignment, Vacancy
from flux.pages.story import StoryLine
from flux.pages.units import headline
from flux.queries.first_letting import TakenBack
from flux.words import gap
from reservations.models import HistoryEntry
from reservations.pages.pieces import UNKNOWN, Choices, below, beside, bold, link, muted, pill
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import day, hour, integer, plural, to, towards, upper_first

Status = Proposal.Status

#: A candidate, once one may ask for its offers and its lease.
FOLLOWED = (*Proposal.KEPT, Status.HOUSED)


@dataclass(frozen=True, slots=True)
class CandidateReader:
    """Who reads a candidate: who prepared it and `may_edit` it, its landlord (`instructs`), who may take it back once
    it was sent (`may_withdraw`)."""

    may_edit: bool
    instructs: bool
    may_withdraw: bool


def candidate_ways(proposal: Proposal, reader: CandidateReader) -> Iterator[str]:
    """What the reader may do of a candidate as it stands, a line each."""
    pk, letting = proposal.pk, reverse("letting", args=[proposal.vacancy_id])
    if reader.may_edit:
        edit = link(reverse("proposal-edit", args=[pk]), "Modifier", css="btn")
        yield beside(edit, link(reverse("proposal-remove", args=[pk]), "Retirer", css="btn"))
    if reader.instructs and proposal.status_now in (Status.SENT, Status.READY):
        words = "Vérifier de nouveau" if proposal.ready_at else "Instruire ce candidat"
        yield link(reverse("proposal-instruct", args=[pk]), words, css="btn go")
    if reader.instructs and proposal.status_now == Status.READY:
        yield link(reverse("session-list"), "Mettre à l’ordre du jour d’une CALEOL", css="btn")
    offers = link(f"{letting}#candidat-{pk}", "Offres et bail", css="btn") if proposal.status_now in FOLLOWED else ""
    withdraw = link(f"{letting}#retirer-{pk}", "Retirer cette candidature…", css="btn") if reader.may_withdraw else ""
    if offers or withdraw:
        yield beside(offers, withdraw)


def end_words(end: ProposalEnd | None) -> str:
    """Why it ended, and when; empty of one that did not."""
    if end is None:
        return ""
    text = f" « {end.text} »" if end.text else ""
    return f"{upper_first(end.reason_words)}, le {day(end.on)}.{text}"


def end_effects(proposal: Proposal, end: ProposalEnd | None) -> str:
    """What its end does to the account."""
    if end is None:
        return ""
    if proposal.designation_id is None:
        return "Sans effet sur le compte : ce candidat n’avait pas été transmis."
    return render_to_string("households/effects.html", {"effects": end})


def checked_words(proposal: Proposal, *, by_landlord: bool) -> str:
    """Who verified what was proposed, and when."""
    if proposal.ready_at is None:
        return "Tel que proposé : le bailleur ne l’a pas encore vérifié."
    return f"Vérifié le {day(proposal.ready_at)}{f' par {proposal.ready_by}' if by_landlord else ''}."


def corrections(acts: Iterable[HistoryEntry], *, by_landlord: bool) -> Iterator[StoryLine]:
    """What the instruction of a candidate corrected, act by act; by whom, to its landlord."""
    words = {field.name: str(field.verbose_name) for field in Proposal._meta.fields}
    for act in acts:
        if act.details:
            facts = " ; ".join(
                f"{words.get(name, name)}, {_plain(before)} → {_plain(after)}"
                for name, (before, after) in act.details.items()
            )
            at = timezone.localtime(act.at)
            text = f"{act.by} : {facts}" if by_landlord else facts
            yield StoryLine(at.isoformat(), f"{day(at)}, {hour(at)}", text)


def _plain(value: Any) -> str:
    """Yes and no in words; the rest as it was kept."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return UNKNOWN if value is None else str(localize(value))


def accesses_table(found: Iterable[AccessRecord]) -> Table:
    """An access a row, the latest first. Who, for whom and whose files: fetched."""
    note = (
        "De la plus récente à la plus ancienne. Écrites avant que la page s’affiche ou que le fichier parte ; personne "
        "ne peut les changer."
    )
    return Rows(
        found,
        Shown(Head("Quand", "nw"), lambda each: below(day(each.at), muted(hour(each.at)))),
        Shown("Qui", lambda each: below(bold(each.user), muted(each.organisation.name))),
        Shown("Quoi", lambda each: below(upper_first(each.get_what_display()), muted(each.subject))),
        Number("Dossiers", lambda each: each.files),
        Shown(Head("Fichier de", ""), lambda each: each.keeper.name),
        Shown(
            "Emporté, et pourquoi",
            lambda each: beside(pill("Emporté", "late"), each.why) if each.downloaded else muted("lu à l’écran"),
        ),
    ).titled("liste", "Consultations", note, head_at=1)


AGAIN = (
    "La déclaration est annulée, et une autre, aux mêmes dates, est enregistrée maintenant : elle prend sa place dans "
    "l’ordre d’aujourd’hui"
)


def answer(vacancy: Vacancy, routing: Routing | None, accounts: int) -> str:
    """Which unit it is, and how many accounts are corrected."""
    unit = vacancy.unit
    what = f"{headline(unit)}, {to(unit.commune)}, enregistré le {day(vacancy.registered_on)}"
    routed = f", orienté vers {towards(routing.holder)}" if routing else ""
    corrected = plural(accounts, "compte corrigé,comptes corrigés") if accounts else "compte à corriger"
    return format_html("{}, {}{} : {} {}.", what, vacancy.get_kind_display(), routed, bold(accounts), corrected)


def prevented(vacancy: Vacancy, *, allocated: bool, followed_here: bool) -> str:
    """What is to be undone first, of a unit that is allocated; empty for the others."""
    if followed_here:
        there = link(reverse("letting", args=[vacancy.pk]), "Offres et bail")
        return format_html(
            "Un candidat est retenu, ou le bail est signé : annulez le bail, ou enregistrez son désistement, sur la "
            "page {}.",
            there,
        )
    if allocated:
        there = link(reverse("vacancy-outcome", args=[vacancy.pk]), "annulez d’abord l’attribution et le bail")
        return format_html("Ce logement est attribué ou loué : {}.", there)
    return ""


def ways(form: Form, vacancy: Vacancy, moves_to: int | None) -> Choices:
    """Cancel, or declare again as what; `moves_to`: the year in which it would count then, when that changes."""
    moved = f", et passe de l’exercice {vacancy.registered_on.year} à l’exercice {moves_to}" if moves_to else ""
    kinds = {Vacancy.Kind.EXCLUDED.value: form["exclusion"]}
    if "stock_right" in form.fields:
        kinds[Vacancy.Kind.STOCK.value] = form["stock_right"]
    again = Vacancy.Cancellation.RECLASSIFIED.value
    return Choices(
        form["reason"],
        "Que voulez-vous faire ?",
        hints={again: f"{AGAIN}{moved}."},
        then={again: Choices(form["kind"], "Nouveau classement", then=kinds, is_big=False)},
    )


def taken_words(taken: Iterable[TakenBack]) -> list[str]:
    """Of each account that is corrected: « Ville de Narbonne : dû −0,25, reçu −1 (flux annuel 2026) »."""
    return [
        beside(
            f"{each.holder} : {', '.join(_sums(each))}",
            muted(f"({each.ledger.get_kind_display()} {each.ledger.exercise})"),
        )
        for each in taken
    ]


def _sums(taken: TakenBack) -> Iterator[str]:
    if taken.due:
        yield f"dû {gap(taken.due)}"
    if taken.received:
        yield f"reçu {integer(taken.received)}"


def besides(vacancy: Vacancy, routing: Routing | None, stock: StockAssignment | None) -> Iterator[str]:
    """What else it changes: a right in stock, a part of a programme, a routing."""
    if vacancy.stock_right_id:
        yield "Le droit en stock qu’il a servi redevient libre."
    if vacancy.allotment_id:
        yield "La part du programme qu’il a prise redevient libre."
    if stock is not None and vacancy.kind == Vacancy.Kind.STOCK:
        right = link(reverse("stock-right-detail", args=[stock.right_id]), "Lire ce droit")
        yield beside("Il porte un droit en stock : tant qu’il le porte, il ne se reclasse pas.", right)
    if routing is not None:
        yield f"L’orientation vers {towards(routing.holder)} sera close : prévenez ce réservataire."
