"""The candidates of a unit by name, for who proposes or instructs them."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html

from attributions.households.models import Proposal
from attributions.households.pages.applications import quartile
from attributions.households.queries.file import UnitFile
from reservations.models import Membership
from reservations.pages.pieces import below, beside, bold, heard, link, muted, pill
from reservations.pages.table import Head, Rows, Shown, Table, acting
from reservations.words import day, euros, near_day, plural, upper_first

Status = Proposal.Status

#: The pill of each state; « wait » for those between the sending and the answer.
PILLS = {
    Status.DRAFT: "part",
    Status.SENT: "todo",
    Status.ENDED: "no",
    Status.RELEASED: "no",
    Status.HOUSED: "ok",
    Status.ACCEPTED: "ok",
}


def candidates_table(file: UnitFile, member: Membership) -> Table:
    """A candidate a row, in the order they were added, with what the reader may do of each."""
    title = "Candidats de ce logement, dans l’ordre où ils ont été ajoutés"
    return Rows(
        file.proposals,
        Shown(Head("N°", ""), lambda each: str(each.position)),
        Shown("Demandeur", _name),
        Shown(
            Head("Ménage", ""),
            lambda each: (
                "non renseigné"
                if each.persons is None
                else f"{each.persons} {plural(each.persons, 'personne,personnes')}"
            ),
        ),
        Shown(Head("Ressources", ""), _means),
        Shown("Priorité", _priority),
        Shown("État", _state),
        Shown(acting("Agir", hidden=True), lambda each: _next(each, file, member)),
    ).titled("t-candidats", title, head_at=1, quiet=True)


def _name(each: Proposal) -> str:
    request = each.application
    number = f"n° se termine par {request.ending}" if request.number else "demande pseudonymisée"
    name = link(reverse("proposal-detail", args=[each.pk]), bold(request.name or "nom non renseigné"))
    return below(name, muted(number))


def _means(each: Proposal) -> str:
    said = "non renseignées" if each.income is None else euros(each.income)
    return below(said, muted(f"{quartile(each.income_quartile)} quartile")) if each.income_quartile else said


def _priority(each: Proposal) -> str:
    return below(
        each.priority_words,
        muted(f"labellisé le {day(each.labelled_on)}") if each.labelled_on else "",
        muted("désigné par le préfet") if each.dalo_designated else "",
        pill("Hors des publics de la convention", "todo") if each.outside else "",
    )


def _state(each: Proposal) -> str:
    """Where the candidate stands, since when, what its file lacks until when, and why it ended."""
    stands = Status(each.standing)
    said = beside(
        pill(upper_first(each.standing_words), PILLS.get(stands, "wait")), muted(f"depuis le {near_day(each.since)}")
    )
    missing: str = ""
    if each.complete_by and each.is_late:
        missing = pill(f"Dossier à compléter depuis le {day(each.complete_by)}", "late")
    elif each.complete_by:
        missing = muted(f"dossier à compléter au plus tard le {day(each.complete_by)}")
    if stands != Status.ENDED:
        return below(said, missing)
    return below(said, missing, muted(each.end.get_reason_display()), each.end.text)


def _next(each: Proposal, file: UnitFile, member: Membership) -> str:
    """What the reader may do: change or remove what they prepared, instruct what they received, else read."""
    also = heard(f" le candidat n° {each.position}")
    if each.standing == Status.DRAFT and file.may_propose and each.proposer_id == member.organisation_id:
        acts = [("proposal-edit", "Modifier", ""), ("proposal-remove", "Retirer", "")]
    elif each.standing == Status.SENT and file.may_instruct:
        acts = [("proposal-instruct", "Instruire", " go")]
    else:
        acts = [("proposal-detail", "Lire", "")]
    links = (
        link(reverse(name, args=[each.pk]), format_html("{}{}", words, also), css=f"btn sm{css}")
        for name, words, css in acts
    )
    return format_html('<div class="row">{}</div>', beside(*links))
