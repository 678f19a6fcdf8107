"""Conventions as people read them: whose they are, where they stand on a day, which rank comes next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db.models import Count, Max, Min, Q
from django.db.models.functions import Coalesce

from reservations.deadlines import months_after, period_after
from reservations.models import (
    Convention,
    Landlord,
    LegalParameter,
    Membership,
    Quota,
    ReservationHolder,
    SignedDocument,
)
from reservations.models.convention import ConventionQuerySet
from reservations.models.ground import Ground
from reservations.queries.rights import Right, rights_of

#: A convention that ends within this time asks to be renewed: the time to negotiate and vote one.
RENEWAL_NOTICE = timedelta(days=90)


class ConventionState(StrEnum):
    """Where a convention stands on a day; unlike its status, it follows the calendar."""

    DRAFT = "brouillon"
    PROPOSED = "proposee"
    TO_COME = "a-venir"
    IN_FORCE = "en-vigueur"
    PAST = "passee"
    REPLACED = "remplacee"
    VOID = "sans-effet"


def convention_state(convention: Convention, on: date) -> ConventionState:
    """Where one convention stands on a day."""
    if convention.is_open:
        return ConventionState.DRAFT if convention.is_draft else ConventionState.PROPOSED
    if convention.status == Convention.Status.VOID:
        return ConventionState.VOID
    if on < convention.starts_on:
        return ConventionState.TO_COME
    if on <= convention.ends_on:
        return ConventionState.IN_FORCE
    return ConventionState.REPLACED if convention.status == Convention.Status.AMENDED else ConventionState.PAST


def ends_soon(convention: Convention, on: date) -> bool:
    """Is it in force, with an end to prepare for? What an amendment replaces goes on with it."""
    running = (
        convention_state(convention, on) == ConventionState.IN_FORCE and convention.status != Convention.Status.AMENDED
    )
    return running and convention.ends_on - on <= RENEWAL_NOTICE


def stands(wanted: ConventionState, on: date) -> Q:
    """The same, as a condition on conventions."""
    binding, amended = Q(status__in=Convention.BINDING), Q(status=Convention.Status.AMENDED)
    return {
        ConventionState.DRAFT: Q(status=Convention.Status.DRAFT),
        ConventionState.PROPOSED: Q(status=Convention.Status.PROPOSED),
        ConventionState.TO_COME: binding & Q(starts_on__gt=on),
        ConventionState.IN_FORCE: binding & Q(starts_on__lte=on, ends_on__gte=on),
        ConventionState.PAST: binding & ~amended & Q(ends_on__lt=on),
        ConventionState.REPLACED: amended & Q(ends_on__lt=on),
        ConventionState.VOID: Q(status=Convention.Status.VOID),
    }[wanted]


def conventions_of(member: Membership | None) -> ConventionQuerySet:
    """What this person may read, with its parties; nothing for nobody's member."""
    seen = Convention.objects.visible_to(member) if member else Convention.objects.none()
    return seen.select_related("landlord__organisation", "organisation", "perimeter")


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts of conventions on a day, and the years that they cover."""

    in_force: int
    ending: int
    drafts: int
    proposed: int
    first_year: int | None
    last_year: int | None


def overview(conventions: ConventionQuerySet, on: date) -> Overview:
    """Count them, in one query."""
    in_force = stands(ConventionState.IN_FORCE, on)
    counts = conventions.order_by().aggregate(
        in_force=Count("pk", filter=in_force),
        ending=Count(
            "pk", filter=in_force & Q(ends_on__lte=on + RENEWAL_NOTICE) & ~Q(status=Convention.Status.AMENDED)
        ),
        drafts=Count("pk", filter=stands(ConventionState.DRAFT, on)),
        proposed=Count("pk", filter=stands(ConventionState.PROPOSED, on)),
        first=Min("starts_on"),
        last=Max(Coalesce("term_on", "ends_on")),
    )
    first, last = counts.pop("first"), counts.pop("last")
    # What is renewed tacitly has no year to come that is known.
    years = [day.year for day in (last, on if counts["in_force"] else None) if day]
    return Overview(**counts, first_year=first.year if first else None, last_year=max(years, default=None))


def proposed_ranks(landlord: Landlord, holders: Iterable[ReservationHolder], on: date) -> dict[int, int]:
    """A rank for each contingent (by its id): the one it already has with this landlord, else the next free one.

    Conventions that ended before the year of `on` keep no rank. One query.
    """
    used = list(
        Quota.objects.filter(convention__landlord=landlord, convention__ends_on__gte=date(on.year, 1, 1))
        .order_by("convention__starts_on", "pk")
        .values_list("holder_id", "rank")
    )
    mine = dict(used)
    following = max((rank for _, rank in used), default=0) + 1
    proposed = {}
    for holder in holders:
        if holder.pk in mine:
            proposed[holder.pk] = mine[holder.pk]
        else:
            proposed[holder.pk] = following
            following += 1
    return proposed


def renewal_near(convention: Convention, on: date) -> date | None:
    """The term at which it will be renewed tacitly, when the last day to say otherwise is near: as near as the notice
    is long. None when it is not renewed, or when nobody may say so any more."""
    term = convention.term(on)
    until = convention.notice_until(term)
    if until is None or convention.status != Convention.Status.SIGNED or convention.notice_months is None:
        return None
    return term if period_after(until, -convention.notice_months) < on <= until else None


def renewal_waits(about: str, on: date) -> bool:
    """« renewal:12:2026-12-31 »: may somebody still say, of a convention, that it is not renewed at this term?"""
    _, pk, term = about.split(":")
    convention = Convention.objects.filter(pk=int(pk)).first()
    return convention is not None and renewal_near(convention, on) == date.fromisoformat(term)


def renewed_tacitly(on: date) -> ConventionQuerySet:
    """Those in force on a day that will be renewed if nobody says otherwise."""
    return Convention.objects.filter(
        status=Convention.Status.SIGNED, renewal_months__isnull=False, starts_on__lte=on, ends_on__gt=on
    )


def ends_notice(on: date) -> timedelta:
    """How long before an end it is worth a warning; nothing when nobody recorded it."""
    try:
        return timedelta(days=int(LegalParameter.objects.value_on(LegalParameter.Code.EXPIRY_WARNING_DAYS, on)))
    except LegalParameter.DoesNotExist:
        return timedelta(0)


def ending_guarantees(since: date, until: date) -> list[Right]:
    """The rights of everybody of which a loan guarantee ends some part between two days, where their conventions go on
    (CCH, R441-6). Two queries."""
    guarantee = [{"ground": Ground.LOAN_GUARANTEE.value}]
    given = Q(grounds__contains=guarantee) | Q(rates__grounds__contains=guarantee)
    quotas = Quota.objects.filter(given, convention__status__in=Convention.BINDING, convention__ends_on__gt=since)
    landlords = Landlord.objects.filter(pk__in=quotas.order_by().values("convention__landlord"))
    found = rights_of(landlords, since=since, until=until)
    return [right for right in found if any(right.lost) and since <= right.ends_on <= until]


def termination_from(convention: Convention) -> date | None:
    """The first day on which the State may terminate after its formal notice (CCH, R441-5-2 IV). One query.

    None without a notice, or when no delay of the law is recorded for its day.
    """
    notice = convention.formal_notice_on
    if notice is None:
        return None
    code = LegalParameter.Code.TERMINATION_NOTICE_MONTHS
    try:
        months = int(LegalParameter.objects.value_on(code, notice))
    except LegalParameter.DoesNotExist:
        return None
    return months_after(notice, months)


def papers_of(convention: Convention) -> list[SignedDocument.Paper]:
    """The papers that a signed convention may have: its own, then that of each dated act that was recorded. One
    query, none when its parties are fetched."""
    paper, status = SignedDocument.Paper, convention.status
    recorded = {
        paper.CONVENTION: True,
        paper.DENUNCIATION: any(each.denounced_on for each in convention.signatories.all()),
        paper.NOTICE: convention.formal_notice_on is not None,
        paper.TERMINATION: status == Convention.Status.TERMINATED,
        paper.ENDING: status == Convention.Status.ENDED,
    }
    return [each for each in paper if recorded[each]]
