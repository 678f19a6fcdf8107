"""At term: identities erased, journal purged. What balance and objectives count stays (docs/personal-data.md)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from itertools import batched

from django.db.models import Q
from django.utils import timezone

from attributions.bilan.models import ReconciliationLine
from attributions.households.models import (
    AccessRecord,
    AgendaCase,
    AgendaItem,
    Application,
    ApplicationAlias,
    BallotLine,
    CaseDecision,
    Designation,
    Lease,
    Proposal,
    ProposalEnd,
)
from attributions.households.queries.retention import due
from flux.models import Vacancy
from reservations.deadlines import months_after
from reservations.models import HistoryEntry, LegalParameter, TaskFailure
from reservations.models.guards import unguarded
from reservations.models.locking import in_order
from reservations.models.wall import atomic_act
from reservations.operations.apart import each_apart

#: In the place of a text that the database wants there.
ERASED = "Texte effacé au terme de la conservation."
BATCH = 200

logger = logging.getLogger(__name__)

#: How the task, and each of its rows, are called where one fails.
TASK, called = "retention.pseudonymise", "application:{}".format

#: What keeps as they were written the rows that hold typed texts or a number: set aside in these acts, nowhere else.
WRITTEN_ONCE = (
    "attributions_ballotline.append_only",
    "attributions_casedecision.kept",
    "attributions_casedecision.superseded_once",
    "attributions_designation.append_only",
    "attributions_lease.kept",
    "attributions_proposalend.kept",
    "attributions_proposalend.undone_once",
    "attributions_reconciliationline.append_only",
    "reservations_historyentry.append_only",
)


def pseudonymise_due(*, now: datetime | None = None) -> int:
    """Erase the identity of every request whose term has run out, 200 a transaction: how many. Safe to run twice.

    Where one of a batch is at fault, each is erased in its own transaction: the others do not wait for it.
    """
    now = now or timezone.now()
    out = TaskFailure.objects.left_out(TASK, now)
    found = [pk for pk in due(timezone.localdate(now)) if called(pk) not in out]
    erased = 0
    for batch in batched(found, BATCH):
        try:
            erased += pseudonymise(ids=batch, now=now)
        except Exception:
            logger.exception("A batch of identities could not be erased: each is, apart.")
            erased += each_apart(TASK, batch, lambda pk: pseudonymise(ids=[pk], now=now), name=called, now=now)
    return erased


@atomic_act
def pseudonymise(*, ids: Sequence[int], now: datetime) -> int:
    """Erase number, name, birth date, nationality, other numbers and typed texts of these requests: how many."""
    held = list(
        in_order(Application.objects.all())
        .filter(pk__in=ids, pseudonymised_on=None, closed_on__isnull=False)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    proposals = list(Proposal.objects.filter(application__in=held).order_by("pk").values_list("pk", flat=True))
    with unguarded(*WRITTEN_ONCE):
        _erase_texts(proposals)
        _erase_history(held, proposals)
        _erase_reconciled(held)
    ApplicationAlias.objects.filter(application__in=held).delete()
    return Application.objects.filter(pk__in=held).update(
        number="", name="", birth_date=None, nationality="", pseudonymised_on=timezone.localdate(now)
    )


@atomic_act
def forget_reconciled_numbers(*, now: datetime | None = None) -> int:
    """Erase the numbers that files of the SNE and of SYPLO left on points to settle, and whose term is over: how many.

    Most are of requests that nobody registered here: their own day says when."""
    today = timezone.localdate(now or timezone.now())
    with unguarded(*WRITTEN_ONCE):
        return ReconciliationLine.objects.filter(forget_on__lt=today).exclude(number="").update(number="")


@atomic_act
def purge_access_log(*, now: datetime | None = None) -> int:
    """Delete the records of the journal older than its term in force today: how many. None recorded, none deleted."""
    now = now or timezone.now()
    today = timezone.localdate(now)
    try:
        months = int(LegalParameter.objects.value_on(LegalParameter.Code.ACCESS_LOG_MONTHS, today))
    except LegalParameter.DoesNotExist:
        return 0
    first_kept = months_after(today, -months)
    with unguarded("attributions_accessrecord.never_deleted"):
        return AccessRecord.objects.filter(at__date__lt=first_kept).delete()[0]


def _erase_texts(proposals: Sequence[int]) -> None:
    """What a person typed about these candidates and may name them, and what links sealed minutes to them."""
    AgendaCase.objects.filter(proposal__in=proposals).exclude(salt="").update(salt="")
    ends = ProposalEnd.objects.filter(Q(proposal__in=proposals) | Q(undone_of__in=proposals))
    ends.exclude(text="").update(text="")
    BallotLine.objects.filter(case__proposal__in=proposals).exclude(text="").update(text="")
    CaseDecision.objects.filter(proposal__in=proposals).exclude(text="").update(text="")
    CaseDecision.objects.filter(proposal__in=proposals).exclude(why="").update(why=ERASED)
    units = Proposal.objects.filter(pk__in=proposals).order_by().values("vacancy")
    # What is said of several candidates is kept as long as one of them is named.
    named = Proposal.objects.filter(application__pseudonymised_on=None).exclude(pk__in=proposals).order_by()
    alone = Q(proposals=None, vacancy__in=units) & ~Q(routing__in=named.exclude(routing=None).values("routing"))
    designations = Designation.objects.filter(Q(proposals__in=proposals) | alone)
    designations = designations.exclude(pk__in=named.exclude(designation=None).values("designation"))
    Designation.objects.filter(pk__in=designations.order_by().values("pk")).exclude(exemption_text="").update(
        exemption_text=""
    )
    AgendaItem.objects.filter(cases__proposal__in=proposals).exclude(postponed_why="").update(postponed_why=ERASED)
    Lease.objects.filter(proposal__in=proposals).exclude(cancelled_why="").update(cancelled_why=ERASED)


def _erase_reconciled(applications: Sequence[int]) -> None:
    """Every number of these requests, on the points to settle of any file."""
    numbers = [
        *Application.objects.filter(pk__in=applications).order_by("pk").values_list("number", flat=True),
        *ApplicationAlias.objects.filter(application__in=applications).order_by("pk").values_list("number", flat=True),
    ]
    ReconciliationLine.objects.filter(number__in=numbers).exclude(number="").update(number="")


def _erase_history(applications: Sequence[int], proposals: Sequence[int]) -> None:
    """The acts stay, with their day and their author; what they said of the household goes."""
    of = Q(subject=Application._meta.label_lower, subject_id__in=applications)
    of |= Q(subject=Proposal._meta.label_lower, subject_id__in=proposals)
    of |= Q(
        subject=Lease._meta.label_lower,
        subject_id__in=Lease.objects.filter(proposal__in=proposals).order_by().values("pk"),
    )
    HistoryEntry.objects.filter(of).exclude(why="", details={}).update(why="", details={})
    HistoryEntry.objects.filter(_said_of_the_unit(proposals)).exclude(why="").update(why="")


def _said_of_the_unit(proposals: Sequence[int]) -> Q:
    """What a person typed about these candidates is also in the story of their units: why a case was postponed, why an
    allocation or a lease was undone. Only the sentence goes: what is counted is in `details`."""
    units = Proposal.objects.filter(pk__in=proposals).order_by().values("vacancy")
    items = AgendaItem.objects.filter(cases__proposal__in=proposals).order_by().values("pk")
    outcome = Q(details__has_any_keys=["ALLOCATED", "LEASED"])
    return (
        Q(subject=AgendaItem._meta.label_lower, subject_id__in=items)
        | Q(subject=Vacancy._meta.label_lower, subject_id__in=units) & outcome
    )
