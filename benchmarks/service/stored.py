"""A département of many vacancies beside the demonstration: what its people store, others must not pay for.

Landlords of every size, signed with the demonstration's own State, Action Logement, city and EPCI. Units, vacancies
and what became of them are written in bulk, with every trigger; each decision is taken by the product's own act, month
after month, so that recommendations, accounts and folds are those that it writes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from attributions.households.models import Application, Designation, Lease, Proposal
from benchmarks.service.ledgers import open_landlord
from flux.models import FlowEntry, Ledger, Programme, Return, Routing, RoutingPolicy, Unit, Vacancy
from flux.operations.routing import route_waiting_vacancies
from flux.operations.unit_file import copy_units
from reservations.models import Landlord, Membership, Organisation, Territory, User

#: Vacancies of each landlord of a département: one office that dwarfs the others, then smaller and smaller ones.
DEPARTEMENT = (40_000, 6_000, 2_500, 1_000, 400, 100)

COMMUNES, CHUNK, COPIED, LAST = 40, 1_000, 5_000, 300

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signs with every landlord, where units fall vacant, and how often there."""

    organisations: dict[str, Organisation]
    communes: list[Territory]
    weights: list[int]


@dataclass(slots=True)
class Office:
    """A landlord, who acts for it, and the numbers of its units and of its applicants."""

    landlord: Landlord
    by: User
    chance: random.Random
    units: list[Unit]
    at: int = 0


