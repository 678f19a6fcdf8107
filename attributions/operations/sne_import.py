"""Importing an export of the SNE: requests created and brought up to date, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from attributions.models import Application, ApplicationAlias, PriorityCategory, Proposal
from attributions.queries.retention import Retention
from reservations.models import HistoryEntry, Organisation, User
from reservations.operations.history import record
from reservations.refusals import Refusal
from reservations.templatetags.french import day

#: Columns that an import may write on a request that exists.
WRITTEN = (
    "requested_on",
    "adults",
    "children",
    "income",
    "income_units",
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
    """What a file changes: new requests, those it brings up to date, how many it leaves as they are, and refuses."""

    created: list[Application] = field(default_factory=list)
    updated: list[Application] = field(default_factory=list)
    joined: list[Application] = field(default_factory=list)
    unchanged: int = 0
    refused: list[LineRefused] = field(default_factory=list)


def preview_applications(*, rows: Sequence[SneRow], organisation: Organisation, today: date) -> ImportPlan:
    """What `import_applications` would do now. Nothing is written."""
    return _plan(rows, organisation, today, _known(rows, lock=False))


@transaction.atomic
def import_applications(
    *, rows: Sequence[SneRow], organisation: Organisation, by: User, now: datetime | None = None
) -> ImportPlan:
    """Create the requests that are not known, bring the others up to date; refused lines are in the plan returned.

    A request is found by its number or by another one that it is known by. What the file leaves empty stays as it is
    known. A closed request is not changed. Those of the export of the housed are closed on the day it says (R441-2-8
    a). Imported again, the same file changes nothing.
    Raises ImportRefused: somebody recorded one of these requests meanwhile; nothing is written.
    """
    today = timezone.localdate(now)
    plan = _plan(rows, organisation, today, _known(rows, lock=True))
    try:
        with transaction.atomic():
            Application.objects.bulk_create(plan.created, batch_size=BATCH)
    except IntegrityError as error:
        raise ImportRefused(
            "Rien n’est importé : une de ces demandes vient d’être enregistrée. Vérifiez le fichier de nouveau."
        ) from error
    Application.objects.bulk_update(plan.updated, WRITTEN, batch_size=BATCH)
    through = Application.organisations.through
    through.objects.bulk_create(
        [through(application_id=each.pk, organisation_id=organisation.pk) for each in (*plan.created, *plan.joined)],
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    if plan.created or plan.updated or plan.joined:
        counts = {"created": len(plan.created), "updated": len(plan.updated), "refused": len(plan.refused)}
        record(organisation, HistoryEntry.Act.IMPORTED, by=by, details=counts)
    return plan


def _known(rows: Sequence[SneRow], *, lock: bool) -> dict[str, Application]:
    """The requests that these numbers designate, by each number asked; two queries for 1,000 rows."""
    numbers = [row.number for row in rows]
    found: dict[str, Application] = {}
    for start in range(0, len(numbers), BATCH):
        asked = numbers[start : start + BATCH]
        also = dict(ApplicationAlias.objects.filter(number__in=asked).values_list("number", "application_id"))
        held = Application.objects.filter(number__in=asked) | Application.objects.filter(pk__in=list(also.values()))
        held = held.order_by("pk")
        by_id = {each.pk: each for each in (held.select_for_update(of=("self",)) if lock else held)}
        found |= {number: by_id[pk] for number, pk in also.items()}
        found |= {each.number: each for each in by_id.values()}
    one: dict[int, Application] = {}
    return {number: one.setdefault(each.pk, each) for number, each in found.items()}


def _plan(
    rows: Sequence[SneRow], organisation: Organisation, today: date, known: Mapping[str, Application]
) -> ImportPlan:
    retention, plan, seen = Retention(), ImportPlan(), dict[int, int]()
    dalo = PriorityCategory.objects.in_force(today).filter(code="DALO").first()
    ids = [each.pk for each in known.values()]
    live = set(Proposal.objects.live().filter(application__in=ids).values_list("application", flat=True))
    through = Application.organisations.through.objects
    ours = set(through.filter(organisation=organisation, application__in=ids).values_list("application_id", flat=True))
    for row in rows:
        facts = {name: value for name, value in row.facts.items() if name != "dalo"}
        if row.facts.get("dalo") and dalo is not None:
            facts["priority"] = dalo
        if row.requested_on is not None:
            facts["requested_on"] = row.requested_on
        until = retention.until(row.closed_on)
        if row.closed_on is not None and until is not None and until < today:
            sentence = f"demande radiée le {day(row.closed_on)} : son identité ne se conserve plus."
            plan.refused.append(LineRefused(row.line, sentence))
            continue
        if row.closed_on is not None:
            facts |= {"closed_on": row.closed_on, "closure": Application.Closure.LEASE}
        application = known.get(row.number)
        if application is None:
            plan.created.append(Application(number=row.number, **facts))
        elif why := _why_not(application, row, seen, live):
            plan.refused.append(LineRefused(row.line, why))
        else:
            seen[application.pk] = row.line
            _change(plan, application, facts, ours=application.pk in ours)
    return plan


def _why_not(application: Application, row: SneRow, seen: Mapping[int, int], live: set[int]) -> str:
    """Why a request that exists is not changed by this row; "" when it may be."""
    if application.pk in seen:
        return f"cette demande, connue aussi sous un autre numéro, est déjà à la ligne {seen[application.pk]}."
    if application.closed_on is not None and application.closed_on != row.closed_on:
        return f"demande déjà radiée le {day(application.closed_on)} : elle ne se met plus à jour."
    if application.closed_on is None and row.closed_on is not None and application.pk in live:
        return "une candidature de cette demande est en cours ici : terminez-la, puis importez cette ligne."
    return ""


def _change(plan: ImportPlan, application: Application, facts: Mapping[str, object], *, ours: bool) -> None:
    """Give a request what the row says; a closed one is known already."""
    changes = {} if application.closed_on else {n: v for n, v in facts.items() if getattr(application, n) != v}
    if not ours:
        plan.joined.append(application)
    for name, value in changes.items():
        setattr(application, name, value)
    if changes:
        plan.updated.append(application)
    elif ours:
        plan.unchanged += 1
