"""What pages say of the queue.

* The landlord's queue in words.
* The landlord’s queue, in a table: where each unit should go, and what it waits for otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.models import Recommendation, Vacancy
from flux.pages.units import ago
from flux.pages.vacancies import addressed
from flux.queries.queue import BLOCKED, FORESEEN, LATER, WAITING, Choice, Queue, QueueRow
from reservations.pages.pieces import below, beside, bold, button, heard, link, muted, pill
from reservations.pages.table import Head, Rows, Shown, Table
from reservations.words import near_day, to

#: Of a vacancy that has no recommendation yet.
UNDECIDED = {
    WAITING: "Calcul en attente",
    FORESEEN: "Prévision, à décider",
    BLOCKED: "Orientation impossible",
    LATER: "Avant la mise en service",
}


def destinations(choices: Iterable[Choice]) -> list[Choice]:
    """The values of the destination filter, each with its words, in their order."""
    rows = [replace(choice, words=UNDECIDED.get(choice.value, choice.words)) for choice in choices]
    return sorted(rows, key=lambda choice: (choice.words, choice.value))


def queue_table(found: Queue) -> Table:
    """A unit a row, with a box to tick where a person is awaited. `all_checked`: are they all ticked?"""
    title = "Logements à orienter, avec la destination recommandée et sa raison"
    return Rows(
        found.rows,
        Shown(
            Head("Cocher", "check", hidden=True, label=""),
            lambda row: (
                tick(row.vacancy, row.recommendation, checked=found.all_checked)
                if row.recommendation and not row.gone
                else ""
            ),
        ),
        Shown("Logement", lambda row: addressed(row.vacancy.unit, reverse("vacancy-detail", args=[row.vacancy.pk]))),
        Shown(
            Head("Enregistré, état", label=""),
            lambda row: below(
                format_html("{}, {}", near_day(row.vacancy.registered_on), muted(ago(row.days))), _state(row)
            ),
        ),
        Shown(Head("Destination recommandée, et pourquoi", label=""), _destination),
        Shown(
            Head("Agir", "noprint", hidden=True, label=""),
            lambda row: button(
                reverse("vacancy-detail", args=[row.vacancy.pk]), "Examiner", also=f" {row.vacancy.unit.reference}"
            ),
        ),
    ).titled("", title, head_at=1, quiet=True, under=_confirm() if found.to_confirm else "")


def tick(vacancy: Vacancy, recommendation: Recommendation, *, checked: bool) -> SafeString:
    """A box to tick, and which recommendation was read when it was."""
    box = format_html(
        '<label>{}<input type="checkbox" name="logement" value="{}"{}></label>',
        heard(f"Cocher {vacancy.unit.reference}"),
        vacancy.pk,
        SafeString(" checked") if checked else "",
    )
    return format_html('{}<input type="hidden" name="lu" value="{}-{}">', box, vacancy.pk, recommendation.pk)


def _confirm() -> SafeString:
    words = "Toutes sont enregistrées, ou aucune : si l’une a changé entre-temps, vous voyez laquelle."
    return format_html(
        '<div class="row"><button class="btn go" type="submit">Confirmer les recommandations cochées</button> {}</div>',
        muted(words, "small"),
    )


def _state(row: QueueRow) -> str:
    if stopped := _stopped(row):
        return stopped[0]
    if row.recommendation:
        again = format_html(
            '<span class="muted nw">rendu, proposé une {}<sup>e</sup> fois</span>', row.recommendation.attempt
        )
        return beside(pill("À orienter", "todo"), again if row.recommendation.attempt > 1 else "")
    if row.expected:
        until = f"décidé le {near_day(row.expected.firm_on)} au plus tard"
        return below(pill("Prévision", "wait"), format_html('<span class="muted nw">{}</span>', until))
    return pill("Calcul en attente", "wait")


def _destination(row: QueueRow) -> str:
    if stopped := _stopped(row):
        return stopped[1]
    if row.recommendation:
        return below(bold(row.recommendation.holder), muted(row.recommendation.sentence))
    if row.expected:
        since = muted(f"depuis le {near_day(row.expected.since)}")
        return below(format_html("prévision : {}", bold(row.expected.holder)), since)
    return muted("Le calcul se fait en quelques secondes.")


def _stopped(row: QueueRow) -> tuple[str, str] | None:
    """Why nothing is decided of it, as a state then in words; None when nothing stops it."""
    there = row.vacancy.unit.commune.name
    if row.gone:
        gone = "Ce logement n’est plus dans le parc : annulez sa déclaration, sur sa fiche."
        return pill("Sorti du parc", "late"), muted(gone)
    if row.uncovered:
        who = link(reverse("compliance"), "voyez qui doit signer")
        words = format_html("Aucune convention n’est en vigueur {} : il attend, {}.", to(there), who)
        return pill("Sans convention", "late"), muted(words)
    if row.excess:
        most = f"Plus de 100 % du flux est promis {to(row.excess.commune)} : corrigez une convention, "
        return pill("Orientation impossible", "late"), muted(f"{most}l’orientation reprendra.")
    if row.later and not row.recommendation:
        return pill("Mise en service", "wait"), muted(f"L’orientation commence le {near_day(row.later)}.")
    return None
