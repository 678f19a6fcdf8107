"""Importing an export of the SNE: requests created and brought up to date, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from psycopg.errors import UniqueViolation

from attributions.households.models import Application, ApplicationAlias, PriorityCategory, Proposal
from attributions.households.operations.request_facts import changed, put
from attributions.households.queries.applications import Retention
from reservations.models import HistoryEntry, Organisation, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic_act
from reservations.operations.history import record_each
from reservations.refusals import Refusal
from reservations.words import day

#: Columns that an import may write on a request that exists.
WRITTEN = (
    "requested_on",
    "adults",
    "children",
    "income",
    "income_units",
    "has_priority",
    "priority",
    "labelled_on",
    "closed_on",
    "closure",
)
BATCH = 1000


class ImportRefused(Refusal):
    """Nothing of the file is written; the sentence says what to do next."""


@dataclass(frozen=True, slots=True)
class SneRow:
    """One row of an export: `facts` as in `HouseholdFacts`, with `dalo` in the place of the priority."""

    line: int
    number: str
    requested_on: date | None
    facts: Mapping[str, object]
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class LineRefused:
    """A row that is not imported: its number in the file, and why, in French."""

    line: int
    reason: str


@dataclass(slots=True)
class ImportPlan:
    """What a file changes: new requests, those it brings up to date, how many it leaves as they are, and the lines
    refused. `changes`: what it gives to each, in plain values; `by_line`: by line, the request that it is (its id, None
    when it is new) and the same."""

    created: list[Application] = field(default_factory=list)
    updated: list[Application] = field(default_factory=list)
    unchanged: int = 0
    refused: list[LineRefused] = field(default_factory=list)
    changes: list[tuple[Application, dict[str, Any]]] = field(default_factory=list)
    by_line: dict[int, tuple[int | None, dict[str, Any]]] = field(default_factory=dict)

    @property
    def touched(self) -> int:
        """Requests that something is written about."""
        return len(self.created) + len(self.updated)


def preview_applications(*, rows: Sequence[SneRow], organisation: Organisation, today: date) -> ImportPlan:
    """What `import_applications` would do now. Nothing is written."""
    return _plan(rows, organisation, today, _known(rows, lock=False))


@atomic_act
def import_applications(
    *, rows: Sequence[SneRow], organisation: Organisation, by: User, now: datetime | None = None
) -> ImportPlan:
    """Create the requests that are not known, bring the others up to date; refused lines are in the plan returned.

    The rules are those of `register_application`: found by any of its numbers; a closed request is not changed; an
    organisation does not enter the request of another without naming its household, which no export does. What the
    file leaves empty stays as it is known. Those of the export of the housed are closed on the day it says (R441-2-8
    a). Imported again, the same file changes nothing.
    Raises ImportRefused: somebody recorded one of these requests meanwhile; nothing is written.
    """
    today = timezone.localdate(now)
    plan = _plan(rows, organisation, today, _known(rows, lock=True))
    try:
        with transaction.atomic():
            Application.objects.bulk_create(plan.created, batch_size=BATCH)
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise  # a mistake of ours, and no sentence about somebody else
        raise ImportRefused(
            "Rien n’est importé : une de ces demandes vient d’être enregistrée. Vérifiez le fichier de nouveau."
        ) from error
    Application.objects.bulk_update(plan.updated, WRITTEN, batch_size=BATCH)
    through = Application.organisations.through
    through.objects.bulk_create(
        [through(application_id=each.pk, organisation_id=organisation.pk) for each in plan.created],
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    record_each(plan.changes, HistoryEntry.Act.IMPORTED, by=by)
    return plan


def _known(rows: Sequence[SneRow], *, lock: bool) -> dict[str, Application]:
    """The requests that these numbers lead to, by each number asked: where it merged, rather than where it was."""
    numbers = [row.number for row in rows]
    pks: dict[str, int] = {}
    for start in range(0, len(numbers), BATCH):
        asked = numbers[start : start + BATCH]
        pks |= dict(Application.objects.filter(number__in=asked).order_by("pk").values_list("number", "pk"))
        also = ApplicationAlias.objects.filter(number__in=asked).order_by("pk")
        pks |= dict(also.values_list("number", "application_id"))
    held = Application.objects.filter(pk__in=list(pks.values())).select_related("priority").order_by("pk")
    by_id = {each.pk: each for each in (in_order(held) if lock else held)}
    return {number: by_id[pk] for number, pk in pks.items()}


class _Known:
    """What is known around these requests: four queries for a whole file."""

    def __init__(self, organisation: Organisation, known: Mapping[str, Application], today: date) -> None:
        ids = [each.pk for each in known.values()]
        live = Proposal.objects.live().filter(application__in=ids).order_by("pk")
        registered = Application.organisations.through.objects.filter(application__in=ids, organisation=organisation)
        self.live = set(live.values_list("application_id", flat=True))
        self.ours = set(registered.order_by("pk").values_list("application_id", flat=True))
        self.dalo = PriorityCategory.objects.in_force(today).filter(code="DALO").first()
        self.retention = Retention()
        self.seen: dict[int, int] = {}

    def facts(self, row: SneRow) -> dict[str, Any]:
        """The columns that a row gives."""
        facts = {name: value for name, value in row.facts.items() if name != "dalo"}
        if row.facts.get("dalo") and self.dalo is not None:
            facts |= {"has_priority": True, "priority": self.dalo}
        if row.requested_on is not None:
            facts["requested_on"] = row.requested_on
        if row.closed_on is not None:
            facts |= {"closed_on": row.closed_on, "closure": Application.Closure.LEASE}
        return facts

    def why_not(self, application: Application, row: SneRow) -> str:
        """Why a request that exists is not changed by this row; "" when it may be."""
        if application.pk in self.seen:
            line = self.seen[application.pk]
            return f"cette demande, connue aussi sous un autre numéro, est déjà à la ligne {line}."
        if application.closed_on is not None and application.closed_on != row.closed_on:
            return f"demande déjà radiée le {day(application.closed_on)} : elle ne se met plus à jour."
        if application.pk not in self.ours:
            return (
                "ce numéro est déjà enregistré par une autre organisation : enregistrez la demande à la main, avec le "
                "nom et la date de naissance de l’attestation."
            )
        if application.closed_on is None and row.closed_on is not None and application.pk in self.live:
            return "une candidature de cette demande est en cours ici : terminez-la, puis importez cette ligne."
        return ""


def _plan(
    rows: Sequence[SneRow], organisation: Organisation, today: date, known: Mapping[str, Application]
) -> ImportPlan:
    plan, around = ImportPlan(), _Known(organisation, known, today)
    for row in rows:
        until = around.retention.until(row.closed_on)
        application = known.get(row.number)
        if row.closed_on is not None and until is not None and until < today:
            why = f"demande radiée le {day(row.closed_on)} : son identité ne se conserve plus."
        else:
            why = around.why_not(application, row) if application else ""
        if why:
            plan.refused.append(LineRefused(row.line, why))
        elif application is None:
            created, facts = Application(number=row.number), around.facts(row)
            plan.by_line[row.line] = (None, _change(plan, created, facts))
            plan.created.append(created)
        else:
            around.seen[application.pk] = row.line
            differs = _change(plan, application, around.facts(row)) if application.closed_on is None else {}
            plan.by_line[row.line] = (application.pk, differs)
            plan.updated += [application] if differs else []
            plan.unchanged += not differs
    return plan


def _change(plan: ImportPlan, application: Application, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Give a request what the row says: what is new in it, in plain values."""
    details = changed(application, facts)
    if details or application.pk is None:
        put(application, facts)
        plan.changes.append((application, details))
    return details
