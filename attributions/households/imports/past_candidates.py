"""The kind of file that names who was proposed for units of before the account was kept here, and what was decided of
each: it enters as history (docs/decisions/0061-past-candidates-are-history.md)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from itertools import batched
from typing import Any

from django.db.models import Q, QuerySet

from attributions.households.imports.outcomes import record_file, record_taken
from attributions.households.imports.sne import unique_number
from attributions.households.models import Application, ApplicationAlias, DecisionTerms, Offer, PastCandidacy, Proposal
from attributions.households.models.proposal import ProposalEnd
from attributions.households.operations.application import Identity
from attributions.households.operations.past_candidacies import (
    PastTerms,
    correct_past_candidacy,
    record_past_candidacy,
    terms_of,
)
from attributions.households.permissions import can_register
from attributions.households.queries.open_units import decided_here
from flux.imports.inventory import UNIT, UNIT_COLUMN, their_names, units_named
from flux.models import FlowEntry, Unit, Vacancy
from flux.permissions import can_manage_stock
from reservations.imports.cells import choice, day, text, whole
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Verdict, plain
from reservations.imports.slices import try_lines
from reservations.models import Landlord, Membership
from reservations.models.guards import in_order

NOTICE, NUMBER, NAME, BORN, SINCE = "congé reçu le", "numéro unique", "nom", "né le", "demande du"
#: What is reported of the candidate, by the column that states it.
TERMS = {
    "décision": "kind",
    "rang": "rank",
    "CALEOL le": "decided_on",
    "pièce attendue": "document",
    "pièce reçue le": "document_on",
    "motif": "reason",
    "réponse à l’offre": "answer",
    "répondu le": "answered_on",
    "bail signé le": "leased_on",
}
LABELS = {"kind": DecisionTerms.Kind, "document": DecisionTerms.Document, "reason": ProposalEnd.Reason} | {
    "answer": Offer.Answer
}
#: The column that shows what the act refuses.
COLUMN_OF = {
    "number": NUMBER,
    "name": NAME,
    "birth_date": BORN,
    "requested_on": SINCE,
    "on": "bail signé le",
} | {term: column for column, term in TERMS.items()}
BATCH = 500


def _words(labels: Any, *others: tuple[str, str]) -> dict[str, str]:
    """By what a cell writes, a label or another word for it, its code."""
    return {str(each.label): each.value for each in labels} | dict(others)


class PastCandidates(FileKind):
    """Un candidat passé par ligne."""

    code = "candidats-passes"
    title = "Candidats passés"
    one, many = "candidat passé", "candidats passés"
    says = (
        "Les ménages proposés pour vos orientations passées, et ce que la commission a décidé de chacun : rang, motif, "
        "réponse à l’offre, bail. Ils entrent à leur date, comme une histoire : personne n’est prévenu, rien n’est "
        "voté, aucun délai ne court. Une fois écrit, le fichier est effacé : gardez le vôtre."
    )
    columns = (
        UNIT_COLUMN,
        Column(
            NOTICE,
            day,
            "Celui de l’orientation passée.",
            ("congé", "date de congé", "date du congé", "préavis"),
            required=True,
            example="02/03/2026",
        ),
        Column(
            NUMBER,
            unique_number,
            "Les dix-huit caractères de l’attestation, en texte.",
            ("NUD", "NUR", "numéro unique départemental", "numéro unique régional", "demande", "numéro de demande"),
            required=True,
            example="011012345678911235",
        ),
        Column(NAME, text(120), "Vide : la demande est déjà enregistrée chez vous.", ("demandeur", "nom du demandeur")),
        Column(BORN, day, "Du titulaire de la demande.", ("date de naissance",)),
        Column(SINCE, day, "Le jour où elle a été créée.", ("date création demande", "date de la demande")),
        Column(
            "décision",
            choice(_words(DecisionTerms.Kind, ("rejet", "INELIGIBLE"), ("rejet pour irrecevabilité", "INELIGIBLE"))),
            "L’une des cinq de la loi. Vide : la commission ne l’a pas examiné.",
            ("décision CALEOL", "décision de la commission"),
            example="attribution, avec un rang",
        ),
        Column("rang", whole(1, 99), "D’une attribution avec un rang.", ("rang CALEOL",), example="1"),
        Column("CALEOL le", day, "Le jour de la commission.", ("CALEOL", "date CALEOL", "commission")),
        Column(
            "pièce attendue", choice(_words(DecisionTerms.Document)), "D’une attribution sous condition suspensive."
        ),
        Column("pièce reçue le", day, "Vide : elle n’est pas venue, ou rien n’était attendu.", ("condition levée le",)),
        Column(
            "motif",
            choice(_words(ProposalEnd.Reason)),
            "De la non-attribution ou du rejet ; ou pourquoi ce candidat n’a pas eu le logement.",
            ("motif de refus", "refus"),
        ),
        Column("réponse à l’offre", choice(_words(Offer.Answer)), "Vide : pas d’offre.", ("réponse", "offre")),
        Column("répondu le", day, "Le jour de la réponse.", ("date de réponse",)),
        Column("bail signé le", day, "Celui que dit l’orientation passée.", ("date du bail", "bail")),
    )
    only_known = True
    naming = (NUMBER, NAME, BORN, SINCE)
    rank = 67

    def may(self, member: Membership | None) -> bool:
        """The landlord's manager, who takes past routings over."""
        if member is None or member.landlord is None:
            return False
        return can_manage_stock(member, member.landlord) and can_register(member)

    def key(self, values: Mapping[str, Any]) -> str:
        """Which unit, which of its departures, which household."""
        return f"{values[UNIT]}|{values[NOTICE]}|{values[NUMBER]}"

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """What is recorded already stays, or is reported otherwise; who was decided of here stays as decided. The rest
        is tried by the act that will write it, one after the other, then undone."""
        found = self._found(lines, scope)
        existing = _recorded([vacancy.pk for _, vacancy in found])
        here = _followed([vacancy.pk for _, vacancy in found])
        of: dict[int, tuple[Vacancy, PastCandidacy | None]] = {}
        new: dict[int, list[FileLine]] = {}
        for line, vacancy in found:
            line.target, line.verdict = vacancy.pk, Verdict.SAME
            place = (vacancy.pk, line.values[NUMBER])
            if place in here:
                continue
            if (known := existing.get(place)) is not None:
                line.changes = _changes(line, known)
                line.verdict = Verdict.CHANGED if line.changes else Verdict.SAME
            else:
                line.verdict = Verdict.NEW
            if line.verdict != Verdict.SAME and not self._is_nameless(line, known, scope):
                of[line.number] = vacancy, known
                new.setdefault(vacancy.pk, []).append(line)
        try_lines(
            new.values(),
            lambda line: self._write(line, *of[line.number], scope),
            lambda field: COLUMN_OF.get(field, UNIT),
        )

    def group(self, line: FileLine, scope: Scope) -> Hashable:
        """The candidates of one unit have their ranks."""
        return line.values.get(UNIT)

    def _is_nameless(self, line: FileLine, known: PastCandidacy | None, scope: Scope) -> bool:
        """A request that nobody registered yet has its name, or is refused."""
        if known is not None or NAME in line.values or self._is_registered(line.values[NUMBER], scope):
            return False
        line.refuse(NAME, "cette demande n’est pas encore enregistrée chez vous : écrivez le nom du demandeur.")
        return True

    def _is_registered(self, number: str, scope: Scope) -> bool:
        ours = Application.objects.numbered(number).filter(organisations=scope.organisation)
        return ours.exists()

    def _found(self, lines: Sequence[FileLine], scope: Scope) -> list[tuple[FileLine, Vacancy]]:
        """Each line whose unit fell vacant then; the others are refused. Two queries."""
        units = units_named(lines, scope)
        of = _departures(units.values())
        found = []
        for line in lines:
            if (unit := units.get(line.number)) is None:
                continue
            vacancy = of.get((unit.pk, line.values[NOTICE]))
            if vacancy is None:
                line.refuse(
                    NOTICE,
                    "aucune orientation passée de ce logement n’a ce congé : donnez d’abord vos orientations passées.",
                )
            else:
                found.append((line, vacancy))
        return found

    def _write(self, line: FileLine, vacancy: Vacancy, known: PastCandidacy | None, scope: Scope) -> None:
        assert scope.by is not None  # a person takes over
        values = {term: line.values[column] for column, term in TERMS.items() if column in line.values}
        if known is not None:
            correct_past_candidacy(candidacy=known, changes=values, organisation=scope.organisation, by=scope.by)
            return
        record_past_candidacy(
            vacancy=vacancy,
            number=line.values[NUMBER],
            identity=Identity(line.values.get(NAME, ""), line.values.get(BORN), requested_on=line.values.get(SINCE)),
            terms=PastTerms(**values),
            organisation=scope.organisation,
            by=scope.by,
        )

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """How units are named, what they became, who is recorded of them already, and which requests are known here."""
        mine = Q(vacancy__landlord=scope.landlord)
        return [
            their_names(scope),
            Vacancy.objects.filter(landlord=scope.landlord).values_list("pk", "notice_on", "source", "cancelled_at"),
            FlowEntry.objects.filter(mine, stage__in=("ALLOCATED", "LEASED")).values_list("pk", "quantity"),
            PastCandidacy.objects.filter(mine).values_list("pk", "application", *PastTerms.__dataclass_fields__),
            Proposal.objects.filter(mine).values_list("pk", "application"),
            Application.objects.filter(organisations=scope.organisation).values_list("pk", "number", "closed_on"),
        ]

    def lock(self, scope: Scope) -> None:
        """Imports of one landlord wait for each other."""
        in_order(Landlord.objects.all()).get(pk=scope.landlord.pk)

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the acts, in the order of the file."""
        found = self._found(lines, scope)
        existing = _recorded([vacancy.pk for _, vacancy in found])
        for line, vacancy in found:
            self._write(line, vacancy, existing.get((vacancy.pk, line.values[NUMBER])), scope)

    def finish(self, scope: Scope) -> None:
        """The journal has who brought how many files in."""
        record_file(scope, "fichier de candidats passés")

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Who was proposed for each unit of the flow that has a destination, and what became of each: decided here, or
        reported of the past. Whose identity is erased is left out."""
        past = PastCandidacy.objects.visible_to(member).active().filter(application__pseudonymised_on=None)
        rows = past.select_related("vacancy__unit", "application__merged_into").order_by("vacancy", "pk")
        for each in rows.iterator(chunk_size=BATCH):
            yield _row(each.vacancy, each.application, terms_of(each))
        for batch in batched(decided_here(member).iterator(chunk_size=BATCH), BATCH):
            for proposal, terms in _of_here(batch):
                yield _row(proposal.vacancy, proposal.application, terms)

    def taken(self, member: Membership, lines: int) -> None:
        """The journal has who takes how many households away."""
        record_taken(member, self.title, lines)

    def after(self) -> str:
        """The units whose candidates one follows."""
        return "file-list"


