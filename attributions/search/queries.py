"""One search for all that has a name: what the person may see, and where it may go from there."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, F, Model, OuterRef, Q, QuerySet, Subquery, When, Window
from django.db.models.functions import Coalesce, TruncDate

from attributions.bilan.models import AnnualBalance
from attributions.households.models import Application, CommitteeSession, Lease, Proposal
from attributions.households.permissions import can_register
from attributions.households.queries.applications import named
from attributions.search.destinations import PageFound, named_pages
from flux.models import Ledger, LedgerLine, Programme, Unit, Vacancy
from flux.queries.units import matching
from reservations.models import Convention, Landlord, Membership, Organisation, ReservationHolder, Territory, User
from reservations.models.searched import folded, holds
from reservations.models.searched import near as comes_near
from reservations.models.territory import search_key

#: Results of one kind shown; the others are counted, and narrower words find them.
SHOWN = 20

#: Units are counted up to so many: beyond, narrower words find them, and nothing reads the rest.
COUNTED = 1_000

#: Sessions shown, the latest: a committee of a landlord has its name, and meets every week.
MEETINGS = 5

#: Letters of a word of which one may be wrong.
NEAR = 4

#: Accounts, conventions, balances and candidacies proposed for one result, the latest first.
LINKS = 4

#: « 12/03/2026 », « 12 3 2026 ».
DAY = re.compile(r"(\d{1,2})[ /.-](\d{1,2})[ /.-](\d{4})")


@dataclass(frozen=True, slots=True)
class HouseholdFound:
    """A request that the reader reads by name, and its candidacies: in progress, or with a lease (`signed_on`)."""

    application: Application
    candidacies: list[Proposal]


@dataclass(frozen=True, slots=True)
class UnitFound:
    """A unit, and its latest vacancy: where what is to be done of it is."""

    unit: Unit
    vacancy: Vacancy | None


@dataclass(frozen=True, slots=True)
class OrganisationFound:
    """An organisation, with what the reader may open of it: its accounts as a landlord, its lines as a holder, the
    conventions that it signs, its balances."""

    organisation: Organisation
    ledgers: list[Ledger]
    lines: list[LedgerLine]
    conventions: list[Convention]
    balances: list[AnnualBalance]


@dataclass(frozen=True, slots=True)
class Some[Row]:
    """The first results of one kind, and how many there are; `beyond`: there are more than were counted."""

    rows: list[Row]
    count: int
    beyond: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a few words designate, by kind. `near`: nothing holds these words, these come near them."""

    pages: Some[PageFound]
    households: Some[HouseholdFound]
    units: Some[UnitFound]
    programmes: Some[Programme]
    sessions: Some[CommitteeSession]
    people: Some[User]
    organisations: Some[OrganisationFound]
    territories: Some[Territory]
    near: bool = False

    @property
    def beyond(self) -> bool:
        return self.units.beyond

    @property
    def count(self) -> int:
        kinds = (self.pages, self.households, self.units, self.programmes, self.sessions, self.people)
        return sum(each.count for each in (*kinds, self.organisations, self.territories))


def search(member: Membership, text: str) -> Found:
    """Find what holds every word of `text`, in any order; accents, case and punctuation do not matter.

    Pages and acts that open for the person, by name.
    Households by name, with their leases, for who registers or receives their request: their numbers are posted, never
    in an address (`queries.applications.numbered`). Units by reference, address or programme; programmes; sessions of a
    committee by its name or by their day; colleagues; organisations by name, contingent or SIREN; places by name or
    code, those of the departements of the reader first. When nothing is found, what comes near: a fixed number of
    queries each time.
    """
    found = _search(member, text)
    if found.count or not any(len(word) >= NEAR for word in search_key(text).split()):
        return found
    near = _search(member, text, near=True)
    return near if near.count else found


def _search(member: Membership, text: str, *, near: bool = False) -> Found:
    nothing: Some[Unit] = Some([], 0)
    units = nothing if near else _units(member, text)
    return Found(
        pages=Some([], 0) if near else _pages(member, text),
        households=_households(member, text, near=near),
        units=_with_vacancies(units, member),
        programmes=Some([], 0) if near else _first(_programmes(member, text)),
        sessions=Some([], 0) if near else _first(_sessions(member, text), MEETINGS),
        people=_first(_people(member, text, near=near)),
        organisations=_with_accounts(_first(_organisations(text, near=near)), member),
        territories=_first(_territories(member, text, near=near)),
        near=near,
    )


