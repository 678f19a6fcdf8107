"""The lists of candidates, requests and sessions, as files. Those that tell a number or a name say why they are taken
(`taken_with_purpose`)."""

from __future__ import annotations

from django.utils import timezone

from attributions.households.models import AccessRecord
from attributions.households.pages.file_list import FileLine
from attributions.households.queries.applications import ApplicationRow
from attributions.households.queries.letting import Candidate
from attributions.households.queries.sessions import SessionLine
from flux.pages.dwelling import headline
from reservations.exports.listing import Listing
from reservations.exports.sheet import Column, Kind, Row
from reservations.words import hour, upper_first


def _file(line: FileLine) -> Row:
    row, unit = line.row, line.row.vacancy.unit
    return (
        row.due,
        "oui" if row.late else "non",
        unit.reference,
        headline(unit),
        unit.address,
        unit.commune.name,
        unit.landlord.organisation.name,
        str(row.routing.holder) if row.routing else "soustrait du flux",
        row.routing.acting.name if row.routing and row.routing.acting else "",
        upper_first(line.stage),
        ", ".join(f"{number} {state}" for state, number in line.states),
    )


def _request(row: ApplicationRow) -> Row:
    told = row.application
    return (
        told.number,
        told.adults,
        told.children,
        told.requested_on,
        told.income_quartile,
        str(told.priority.get_group_display()) if told.priority else told.priority_words,
        row.live,
        told.closed_on,
        row.kept_until,
    )


def _offer(each: tuple[str, Candidate]) -> Row:
    awaited, candidate = each
    proposal, unit = candidate.proposal, candidate.proposal.vacancy.unit
    by = {
        TO_ANSWER: candidate.offer.answer_by if candidate.offer else None,
        TO_FULFIL: candidate.decision.document_due_on if candidate.decision else None,
    }.get(awaited)
    return (
        awaited,
        unit.reference,
        unit.address,
        unit.commune.name,
        str(proposal.routing.holder) if proposal.routing else "soustrait du flux",
        proposal.position,
        proposal.application.name if candidate.named else "",
        candidate.ending,
        candidate.decision.rank if candidate.decision else None,
        timezone.localdate(proposal.since),
        by,
    )


def _session(line: SessionLine) -> Row:
    session = line.session
    return (
        timezone.localdate(session.held_at),
        hour(session.held_at),
        str(session.committee),
        str(session.get_mode_display()),
        session.place,
        line.units,
        line.postponed,
        line.cases,
        line.decided,
        str(session.state.label),
    )


#: What an offer or a lease waits for.
TO_SEND, TO_ANSWER, TO_FULFIL, TO_SIGN = "offre à envoyer", "réponse attendue", "pièce attendue", "bail à signer"

FILES: Listing[FileLine] = Listing(
    "candidats",
    "Candidats attendus, par logement",
    (
        Column("Échéance", Kind.DATE),
        Column("Dépassée"),
        Column("Logement"),
        Column("Description"),
        Column("Adresse"),
        Column("Commune"),
        Column("Bailleur"),
        Column("Réservataire"),
        Column("Par"),
        Column("Étape"),
        Column("Candidatures"),
    ),
    _file,
)

REQUESTS: Listing[ApplicationRow] = Listing(
    "demandes",
    "Demandes",
    (
        Column("Numéro unique"),
        Column("Adultes", Kind.INTEGER),
        Column("Enfants", Kind.INTEGER),
        Column("Demande depuis", Kind.DATE),
        Column("Quartile", Kind.INTEGER),
        Column("Priorité"),
        Column("Candidatures en cours", Kind.INTEGER),
        Column("Radiée le", Kind.DATE),
        Column("Identité conservée jusqu’au", Kind.DATE),
    ),
    _request,
)

OFFERS: Listing[tuple[str, Candidate]] = Listing(
    "offres-et-baux",
    "Offres et baux",
    (
        Column("Attendu"),
        Column("Logement"),
        Column("Adresse"),
        Column("Commune"),
        Column("Réservataire"),
        Column("Candidat n°", Kind.INTEGER),
        Column("Nom"),
        Column("Demande qui se termine par"),
        Column("Rang", Kind.INTEGER),
        Column("Depuis le", Kind.DATE),
        Column("Au plus tard le", Kind.DATE),
    ),
    _offer,
)

SESSIONS: Listing[SessionLine] = Listing(
    "seances",
    "Séances de commission",
    (
        Column("Le", Kind.DATE),
        Column("Heure"),
        Column("Commission"),
        Column("Forme"),
        Column("Lieu"),
        Column("Logements", Kind.INTEGER),
        Column("Reportés", Kind.INTEGER),
        Column("Dossiers", Kind.INTEGER),
        Column("Décidés", Kind.INTEGER),
        Column("État"),
    ),
    _session,
)

ACCESSES: Listing[AccessRecord] = Listing(
    "consultations",
    "Journal des consultations",
    (
        Column("Le", Kind.DATE),
        Column("Heure"),
        Column("Qui"),
        Column("Agit pour"),
        Column("Quoi"),
        Column("Objet"),
        Column("Dossiers", Kind.INTEGER),
        Column("Fichier de"),
        Column("Emporté"),
        Column("Pourquoi"),
    ),
    lambda record: (
        timezone.localdate(record.at),
        hour(record.at),
        str(record.user),
        record.organisation.name,
        upper_first(str(record.get_what_display())),
        record.subject,
        record.files,
        record.keeper.name,
        "oui" if record.downloaded else "non",
        record.why,
    ),
)