def _row(vacancy: Vacancy, application: Application, terms: PastTerms) -> dict[str, str]:
    root = application.merged_into or application
    values = asdict(terms)
    return {
        UNIT: vacancy.unit.reference,
        NOTICE: _cell("", vacancy.notice_on),
        NUMBER: root.number,
        NAME: root.name,
        BORN: _cell("", root.birth_date),
        SINCE: _cell("", root.requested_on),
    } | {column: _cell(term, values[term]) for column, term in TERMS.items()}


def _cell(term: str, value: Any) -> str:
    if not value:
        return ""
    return str(LABELS[term](value).label) if term in LABELS else str(plain(value))


def _of_here(proposals: Iterable[Proposal]) -> Iterator[tuple[Proposal, PastTerms]]:
    """What was decided here, in the terms of the past. Everything is read with the candidates."""
    for proposal in proposals:
        decision = next((each for each in proposal.decisions.all() if each.superseded_at is None), None)
        end, offer = getattr(proposal, "end", None), getattr(proposal, "offer", None)
        met = getattr(decision, "condition_met", None)
        lease = next((each for each in proposal.leases.all() if each.cancelled_at is None), None)
        yield (
            proposal,
            PastTerms(
                kind=decision.kind if decision else "",
                rank=decision.rank if decision else None,
                decided_on=decision.decided_on if decision else None,
                document=decision.document if decision else "",
                document_on=met.received_on if met else None,
                reason=end.reason if end else "",
                answer=offer.answer if offer else "",
                answered_on=offer.answered_on if offer else None,
                leased_on=lease.signed_on if lease else None,
            ),
        )


