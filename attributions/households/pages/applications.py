"""What pages say of applications.

* Requests and their candidatures, as who registers them reads them.
* The candidates of a unit by name, for who proposes or instructs them.
* How many of the candidates sent are still in the running.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.html import format_html

from attributions.households.models import Application, Proposal
from attributions.households.queries.applications import ApplicationRow
from attributions.households.queries.file import UnitFile
from attributions.households.queries.minimum import Count
from reservations.models import Membership
from reservations.pages.pieces import below, beside, bold, heard, link, muted, pill
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text, acting
from reservations.words import day, euros, integer, near_day, plural, upper_first

UNKNOWN = muted("non renseigné")


def requests_table(rows: Iterable[ApplicationRow]) -> Table:
    """A request a row, the latest recorded first."""
    note = "De la dernière enregistrée à la première. Un numéro de plus mène à la même demande."
    return Rows(
        rows,
        Shown(
            Head("Numéro unique", "all nw"),
            lambda row: link(reverse("application-detail", args=[row.application.pk]), row.application.number),
        ),
        Shown(Head("Ménage", ""), lambda row: household(row.application)),
        Shown(
            Head("Demande depuis", "nw"),
            lambda row: day(row.application.requested_on) if row.application.requested_on else UNKNOWN,
        ),
        Shown(
            Head("Quartile", ""),
            lambda row: quartile(row.application.income_quartile) if row.application.income_quartile else UNKNOWN,
        ),
        Shown(
            "Priorité",
            lambda row: (
                row.application.priority.get_group_display()
                if row.application.priority
                else muted(row.application.priority_words)
            ),
        ),
        Number("Candidatures en cours", lambda row: row.live),
        Shown("Conservation de l’identité", _kept),
    ).titled("liste", "Demandes", note)


def household(facts: Application | Proposal) -> str:
    """Who lives there, in a few words, without a name: « 2 adultes, 1 enfant »."""
    if facts.adults is None:
        return UNKNOWN
    adults = f"{facts.adults} {plural(facts.adults, 'adulte,adultes')}"
    return f"{adults}, {facts.children} {plural(facts.children, 'enfant,enfants')}" if facts.children else adults


def quartile(number: int) -> str:
    """« 1er », « 3e »."""
    return f"{number}{'er' if number == 1 else 'e'}"


def _kept(row: ApplicationRow) -> str:
    """Until when the identity is kept, once the request is closed."""
    if not row.kept_until:
        return muted("tant que la demande est active")
    return beside(pill("Radiée", "no"), f"identité conservée jusqu’au {day(row.kept_until)}")


def candidatures_table(found: Iterable[Proposal]) -> Table:
    """What became of each candidature of one request, for those that the reader may open."""
    return Rows(
        found,
        Shown(
            "Logement",
            lambda each: below(
                link(reverse("proposal-detail", args=[each.pk]), each.vacancy.unit.reference),
                muted(each.vacancy.unit.commune.name),
            ),
        ),
        Shown(Head("Bailleur", ""), lambda each: each.vacancy.unit.landlord.organisation.name),
        Shown(
            Head("État", ""),
            lambda each: Text(
                upper_first(each.status_words),
                pill="part" if each.is_live else "ok" if each.status == Proposal.Status.HOUSED else "no",
            ),
        ),
        Shown(Head("Depuis le", "nw"), lambda each: day(each.since)),
    ).titled("", "Candidatures de cette demande que vous pouvez lire", quiet=True)


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
    text = "non renseignées" if each.income is None else euros(each.income)
    return below(text, muted(f"{quartile(each.income_quartile)} quartile")) if each.income_quartile else text


def _priority(each: Proposal) -> str:
    return below(
        each.priority_words,
        muted(f"labellisé le {day(each.labelled_on)}") if each.labelled_on else "",
        muted("désigné par le préfet") if each.dalo_designated else "",
        pill("Hors des publics de la convention", "todo") if each.outside else "",
    )


def _state(each: Proposal) -> str:
    """Where the candidate stands, since when, what its file lacks until when, and why it ended."""
    stands = Status(each.status_now)
    result = beside(
        pill(upper_first(each.status_words), PILLS.get(stands, "wait")), muted(f"depuis le {near_day(each.since)}")
    )
    missing: str = ""
    if each.complete_by and each.is_late:
        missing = pill(f"Dossier à compléter depuis le {day(each.complete_by)}", "late")
    elif each.complete_by:
        missing = muted(f"dossier à compléter au plus tard le {day(each.complete_by)}")
    if stands != Status.ENDED:
        return below(result, missing)
    return below(result, missing, muted(each.end.get_reason_display()), each.end.text)


def _next(each: Proposal, file: UnitFile, member: Membership) -> str:
    """What the reader may do: change or remove what they prepared, instruct what they received, else read."""
    also = heard(f" le candidat n° {each.position}")
    if each.status_now == Status.DRAFT and file.may_propose and each.proposer_id == member.organisation_id:
        acts = [("proposal-edit", "Modifier", ""), ("proposal-remove", "Retirer", "")]
    elif each.status_now == Status.SENT and file.may_instruct:
        acts = [("proposal-instruct", "Instruire", " go")]
    else:
        acts = [("proposal-detail", "Lire", "")]
    links = (
        link(reverse(name, args=[each.pk]), format_html("{}{}", words, also), css=f"btn sm{css}")
        for name, words, css in acts
    )
    return format_html('<div class="row">{}</div>', beside(*links))


def gone_words(count: Count | None) -> str:
    """Which of those sent are in the running no more: « dont 1 n’est plus en cours »; "" for none."""
    if count is None or not count.gone:
        return ""
    who = "qui" if count.gone == count.sent else f"dont {count.gone}"
    return f"{who} {'n’est' if count.gone < 2 else 'ne sont'} plus en cours"


def count_words(count: Count, drafts: int) -> str:
    """How many there are before the law’s minimum, and what that counts; `drafts`: in preparation."""
    return f"{_counted(count, drafts)}{_excuse(count)}.{_counts(count)}"


def _counted(count: Count, drafts: int) -> str:
    if count.gone:
        sent = f"{integer(count.sent)} {plural(count.sent, 'transmis,transmis')}, {gone_words(count)}"
        prepared = f", et {integer(drafts)} en préparation" if drafts else ""
        held = f"le minimum de {integer(count.minimum)} est tenu"
        if count.missing:
            held = f"il en manque {integer(count.missing)} pour le minimum de {integer(count.minimum)}"
        return f"{sent}{prepared} : {held}"
    prepared = f", dont {integer(drafts)} en préparation" if drafts else ""
    missing = f" : il en manque {integer(count.missing)}" if count.missing else ""
    return f"{integer(count.examined)} sur {integer(count.minimum)} au moins{prepared}{missing}"


def _excuse(count: Count) -> str:
    if not count.missing:
        return ""
    return ", mais une exception de la loi est demandée" if count.excused else ", sauf exception de la loi"


def _counts(count: Count) -> str:
    """What a candidate that was sent counts for."""
    if count.gone:
        but = ", sauf celui que le réservataire ou le bailleur a retiré" if count.taken_back else ""
        return f" Un candidat transmis compte pour ce minimum, même s’il n’est plus en cours{but}."
    if count.taken_back:
        return " Un candidat retiré par le réservataire ou le bailleur n’y compte pas."
    return ""