def _pages(member: Membership, text: str) -> Some[PageFound]:
    found = named_pages(member, text)
    return Some(found[:SHOWN], len(found))


def _first[M: Model](found: QuerySet[M], shown: int = SHOWN) -> Some[M]:
    """The first of them, in their order, and how many there are: chosen and counted in one reading, by their ids. Two
    queries, one when there are none."""
    ids = list(found.select_related(None).annotate(among=Window(Count("pk"))).values_list("pk", "among")[:shown])
    if not ids:
        return Some([], 0)
    return Some(list(found.filter(pk__in=[pk for pk, _ in ids])), ids[0][1])


def _named(column: str, text: str, *, near: bool) -> Q | None:
    """Condition « this column holds every word », or comes near each; None without a word."""
    words = search_key(text).split()
    if near:
        words = [word for word in words if len(word) >= NEAR]
    condition = Q()
    for word in words:
        condition &= comes_near(column, word) if near else holds(column, word)
    return condition if words else None


def _households(member: Membership, text: str, *, near: bool) -> Some[HouseholdFound]:
    """Of who reads requests by name; two queries more where some are found."""
    if not can_register(member):
        return Some([], 0)
    found = _first(named(member, text, near=near))
    ids = [request.pk for request in found.rows]
    candidacies: dict[int, list[Proposal]] = defaultdict(list)
    if ids:
        every = Proposal.objects.visible_to(member).of_requests(ids)
        seen = every.live() | every.filter(status=Proposal.Status.HOUSED, vacancy__cancelled_at=None)
        lease = Lease.objects.filter(proposal=OuterRef("pk"), cancelled_at=None).order_by("-pk")
        seen = seen.annotate(signed_on=Subquery(lease.values("signed_on")[:1]))
        for each in seen.select_related("application", "vacancy__unit__commune").order_by("-pk"):
            candidacies[each.application.merged_into_id or each.application_id].append(each)
    return Some([HouseholdFound(each, candidacies[each.pk][:LINKS]) for each in found.rows], found.count)


def _units(member: Membership, text: str) -> Some[Unit]:
    """The first by their reference; where there are more than are counted, the first of those that were."""
    found = matching(Unit.objects.visible_to(member), text).order_by()
    counted = Unit.objects.filter(pk__in=found.values("pk")[: COUNTED + 1])
    first = _first(counted.select_related("commune", "programme", "landlord__organisation").order_by("reference", "pk"))
    return Some(first.rows, min(first.count, COUNTED), beyond=first.count > COUNTED)


def _with_vacancies(found: Some[Unit], member: Membership) -> Some[UnitFound]:
    """One query, whatever their number; none without a unit."""
    latest: dict[int, Vacancy] = {}
    if found.rows:
        seen = Vacancy.objects.visible_to(member).filter(unit__in=found.rows, cancelled_at=None)
        latest = {
            each.unit_id: each for each in seen.order_by("unit_id", "-pk").distinct("unit_id").select_related("staged")
        }
    return Some([UnitFound(each, latest.get(each.pk)) for each in found.rows], found.count, found.beyond)


def _programmes(member: Membership, text: str) -> QuerySet[Programme]:
    called = _named("words", text, near=False)
    seen = Programme.objects.visible_to(member).alias(words=folded("name"))
    found = seen.filter(called) if called is not None else seen.none()
    return found.select_related("commune", "landlord__organisation").order_by("name", "pk")


def _sessions(member: Membership, text: str) -> QuerySet[CommitteeSession]:
    """By the name of the committee, or by the day."""
    day, called = _day(text), _named("words", text, near=False)
    seen = CommitteeSession.objects.visible_to(member).alias(
        closing=TruncDate(Coalesce("vote_closes_at", "held_at")), words=folded("committee__name")
    )
    found = seen.filter(closing=day) if day is not None else seen.filter(called or Q(pk=None))
    # `visible_to` joins the seats: each session once, and then in order.
    ids = found.order_by().values("pk")
    return (
        CommitteeSession.objects.filter(pk__in=ids)
        .select_related("committee__landlord__organisation")
        .order_by("-held_at", "-pk")
    )


def _day(text: str) -> date | None:
    """The day that is written, when nothing else is."""
    written = DAY.fullmatch(text.strip())
    if written is None:
        return None
    number, month, year = (int(part) for part in written.groups())
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _people(member: Membership, text: str, *, near: bool) -> QuerySet[User]:
    """Who acts for the same organisation: by name, or by the whole address."""
    called = _named("words", text, near=near)
    mine = Membership.objects.filter(organisation=member.organisation_id).order_by().values("user")
    seen = User.objects.filter(pk__in=mine, is_active=True).alias(words=folded("full_name"))
    addressed = Q(email__iexact=text.strip())
    wanted = addressed if called is None else called | addressed
    return seen.filter(wanted).order_by("full_name", "pk")


