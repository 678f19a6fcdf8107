"""The files of outcomes that come in.

* The kind of file that states what became of units whose candidates are followed in another tool: a line a unit.
* What the journal of nominative reading keeps of a file that names households.
* Minutes that another tool sealed, given back with an archive: kept as « procès-verbaux tenus ailleurs ».
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import batched
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from attributions.households.models import AccessRecord, CommitteeSession, Lease
from attributions.households.operations.candidate_state import hold_ledgers
from attributions.households.operations.lease import record_outside_lease
from attributions.households.operations.needs import record_access
from attributions.households.operations.withdrawals import (
    date_outside_allocation,
    record_outside_allocation,
    record_outside_answer,
)
from flux.imports.inventory import UNIT, UNIT_COLUMN, their_names, units_named
from flux.imports.past_routings import ALLOCATED, NOTHING, OUTCOMES
from flux.models import FlowEntry, Routing, Unit, Vacancy
from flux.operations.notices import BESIDE
from flux.permissions import can_declare_vacancy
from flux.queries.first_letting import became, dated_by_lease, outcomes
from reservations.imports.cells import choice, day, text
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Verdict
from reservations.imports.papers import Bringing, PaperFolder, Returned, own_landlord
from reservations.imports.slices import tried_alone
from reservations.models import KeptElsewhere, Landlord, Membership
from reservations.models.guards import in_order
from reservations.operations.documents import JSON, NotThatPaper, keep_elsewhere, object_in
from reservations.pages.nicknames import FILE, KEPT_IN
from reservations.refusals import Refusal

NOTICE, RECEIVED, COMMITTEE, LEASED, OUTCOME = (
    "congé reçu le",
    "candidats reçus le",
    "CALEOL le",
    "bail signé le",
    "issue",
)

BECAME = ((COMMITTEE, FlowEntry.Stage.ALLOCATED), (LEASED, FlowEntry.Stage.LEASED))


@dataclass(frozen=True, slots=True)
class Known:
    """The day of each column, None when nothing says it; `undated`: is the allocation known only by its lease?"""

    days: Mapping[str, date | None]
    undated: bool


class Outcomes(FileKind):
    """La suite d’un logement par ligne."""

    code = "suites"
    title = "Suites des logements"
    one, many = "suite", "suites"
    says = (
        "Ce qu’est devenu chaque logement orienté dont les dossiers sont suivis dans un autre logiciel : candidats "
        "reçus, attribution de la commission, bail. Le même fichier, complété, redonné chaque nuit, n’écrit que ce qui "
        "est nouveau. Personne n’y est nommé."
    )
    columns = (
        UNIT_COLUMN,
        Column(NOTICE, day, "Vide : son dernier congé.", ("congé", "date de congé", "date du congé")),
        Column(
            RECEIVED,
            day,
            "Le jour où le réservataire a transmis ses candidats : son délai s’arrête.",
            ("proposé le", "date de proposition", "date des candidatures"),
            example="09/03/2026",
        ),
        Column(
            COMMITTEE,
            day,
            "Le jour où la commission l’a attribué ; date aussi une attribution connue par son seul bail.",
            ("CALEOL", "date CALEOL", "commission", "attribué le"),
            example="01/04/2026",
        ),
        Column(LEASED, day, "Le jour de la signature.", ("date du bail", "bail")),
        Column(
            OUTCOME,
            choice(OUTCOMES),
            "Non attribué : la date de commission n’est pas celle d’une attribution.",
            ("suite", "résultat", "décision"),
            example=ALLOCATED,
        ),
    )
    rank = 72

    def may(self, member: Membership | None) -> bool:
        """The landlord's staff, who say it one by one too."""
        return member is not None and member.landlord is not None and can_declare_vacancy(member, member.landlord)

    def key(self, values: Mapping[str, Any]) -> str:
        """Which unit, and which of its departures."""
        return f"{values[UNIT]}|{values.get(NOTICE, '')}"

    def check(self, line: FileLine) -> None:
        """It says something."""
        if not {RECEIVED, COMMITTEE, LEASED} & set(line.values):
            line.refuse(RECEIVED, "écrivez au moins une date : candidats reçus, commission ou bail.")

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """What is stated already stays; the rest is tried by the acts that will write it, then undone."""
        for line, vacancy, known in self._found(lines, scope):
            line.target = vacancy.pk
            new = self._new(line, known)
            line.verdict = Verdict.NEW if new else Verdict.SAME
            reached: list[str] = []
            outcome = tried_alone(partial(self._act, line, vacancy, new, reached, scope))
            if isinstance(outcome, Refusal):
                line.refuse(reached[-1], str(outcome))

    def _act(
        self, line: FileLine, vacancy: Vacancy, new: Sequence[tuple[str, Act]], reached: list[str], scope: Scope
    ) -> None:
        """`reached`: the columns that were reached."""
        for column, act in new:
            reached.append(column)
            act(vacancy, line.values[column], scope)

    def _found(self, lines: Sequence[FileLine], scope: Scope) -> list[tuple[FileLine, Vacancy, Known]]:
        """Each line whose unit fell vacant, with what is known of it; the others are refused. Five queries."""
        units = units_named(lines, scope)
        of = _departures(units.values())
        fallen = [each for vacancies in of.values() for each in vacancies]
        days, written = became(each.pk for each in fallen), outcomes(fallen)
        leases = dict(
            Lease.objects.filter(vacancy__unit__in=[unit.pk for unit in units.values()], cancelled_at=None)
            .order_by("pk")
            .values_list("vacancy", "signed_on")
        )
        found = []
        for line in lines:
            if (unit := units.get(line.number)) is None:
                continue
            asked = line.values.get(NOTICE)
            vacancy = next((each for each in of.get(unit.pk, ()) if asked in (None, each.notice_on)), None)
            if vacancy is None:
                line.refuse(NOTICE if asked else UNIT, "aucun congé de ce logement n’est enregistré à cette date.")
                continue
            routing = next((each for each in vacancy.routings.all() if each.closed_at is None), None)
            known = days.get(vacancy.pk, {})
            values = {
                RECEIVED: routing.answered_on if routing else None,
                COMMITTEE: known.get(FlowEntry.Stage.ALLOCATED) or leases.get(vacancy.pk),
                LEASED: known.get(FlowEntry.Stage.LEASED) or leases.get(vacancy.pk),
            }
            found.append((line, vacancy, Known(values, dated_by_lease(written.get(vacancy.pk, {})))))
        return found

    def _new(self, line: FileLine, known: Known) -> list[tuple[str, Act]]:
        """What the line states that is not known, in the order in which it happens; another day than the known is
        reported, unless the lease alone dated the allocation: the line dates it.

        Once a unit is allocated, its candidates were received: that day is asked for no more.
        """
        new: list[tuple[str, Act]] = []
        for column, act in ACTS:
            written, kept = line.values.get(column), known.days[column]
            if written is None or (column == COMMITTEE and line.values.get(OUTCOME) == NOTHING):
                continue
            if column == COMMITTEE and known.undated:
                new.append((column, _dated))
            elif kept is not None:
                if kept != written:
                    line.warn(column, f"déjà enregistré au {kept:%d/%m/%Y} : ce jour reste, et se corrige sur sa page.")
            elif column != RECEIVED or known.days[COMMITTEE] is None:
                new.append((column, act))
        return new

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """How units are named, their departures, to whom they went, and what they became."""
        mine = Q(vacancy__unit__landlord=scope.landlord)
        return [
            their_names(scope),
            Vacancy.objects.filter(unit__landlord=scope.landlord).values_list("pk", "notice_on", "cancelled_at"),
            Routing.objects.filter(mine).values_list("pk", "closed_at", "answered_on"),
            FlowEntry.objects.filter(mine, stage__in=("ALLOCATED", "LEASED")).values_list("pk", "quantity"),
            Lease.objects.filter(mine).values_list("pk", "cancelled_at"),
        ]

    def lock(self, scope: Scope) -> None:
        """Imports of one landlord wait for each other."""
        in_order(Landlord.objects.all()).get(pk=scope.landlord.pk)

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the acts of the screen, in the order of the file."""
        found = self._found(lines, scope)
        hold_ledgers(vacancy.pk for _, vacancy, _ in found)
        for line, vacancy, known in found:
            for column, act in self._new(line, known):
                act(vacancy, line.values[column], scope)

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """The lease of each unit that stands beside the flow, and what became of each at its first letting: past
        routings say those of the flow."""
        leases = Lease.objects.filter(
            cancelled_at=None, vacancy__cancelled_at=None, vacancy__kind__in=BESIDE, vacancy__landlord=member.landlord
        )
        for lease in leases.select_related("vacancy__unit").order_by("pk").iterator(chunk_size=500):
            yield {
                UNIT: lease.vacancy.unit.reference,
                NOTICE: f"{lease.vacancy.notice_on:%d/%m/%Y}",
                LEASED: f"{lease.signed_on:%d/%m/%Y}",
            }
        first = Vacancy.objects.filter(kind=Vacancy.Kind.FIRST_LETTING, landlord=member.landlord, ledger__isnull=False)
        for batch in batched(first.select_related("unit").order_by("pk").iterator(chunk_size=500), 500):
            days = became(each.pk for each in batch)
            for vacancy in batch:
                if known := days.get(vacancy.pk):
                    yield {
                        UNIT: vacancy.unit.reference,
                        NOTICE: f"{vacancy.notice_on:%d/%m/%Y}",
                        **{column: f"{known[stage]:%d/%m/%Y}" for column, stage in BECAME if stage in known},
                    }

    def after(self) -> str:
        """The list of freed units."""
        return "vacancy-list"


type Act = Callable[[Vacancy, date, Scope], object]


def _received(vacancy: Vacancy, on: date, scope: Scope) -> None:
    assert scope.by is not None
    record_outside_answer(vacancy=vacancy, on=on, by=scope.by)


def _allocated(vacancy: Vacancy, on: date, scope: Scope) -> None:
    assert scope.by is not None
    record_outside_allocation(vacancy=vacancy, on=on, by=scope.by)


def _dated(vacancy: Vacancy, on: date, scope: Scope) -> None:
    assert scope.by is not None
    date_outside_allocation(vacancy=vacancy, on=on, by=scope.by)


def _leased(vacancy: Vacancy, on: date, scope: Scope) -> None:
    assert scope.by is not None
    record_outside_lease(vacancy=vacancy, signed_on=on, facts={}, by=scope.by)


ACTS: tuple[tuple[str, Act], ...] = ((RECEIVED, _received), (COMMITTEE, _allocated), (LEASED, _leased))


def _departures(units: Iterable[Unit]) -> dict[int, list[Vacancy]]:
    """The departures of these units that stand, the latest first. Two queries."""
    found: dict[int, list[Vacancy]] = {}
    rows = Vacancy.objects.filter(unit__in=[unit.pk for unit in units]).prefetch_related("routings")
    for each in rows.order_by("-notice_on", "-pk"):
        found.setdefault(each.unit_id, []).append(each)
    return found


def record_file(scope: Scope, subject: str) -> None:
    """Who brought how many households in, by which kind of file."""
    assert scope.by is not None  # a person imports
    record_access(
        member=Membership(user=scope.by, organisation=scope.organisation),
        keeper=scope.organisation,
        what=AccessRecord.What.IMPORT,
        subject=subject,
        files=scope.kept.get("written", 0),
        now=timezone.now(),
    )


def record_taken(member: Membership, subject: str, files: int) -> None:
    """Who takes how many households away in the archive of the organisation."""
    record_access(
        member=member,
        keeper=member.organisation,
        what=AccessRecord.What.LIST,
        subject=f"archive de l’organisation : {subject}",
        files=files,
        downloaded=True,
        why="Emporter tout ce que l’organisation a ici.",
    )


class MinutesBack(PaperFolder):
    """Procès-verbaux des commissions, as this product seals them and no other way: households are digests there, and a
    paper that named them would have no term here."""

    title = "Procès-verbaux"
    needs = ("SIREN du bailleur", "commission", "séance du", "close le")

    def keep(self, paper: Returned, bringing: Bringing) -> bool:
        """One that was sealed here is here already."""
        landlord = own_landlord(paper, bringing)
        if landlord.organisation_id != bringing.member.organisation_id:
            raise Refusal("un procès-verbal est à son bailleur seul : retirez-le, avec sa ligne.")
        committee, closed_on = paper.read("commission", text(200)), paper.read("close le", day)
        if CommitteeSession.objects.filter(committee__landlord=landlord, seal=paper.seal).exists():
            return False
        keeper, kind = bringing.member.organisation, KeptElsewhere.Kind.MINUTES
        if KeptElsewhere.objects.filter(keeper=keeper, kind=kind, sha256=paper.seal).exists():
            return False
        minutes = object_in(paper.content)
        if (minutes.get("committee"), str(minutes.get("closed_at"))[:10]) != (committee, closed_on.isoformat()):
            raise NotThatPaper(
                "sa ligne et le fichier ne disent pas la même séance : reprenez la liste de l’archive d’origine."
            )
        keep_elsewhere(
            kind=kind,
            keeper=keeper,
            landlord=landlord,
            held_on=paper.read("séance du", day),
            sealed_on=closed_on,
            values=paper.facts,
            kept_in=paper.cells.get(KEPT_IN) or bringing.kept_in,
            name=paper.cells[FILE],
            content_type=JSON,
            content=paper.content,
            sha256=paper.seal,
            by=bringing.member.user,
            now=bringing.now,
        )
        return True