def _changes(line: FileLine, known: PastCandidacy) -> dict[str, Any]:
    """What the line says otherwise; an empty cell says nothing."""
    kept = asdict(terms_of(known))
    return {
        column: [plain(kept[term]), plain(line.values[column])]
        for column, term in TERMS.items()
        if column in line.values and line.values[column] != kept[term]
    }


def _departures(units: Iterable[Unit]) -> dict[tuple[int, date], Vacancy]:
    """The departures of these units that stand, by unit and day of notice. One query."""
    rows = Vacancy.objects.filter(unit__in=[unit.pk for unit in units], kind=Vacancy.Kind.IN_FLOW)
    return {(each.unit_id, each.notice_on): each for each in rows.order_by("pk")}


def _recorded(vacancies: Sequence[int]) -> dict[tuple[int, str], PastCandidacy]:
    """Who is recorded of these units already, by each number of its request. Two queries."""
    rows = list(PastCandidacy.objects.filter(vacancy__in=vacancies).select_related("application").order_by("pk"))
    numbers = _numbers(row.application_id for row in rows)
    return {
        (row.vacancy_id, number): row
        for row in rows
        for number in (row.application.number, *numbers.get(row.application_id, ()))
    }


def _followed(vacancies: Sequence[int]) -> set[tuple[int, str]]:
    """Who was proposed for these units here, by each number of its request. Two queries."""
    rows = list(
        Proposal.objects.filter(vacancy__in=vacancies)
        .order_by("pk")
        .values_list("vacancy", "application", "application__number")
    )
    numbers = _numbers(application for _, application, _ in rows)
    return {(vacancy, each) for vacancy, pk, first in rows for each in (first, *numbers.get(pk, ()))}


def _numbers(applications: Iterable[int]) -> dict[int, list[str]]:
    """The other numbers of these requests."""
    also = ApplicationAlias.objects.filter(application__in=list(applications)).order_by("pk")
    found: dict[int, list[str]] = {}
    for pk, number in also.values_list("application", "number"):
        found.setdefault(pk, []).append(number)
    return found