def _organisations(text: str, *, near: bool) -> QuerySet[Organisation]:
    """Public names: everybody may find them. Each way of finding them is asked of its own index."""
    called = _named("words", text, near=near)
    if called is None:
        return Organisation.objects.none()
    words = search_key(text).split()
    contingents = [
        choice.value
        for choice in ReservationHolder.Contingent
        if choice != ReservationHolder.Contingent.NOT_RESERVED
        and all(word in search_key(str(choice.label)) for word in words)
    ]
    every = Organisation.objects.order_by()
    ways = (
        every.filter(siren=text.replace(" ", "")).values("pk"),
        ReservationHolder.objects.filter(contingent__in=contingents).order_by().values("organisation"),
    )
    by_name = every.alias(words=folded("name")).filter(called).values("pk")
    return Organisation.objects.filter(pk__in=by_name.union(*ways)).order_by("name", "pk")


def _territories(member: Membership, text: str, *, near: bool) -> QuerySet[Territory]:
    """Those of the departement of the reader first, of the others as their own search has them."""
    if near:
        called = _named("search_name", text, near=True)
        found = Territory.objects.none() if called is None else Territory.objects.filter(called)
        found = found.order_by(F("population").desc(nulls_last=True), "search_name", "kind", "code")
    else:
        found = Territory.objects.search(text)
    own = _departements(member)
    here = Case(When(departement__in=own, then=0), When(pk__in=own, then=0), default=1)
    return found.order_by(here, *found.query.order_by).select_related("departement")


def _departements(member: Membership) -> list[int]:
    """Where the reader works: the departement of its organisation, or those of its accounts."""
    place = member.organisation.territory
    if place is not None:
        return [place.departement_id or place.pk]
    if member.landlord is None:
        return []
    own = Ledger.objects.ordinary().filter(landlord=member.landlord).order_by()
    return [pk for pk in own.values_list("departement", flat=True).distinct() if pk is not None]


def _with_accounts(found: Some[Organisation], member: Membership) -> Some[OrganisationFound]:
    """Four queries, whatever the number of organisations; none without one."""
    ids = [organisation.pk for organisation in found.rows]
    ledgers: dict[int, list[Ledger]] = defaultdict(list)
    lines: dict[int, list[LedgerLine]] = defaultdict(list)
    conventions: dict[int, list[Convention]] = defaultdict(list)
    balances: dict[int, list[AnnualBalance]] = defaultdict(list)
    if ids:
        landlords = Landlord.objects.filter(organisation__in=ids)
        seen = Ledger.objects.ordinary().visible_to(member)
        for ledger in seen.filter(landlord__in=landlords).select_related("landlord__organisation", "departement"):
            ledgers[ledger.landlord.organisation_id].append(ledger)
        for line in (
            LedgerLine.objects.filter(ledger__in=seen, holder__organisation__in=ids)
            .exclude(holder__contingent=ReservationHolder.Contingent.NOT_RESERVED)
            .select_related("ledger__landlord__organisation", "ledger__departement", "holder__organisation")
            .order_by("-ledger__exercise", "ledger__landlord__organisation__name", "pk")
        ):
            lines[line.holder.organisation_id].append(line)
        around = ("landlord__organisation", "organisation", "perimeter")
        for convention in (
            Convention.objects.visible_to(member)
            .filter(Q(organisation__in=ids) | Q(landlord__in=landlords))
            .filter(status__in=(Convention.Status.DRAFT, Convention.Status.PROPOSED, Convention.Status.SIGNED))
            .select_related(*around)
            .order_by("-starts_on", "-pk")
        ):
            for organisation in {convention.organisation_id, convention.landlord.organisation_id} & set(ids):
                conventions[organisation].append(convention)
        for balance in (
            AnnualBalance.objects.visible_to(member)
            .filter(landlord__in=landlords)
            .select_related("landlord__organisation", "departement")
            .order_by("-exercise", "departement__code")
        ):
            balances[balance.landlord.organisation_id].append(balance)
    return Some(
        [
            OrganisationFound(
                each,
                ledgers[each.pk][:LINKS],
                lines[each.pk][:LINKS],
                conventions[each.pk][:LINKS],
                balances[each.pk][:LINKS],
            )
            for each in found.rows
        ],
        found.count,
    )
