"""The files of lists that go out.

* The lists of candidates, requests and sessions, as files. Those that state a number or a name say why they are taken
  (`taken_with_purpose`).
* The candidates of a landlord as a workbook: named, typed, its first row in sight. For who registers or instructs.
* The minutes of the committees of a landlord, as its archive has them: the very bytes that each seal is of.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import date

from django.utils import timezone

from attributions.households.models import AccessRecord, CommitteeSession, Proposal
from attributions.households.operations.needs import record_access
from attributions.households.pages.files import FileLine
from attributions.households.queries.applications import ApplicationRow
from attributions.households.queries.letting import Candidate
from attributions.households.queries.sessions import SessionLine
from flux.models import Routing
from flux.pages.units import headline
from reservations.canonical import canonical
from reservations.exports.listing import Audience, ListColumn, Listing, columned
from reservations.exports.papers import Paper, Papers, as_brought, brought
from reservations.exports.spreadsheet import Kind
from reservations.exports.workbook import workbook
from reservations.models import KeptElsewhere, Membership
from reservations.pages.nicknames import KEPT_IN
from reservations.words import hour, upper_first

#: What an offer or a lease waits for.
TO_SEND, TO_ANSWER, TO_FULFIL, TO_SIGN = "offre à envoyer", "réponse attendue", "pièce attendue", "bail à signer"


def _by(each: tuple[str, Candidate]) -> date | None:
    """By when what is awaited is awaited."""
    awaited, candidate = each
    if awaited == TO_ANSWER:
        return candidate.offer.answer_by if candidate.offer else None
    return candidate.decision.document_due_on if candidate.decision and awaited == TO_FULFIL else None


def _states(line: FileLine) -> str:
    return ", ".join(f"{number} {state}" for state, number in line.states)


def _priority(row: ApplicationRow) -> str:
    found = row.application
    return str(found.priority.get_group_display()) if found.priority else found.priority_words


def _holder(routing: Routing | None) -> str:
    return str(routing.holder) if routing else "soustrait du flux"


FILES: Listing[FileLine] = Listing(
    "candidats",
    "Candidats attendus, par logement",
    (
        ListColumn("Échéance", Kind.DATE, read=lambda line: line.row.due),
        ListColumn("Dépassée", read=lambda line: "oui" if line.row.late else "non"),
        ListColumn("Logement", read=lambda line: line.row.vacancy.unit.reference),
        ListColumn("Description", read=lambda line: headline(line.row.vacancy.unit)),
        ListColumn("Adresse", read=lambda line: line.row.vacancy.unit.address),
        ListColumn("Commune", read=lambda line: line.row.vacancy.unit.commune.name),
        ListColumn("Bailleur", read=lambda line: line.row.vacancy.unit.landlord.organisation.name),
        ListColumn("Réservataire", read=lambda line: _holder(line.row.routing)),
        ListColumn("Par", read=lambda line: str(line.row.routing.acting or "") if line.row.routing else ""),
        ListColumn("Étape", read=lambda line: upper_first(line.stage)),
        ListColumn("Candidatures", read=_states),
    ),
)

REQUESTS: Listing[ApplicationRow] = Listing(
    "demandes",
    "Demandes",
    (
        ListColumn("Numéro unique", read=lambda row: row.application.number),
        ListColumn("Adultes", Kind.INTEGER, read=lambda row: row.application.adults),
        ListColumn("Enfants", Kind.INTEGER, read=lambda row: row.application.children),
        ListColumn("Demande depuis", Kind.DATE, read=lambda row: row.application.requested_on),
        ListColumn("Quartile", Kind.INTEGER, read=lambda row: row.application.income_quartile),
        ListColumn("Priorité", read=_priority),
        ListColumn("Candidatures en cours", Kind.INTEGER, read=lambda row: row.live),
        ListColumn("Radiée le", Kind.DATE, read=lambda row: row.application.closed_on),
        ListColumn("Identité conservée jusqu’au", Kind.DATE, read=lambda row: row.kept_until),
    ),
)

#: Who reads the name of a household.
NAMED: Audience[tuple[str, Candidate]] = Audience("qui lit les noms de cette candidature", lambda each: each[1].named)

OFFERS: Listing[tuple[str, Candidate]] = Listing(
    "offres-et-baux",
    "Offres et baux",
    (
        ListColumn("Attendu", read=lambda each: each[0]),
        ListColumn("Logement", read=lambda each: each[1].proposal.vacancy.unit.reference),
        ListColumn("Adresse", read=lambda each: each[1].proposal.vacancy.unit.address),
        ListColumn("Commune", read=lambda each: each[1].proposal.vacancy.unit.commune.name),
        ListColumn("Réservataire", read=lambda each: _holder(each[1].proposal.routing)),
        ListColumn("Candidat n°", Kind.INTEGER, read=lambda each: each[1].proposal.position),
        ListColumn("Nom", read=lambda each: each[1].proposal.application.name, audience=NAMED),
        ListColumn("Demande qui se termine par", read=lambda each: each[1].ending),
        ListColumn("Rang", Kind.INTEGER, read=lambda each: each[1].decision.rank if each[1].decision else None),
        ListColumn("Depuis le", Kind.DATE, read=lambda each: timezone.localdate(each[1].proposal.since)),
        ListColumn("Au plus tard le", Kind.DATE, read=_by),
    ),
)

SESSIONS: Listing[SessionLine] = Listing(
    "seances",
    "Séances de commission",
    (
        ListColumn("Le", Kind.DATE, read=lambda line: timezone.localdate(line.session.held_at)),
        ListColumn("Heure", read=lambda line: hour(line.session.held_at)),
        ListColumn("Commission", read=lambda line: str(line.session.committee)),
        ListColumn("Forme", read=lambda line: str(line.session.get_mode_display())),
        ListColumn("Lieu", read=lambda line: line.session.place),
        ListColumn("Logements", Kind.INTEGER, read=lambda line: line.units),
        ListColumn("Reportés", Kind.INTEGER, read=lambda line: line.postponed),
        ListColumn("Dossiers", Kind.INTEGER, read=lambda line: line.cases),
        ListColumn("Décidés", Kind.INTEGER, read=lambda line: line.decided),
        ListColumn("État", read=lambda line: str(line.session.state.label)),
    ),
)

ACCESSES: Listing[AccessRecord] = Listing(
    "consultations",
    "Journal des consultations",
    (
        ListColumn("Le", Kind.DATE, read=lambda record: timezone.localdate(record.at)),
        ListColumn("Heure", read=lambda record: hour(record.at)),
        ListColumn("Qui", read=lambda record: str(record.user)),
        ListColumn("Agit pour", read=lambda record: record.organisation.name),
        ListColumn("Quoi", read=lambda record: upper_first(str(record.get_what_display()))),
        ListColumn("Objet", read=lambda record: record.subject),
        ListColumn("Dossiers", Kind.INTEGER, read=lambda record: record.files),
        ListColumn("Fichier de", read=lambda record: record.keeper.name),
        ListColumn("Emporté", read=lambda record: "oui" if record.downloaded else "non"),
        ListColumn("Pourquoi", read=lambda record: record.why),
    ),
)


COLUMNS: tuple[ListColumn[Proposal], ...] = (
    ListColumn("Logement", read=lambda proposal: proposal.vacancy.unit.reference),
    ListColumn("Commune", read=lambda proposal: proposal.vacancy.unit.commune.name),
    ListColumn("Réservataire", read=lambda proposal: str(proposal.routing.holder) if proposal.routing else ""),
    ListColumn("Proposé par", read=lambda proposal: proposal.proposer.name),
    ListColumn("Numéro unique", read=lambda proposal: proposal.application.number),
    ListColumn("Nom", read=lambda proposal: proposal.application.name),
    ListColumn("Date de naissance", Kind.DATE, read=lambda proposal: proposal.application.birth_date),
    ListColumn("Nationalité", read=lambda proposal: str(proposal.application.get_nationality_display())),
    ListColumn(
        "Demande créée le",
        Kind.DATE,
        read=lambda proposal: (proposal.application.merged_into or proposal.application).requested_on,
    ),
    ListColumn("Adultes", Kind.INTEGER, read=lambda proposal: proposal.adults),
    ListColumn("Enfants", Kind.INTEGER, read=lambda proposal: proposal.children),
    ListColumn("RFR, €", Kind.INTEGER, read=lambda proposal: proposal.income),
    ListColumn("Unités de consommation", Kind.DECIMAL, read=lambda proposal: proposal.income_units),
    ListColumn("Quartile", Kind.INTEGER, read=lambda proposal: proposal.income_quartile),
    ListColumn("Priorité", read=lambda proposal: proposal.priority_words),
    ListColumn("Labellisé le", Kind.DATE, read=lambda proposal: proposal.labelled_on),
    ListColumn("État", read=lambda proposal: str(Proposal.Status(proposal.status_now).label)),
    ListColumn("Depuis le", Kind.DATE, read=lambda proposal: timezone.localdate(proposal.since)),
)


def candidates_xlsx(proposals: Iterable[Proposal]) -> io.BytesIO:
    """One row a candidature; figures and days are typed, a numéro unique is a text."""
    return workbook("Candidats", [columned("Candidats", proposals, *COLUMNS)])


class SealedMinutes(Papers):
    """Procès-verbaux scellés: households are known there by digests of their numbers alone."""

    folder = "proces-verbaux"
    title = "Procès-verbaux des commissions"
    columns = ("SIREN du bailleur", "commission", "séance du", "lieu", "close le", KEPT_IN)

    def of(self, member: Membership) -> Iterator[Paper]:
        """Of every session that was closed, the first first; then what the landlord brought from another tool."""
        seals = set[str]()
        closed = CommitteeSession.objects.filter(
            committee__landlord__organisation=member.organisation_id, closed_at__isnull=False
        )
        for session in closed.select_related("committee").order_by("pk").iterator(chunk_size=1):
            seals.add(session.seal)
            assert session.minutes is not None  # by a constraint
            assert session.closed_at is not None
            yield Paper(
                f"proces-verbal-{session.day.isoformat()}-{session.pk}.json",
                canonical(session.minutes),
                session.seal,
                (
                    member.organisation.siren,
                    session.committee.name,
                    f"{session.day:%d/%m/%Y}",
                    session.place,
                    f"{timezone.localdate(session.closed_at):%d/%m/%Y}",
                    "",
                ),
            )
        for kept in brought(member, KeptElsewhere.Kind.MINUTES, without=seals):
            yield as_brought(kept, self.columns)

    def taken(self, member: Membership, papers: int) -> None:
        """The journal has who takes them away."""
        record_access(
            member=member,
            keeper=member.organisation,
            what=AccessRecord.What.MINUTES,
            subject="archive de l’organisation : procès-verbaux",
            files=papers,
            downloaded=True,
            why="Emporter tout ce que l’organisation a ici.",
        )