def signed_rows() -> Signed:
    """The organisations of the demonstration of the Aude, and the communes of its département that come first."""
    aude = Territory.objects.get(kind="DEPARTEMENT", code="11")
    narbonne = Territory.objects.get(kind="COMMUNE", code="11262")
    of = Organisation.objects.order_by("pk")
    organisations = {
        "state": of.filter(kind="STATE", territory=aude)[0],
        "als": of.filter(kind="ACTION_LOGEMENT")[0],
        "city": of.filter(kind="COMMUNE", territory=narbonne)[0],
        "epci": of.filter(kind="EPCI", territory=narbonne.epci)[0],
    }
    near = Territory.objects.filter(kind="COMMUNE", epci=narbonne.epci).exclude(pk=narbonne.pk).order_by("code")
    far = Territory.objects.filter(kind="COMMUNE", departement=aude).exclude(epci=narbonne.epci).order_by("code")
    communes = [narbonne, *near[: COMMUNES // 2], *far[: COMMUNES // 2]]
    return Signed(organisations, communes, [200, *[1 + 40 // (1 + place) for place in range(len(communes) - 1)]])


def fill(*, sizes: tuple[int, ...] = DEPARTEMENT, seed: int = 1, tell: Tell = lambda *_: None) -> list[Office]:
    """So many vacancies of as many new landlords, a third of them of the year before. `tell` is reported the landlord,
    how many are done, and how many there are."""
    signed, now, done = signed_rows(), timezone.now(), 0
    offices = []
    for number, wanted in enumerate(sizes):
        office = _open(number, signed, wanted, seed=seed, today=timezone.localdate(now))
        offices.append(office)
        for some in live(office, signed, wanted, now=now):
            done += some
            tell(office.landlord.organisation.name, done, sum(sizes))
        ask_first(office, timezone.localdate(now))
        fall_today(office, signed, min(LAST, max(3, wanted // 50)), now=now)
    return offices


def live(office: Office, signed: Signed, wanted: int, *, now: datetime) -> Iterator[int]:
    """So many vacancies from the month that is furthest to this one: how many at each step."""
    for day, some in _months(wanted, timezone.localdate(now)):
        _live(office, signed, some, day, now=now)
        yield some


def _open(number: int, signed: Signed, wanted: int, *, seed: int, today: date) -> Office:
    begun = date(today.year - 1, 1, 1)
    landlord, by = open_landlord(600 + number, signed.organisations, on=begun)
    Membership.objects.create(user=by, organisation=landlord.organisation, role=Membership.Role.LANDLORD_MANAGER)
    RoutingPolicy.objects.create(landlord=landlord, mode=RoutingPolicy.Mode.AUTOMATIC, starts_on=begun)
    chance = random.Random(f"{seed}/{number}")
    return Office(landlord, by, chance, build(landlord, signed, wanted + LAST, chance))


def build(landlord: Landlord, signed: Signed, wanted: int, chance: random.Random, *, before: int = 0) -> list[Unit]:
    """So many units, of a landlord that had so many `before`."""
    number = Programme.objects.filter(landlord=landlord).count() + 1 if before else 1
    programmes = Programme.objects.bulk_create(
        Programme(landlord=landlord, name=f"Résidence {place}", commune=commune, number=place, attractiveness="B")
        for place, commune in enumerate(chance.choices(signed.communes, signed.weights, k=2 + wanted // 60), number)
    )
    units = [
        Unit(
            landlord=landlord,
            programme=(programme := chance.choice(programmes)),
            commune=programme.commune,
            reference=f"{landlord.acronym}-{ordinal:06d}",
            street_number=str(ordinal + 1),
            street_type="RUE",
            street_name="VOLTAIRE",
            ordinal=1 + ordinal % 30_000,
            rooms=chance.choice((1, 2, 2, 3, 3, 3, 4, 4, 5)),
            financing_code=chance.choice(("10", "13", "13", "16", "")),
            in_qpv=chance.choice((True, False, False)),
            construction_year=chance.randint(1950, 2020),
        )
        for ordinal in range(before, before + wanted)
    ]
    for begin in range(0, wanted, COPIED):
        copy_units(units[begin : begin + COPIED])
    ids = dict(Unit.objects.filter(landlord=landlord).order_by().values_list("reference", "pk"))
    for unit in units:
        unit.pk, unit._state.adding = ids[unit.reference], False
    return units


def _months(wanted: int, today: date) -> Iterator[tuple[date, int]]:
    """How many fall vacant in each month, on its first day: one third in the year before."""
    before = [date(today.year - 1, month, 1) for month in range(1, 13)]
    since = [date(today.year, month, 1) for month in range(1, today.month + 1)]
    for days, part in ((before, wanted // 3), (since, wanted - wanted // 3)):
        for place, day in enumerate(days):
            some = part * (place + 1) // len(days) - part * place // len(days)
            for begin in range(0, some, CHUNK):
                yield day, min(CHUNK, some - begin)


def _fall(office: Office, signed: Signed, some: int, day: date) -> list[Vacancy]:
    """One in twelve is out of the flow."""
    aude = signed.organisations["state"].territory
    ledger, _ = Ledger.objects.ordinary().get_or_create(landlord=office.landlord, departement=aude, exercise=day.year)
    at = timezone.make_aware(datetime.combine(day, time(9)))
    units, office.at = office.units[office.at : office.at + some], office.at + some
    kinds = [place % 24 for place in range(some)]
    return Vacancy.objects.bulk_create(
        Vacancy(
            unit=unit,
            kind={5: Vacancy.Kind.EXCLUDED, 6: Vacancy.Kind.TECHNICAL}.get(kind, Vacancy.Kind.IN_FLOW),
            exclusion=Vacancy.Exclusion.INTERNAL_TRANSFER if kind == 5 else "",
            ledger=None if kind in (5, 6) else ledger,
            notice_on=day - timedelta(office.chance.randint(1, 30)),
            available_on=day + timedelta(60),
            registered_at=at,
            registered_on=day,
            registered_by=office.by,
        )
        for unit, kind in zip(units, kinds, strict=True)
    )


def _live(office: Office, signed: Signed, some: int, day: date, *, now: datetime) -> None:
    vacancies = _fall(office, signed, some, day)
    routed_at = min(now, timezone.make_aware(datetime.combine(day, time(10))))
    for ledger in {each.ledger_id for each in vacancies if each.ledger_id}:
        route_waiting_vacancies(ledger_id=ledger, now=routed_at)
    opened = Routing.objects.filter(vacancy__in=vacancies, closed_at=None).select_related("vacancy", "holder")
    recent = (timezone.localdate(now) - day).days < 40
    _become(office, signed, list(opened.order_by("pk")), routed_at, recent=recent)


def ask_first(office: Office, today: date) -> None:
    """From today a person confirms."""
    RoutingPolicy.objects.create(landlord=office.landlord, mode=RoutingPolicy.Mode.CONFIRM, starts_on=today)


def fall_today(office: Office, signed: Signed, some: int, *, now: datetime) -> None:
    """The queue of the landlord."""
    vacancies = _fall(office, signed, some, timezone.localdate(now))
    for ledger in {each.ledger_id for each in vacancies if each.ledger_id}:
        route_waiting_vacancies(ledger_id=ledger, now=now)


def _become(office: Office, signed: Signed, opened: list[Routing], at: datetime, *, recent: bool) -> None:
    """What became of each: one in twenty was given back and changed hands, seven in ten are let, of which two in five
    by candidates followed here; of the others some have candidates, and some wait."""
    entries: list[FlowEntry] = []
    sent_on, let_on = (timezone.localdate(at) + timedelta(days) for days in (0 if recent else 12, 0 if recent else 40))

    def entry(routing: Routing, stage: str, on: date, quantity: int = 1, holder: int = 0) -> None:
        vacancy = routing.vacancy
        assert vacancy.ledger_id is not None
        entries.append(
            FlowEntry(
                ledger_id=vacancy.ledger_id,
                holder_id=holder or routing.holder_id,
                vacancy=vacancy,
                stage=stage,
                quantity=quantity,
                on=on,
            )
        )

    again = _given_back(office, opened, at, entry)
    sent_at = at + timedelta(days=0 if recent else 12)
    here: list[Routing] = []
    elsewhere: list[Routing] = []
    for place, routing in enumerate(again):
        if place % 10 == 9 or (recent and place % 3):
            continue
        (here if place % 5 < 2 else elsewhere).append(routing)
        entry(routing, "DESIGNATED", sent_on)
        routing.answered_on = sent_on
    Routing.objects.bulk_update(here + elsewhere, ["answered_on"], batch_size=500)
    housed = _candidates(office, here, sent_at, recent=recent)
    let: list[tuple[Routing, Proposal | None]] = [(routing, None) for routing in elsewhere if not recent]
    let += [(each.routing, each) for each in housed if each.routing is not None]
    for leased, _ in let:
        entry(leased, "ALLOCATED", let_on)
        entry(leased, "LEASED", let_on)
    Lease.objects.bulk_create(
        Lease(
            vacancy=leased.vacancy,
            routing=leased,
            proposal=proposal,
            holder_id=leased.holder_id,
            signed_on=let_on,
            in_qpv=leased.vacancy.pk % 3 == 0,
            income_quartile=1 + leased.vacancy.pk % 4,
            recorded_at=at + timedelta(days=0 if recent else 40),
            recorded_by=office.by,
        )
        for leased, proposal in let
    )
    FlowEntry.objects.bulk_create(entries, batch_size=2_000)


def _given_back(office: Office, opened: list[Routing], at: datetime, entry: Callable[..., None]) -> list[Routing]:
    """Those that changed hands are closed and open anew at the next holder; the routings that are open then."""
    later, holders = at + timedelta(days=1), [routing.holder for routing in opened]
    fresh: list[Routing] = []
    kept: list[Routing] = []
    closed: list[Routing] = []
    for place, routing in enumerate(opened):
        after = holders[(place + 1) % len(holders)]
        if place % 20 != 7 or after.pk == routing.holder_id:
            kept.append(routing)
            continue
        closed.append(routing)
        routing.closed_at = later
        on = timezone.localdate(at)
        entry(routing, "ROUTED", on, -1)
        entry(routing, "RETURNED", on)
        entry(routing, "ROUTED", on, 1, after.pk)
        entry(routing, "OFFERED", on, 1, after.pk)
        fresh.append(
            Routing(
                vacancy=routing.vacancy,
                holder=after,
                recommendation_id=routing.recommendation_id,
                routed_at=later,
                routed_by=office.by,
                motive=Routing.Motive.OTHER,
                motive_text="Rendu.",
            )
        )
    Routing.objects.bulk_update(closed, ["closed_at"], batch_size=500)
    Return.objects.bulk_create(
        Return(routing=each, reason="DECLINED", counted=False, text="Rendu.", returned_at=later, returned_by=office.by)
        for each in closed
    )
    return kept + Routing.objects.bulk_create(fresh)


def _candidates(office: Office, routings: list[Routing], sent_at: datetime, *, recent: bool) -> list[Proposal]:
    """Three for each; the first is housed, unless it is recent: one in two is then ready for the committee. Those
    housed."""
    organisations = {each.pk: each.holder.organisation_id for each in routings}
    sent = Designation.objects.bulk_create(
        Designation(
            vacancy=each.vacancy,
            routing=each,
            sent_at=sent_at,
            sent_by=office.by,
            sent_for_id=organisations[each.pk],
        )
        for each in routings
    )
    wanted = [(each, place) for each in sent for place in (1, 2, 3)]
    asking = Application.objects.bulk_create(
        Application(
            number=f"9{designation.pk:016d}{place}",
            name=f"DEMANDEUR {office.chance.randrange(10**6)}",
            birth_date=date(1950 + office.chance.randrange(50), 1, 1),
            adults=1 + office.chance.randrange(2),
            children=office.chance.randrange(4),
            requested_on=date(2020, 1, 1) + timedelta(office.chance.randrange(1500)),
        )
        for designation, place in wanted
    )
    registered = Application.organisations.through
    registered.objects.bulk_create(
        [
            registered(application_id=each.pk, organisation_id=organisations[designation.routing_id or 0])
            for each, (designation, _) in zip(asking, wanted, strict=True)
        ],
        batch_size=5_000,
    )

    def status(place: int, vacancy: int) -> str:
        if recent:
            return "READY" if vacancy % 2 else "SENT"
        return "HOUSED" if place == 1 else "RELEASED"

    proposals = Proposal.objects.bulk_create(
        Proposal(
            vacancy=designation.vacancy,
            routing=designation.routing,
            application=application,
            designation=designation,
            proposer_id=designation.sent_for_id,
            position=place,
            status=status(place, designation.vacancy_id),
            since=sent_at,
            created_at=sent_at,
            created_by=office.by,
            ready_at=sent_at if status(place, designation.vacancy_id) != "SENT" else None,
            ready_by=office.by if status(place, designation.vacancy_id) != "SENT" else None,
            adults=application.adults,
            children=application.children,
        )
        for application, (designation, place) in zip(asking, wanted, strict=True)
    )
    return [each for each in proposals if each.status == "HOUSED"]


def store(landlord: Landlord, by: User, wanted: int, *, let: int) -> Ledger:
    """So many vacancies of this month for a landlord that is there: for a test, which needs them to be many, whatever
    they state. Each is routed to the landlord itself, and the first `let` of them are let."""
    now = timezone.now()
    today = timezone.localdate(now)
    commune = Unit.objects.filter(landlord=landlord).values_list("commune", flat=True).first()
    place = Territory.objects.get(pk=commune) if commune else Territory.objects.filter(kind="COMMUNE")[0]
    yearly = Ledger.objects.ordinary()
    ledger, _ = yearly.get_or_create(landlord=landlord, departement=place.departement, exercise=today.year)
    held = Programme.objects.filter(landlord=landlord).count()
    programme = Programme.objects.create(landlord=landlord, name="Résidence pleine", commune=place, number=held + 1)
    units = Unit.objects.bulk_create(
        Unit(
            landlord=landlord,
            programme=programme,
            commune=place,
            reference=f"PLEIN-{ordinal:05d}",
            street_number=str(ordinal + 1),
            street_type="RUE",
            street_name="RABELAIS",
            ordinal=1,
            rooms=3,
        )
        for ordinal in range(wanted)
    )
    vacancies = Vacancy.objects.bulk_create(
        Vacancy(
            unit=unit,
            kind=Vacancy.Kind.IN_FLOW,
            ledger=ledger,
            notice_on=today,
            available_on=today + timedelta(30),
            registered_at=now,
            registered_on=today,
            registered_by=by,
        )
        for unit in units
    )
    own = landlord.organisation.contingents.get(contingent=7)
    FlowEntry.objects.bulk_create(
        FlowEntry(ledger=ledger, holder=own, vacancy=each, stage=stage, quantity=1, on=today)
        for place, each in enumerate(vacancies)
        for stage in ("ROUTED", "OFFERED", *(("ALLOCATED", "LEASED") if place < let else ()))
    )
    # Last, so that each is at its stage at once: the versions of a row that a transaction left are looked at too.
    Routing.objects.bulk_create(Routing(vacancy=each, holder=own, routed_at=now) for each in vacancies)
    return ledger
