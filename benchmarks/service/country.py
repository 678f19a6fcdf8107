"""Other départements beside the Aude, one after another: what the people of one place must not pay for.

Each has its State, a city, the EPCI of that city and one that lies in two départements, ten landlords of its own and
one that is everywhere, with 10,000 units in each: 100,000 in ten. Action Logement is the same organisation for all.
Vacancies are lived as in `benchmarks.service.stored`: in bulk with every trigger, decided by the product's own act.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef, Subquery
from django.utils import timezone

from benchmarks.service.ledgers import open_landlord, sign, siren
from benchmarks.service.stored import LAST, Office, Signed, ask_first, build, fall_today, live
from flux.models import Programme, RoutingPolicy, Unit, Vacancy
from reservations.models import Landlord, Membership, Organisation, Territory, User
from reservations.operations.party import called, register_organisation

#: Vacancies of two years, of each landlord of an ordinary département: six units for each, thirteen units at least.
OWN = (3_200, 1_500, 800, 400, 200, 100, 50, 20, 8, 2)
UNITS_OF_EACH, FEWEST = 6, 13

#: Of the landlord that is everywhere: what falls vacant in two years, and its units, in each département.
EVERYWHERE, ITS_UNITS, ITS_NUMBER = 1_000, 10_000, 9_000

#: Numbers of landlords and of organisations, by the place of the département among all.
LANDLORDS, OTHERS = 10_000, 30_000

#: Communes where much falls vacant, and those where one unit does.
COMMUNES, ALONE = 40, 60

MEMBERS = {
    "state": (Membership.Role.STATE_OFFICER,),
    "city": (Membership.Role.HOLDER_MANAGER, Membership.Role.HOLDER_STAFF),
    "epci": (Membership.Role.EPCI_OFFICER, Membership.Role.HOLDER_STAFF),
    "across": (Membership.Role.EPCI_OFFICER,),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A département that is to be added, and how many vacancies its landlords have; its place among all, from 0."""

    place: int
    departement: Territory
    own: Sequence[int]
    everywhere: int
    units: int = ITS_UNITS

    @property
    def wanted(self) -> int:
        return sum(self.own) + self.everywhere


@dataclass(frozen=True, slots=True)
class Reached:
    """What a database holds."""

    departements: int
    landlords: int
    units: int
    vacancies: int
    bytes: int


def plans(seed: int) -> list[Plan]:
    """Every département but the Aude, those of its région first: half to twice as large as an ordinary one."""
    ordered = Territory.objects.filter(kind="DEPARTEMENT").order_by("code")
    places = {each.pk: place for place, each in enumerate(ordered)}
    near = Territory.objects.get(kind="DEPARTEMENT", code="11").region_id
    found = []
    for each in sorted(ordered, key=lambda each: (each.region_id != near, each.code)):
        if each.code != "11":
            size = random.Random(f"{seed}/{each.code}").choice((50, 75, 100, 100, 150, 200))
            own = [max(1, some * size // 100) for some in OWN]
            found.append(Plan(places[each.pk], each, own, EVERYWHERE))
    return found


def is_there(plan: Plan) -> bool:
    """A département comes whole, in one transaction, with its State."""
    return Organisation.objects.filter(kind="STATE", territory=plan.departement).exists()


@transaction.atomic
def add(plan: Plan, *, seed: int, tell: Callable[[int], None] = lambda _: None) -> None:
    """The département with all its landlords. `tell` is notified how many vacancies more are done."""
    now = timezone.now()
    today, chance = timezone.localdate(now), random.Random(f"{seed}/{plan.departement.code}")
    signed, begun = _signed(plan), date(today.year - 1, 1, 1)
    for number, wanted in enumerate(plan.own):
        at = LANDLORDS + 20 * plan.place + number
        landlord, by = _open(at, signed, begun, plan.departement)
        waiting = min(LAST, 1 + wanted // 50)
        units = build(landlord, signed, max(FEWEST, UNITS_OF_EACH * wanted, wanted + waiting), chance)
        if number == 0:
            _scatter(units, _alone(plan, signed), wanted)
        office = Office(landlord, by, chance, units)
        for some in live(office, signed, wanted, now=now):
            tell(some)
        ask_first(office, today)
        fall_today(office, signed, waiting, now=now)
    for some in live(_everywhere(plan, signed, begun, chance), signed, plan.everywhere, now=now):
        tell(some)


def _open(number: int, signed: Signed, begun: date, departement: Territory) -> tuple[Landlord, User]:
    landlord, by = open_landlord(number, signed.organisations, on=begun, departement=departement)
    for role in (Membership.Role.LANDLORD_MANAGER, Membership.Role.LANDLORD_STAFF):
        Membership.objects.create(user=by, organisation=landlord.organisation, role=role)
    RoutingPolicy.objects.create(landlord=landlord, mode=RoutingPolicy.Mode.AUTOMATIC, starts_on=begun)
    return landlord, by


def _everywhere(plan: Plan, signed: Signed, begun: date, chance: random.Random) -> Office:
    """The landlord that is everywhere, which signs here, and its units here."""
    email = f"bailleur-{ITS_NUMBER}@exemple.test"
    if by := User.objects.filter(email=email).first():
        landlord = Landlord.objects.get(acronym=f"B{ITS_NUMBER}")
        across = signed.organisations.get("across")
        known = across is not None and landlord.conventions.filter(organisation=across).exists()
        signing = {part: each for part, each in signed.organisations.items() if not (known and part == "across")}
        sign(landlord, by, signing, on=begun, departement=plan.departement)
    else:
        landlord, by = _open(ITS_NUMBER, signed, begun, plan.departement)
    held = Unit.objects.filter(landlord=landlord).count()
    return Office(landlord, by, chance, build(landlord, signed, plan.units, chance, before=held))


def _signed(plan: Plan) -> Signed:
    """Who signs there: its State, the city where most people live, the EPCI of that city, one that also lies in another
    département, and Action Logement, the same for all."""
    communes = Territory.objects.filter(kind="COMMUNE", departement=plan.departement)
    first = communes.order_by(F("population").desc(nulls_last=True), "code")[0]
    places = {"state": plan.departement, "city": first, "epci": first.epci, "across": _across(plan.departement)}
    organisations = {"als": Organisation.objects.filter(kind="ACTION_LOGEMENT").order_by("pk")[0]}
    for number, (part, place) in enumerate(places.items()):
        if place is not None and place.pk not in {each.territory_id for each in organisations.values()}:
            kind = {"state": "STATE", "city": "COMMUNE"}.get(part, "EPCI")
            known = Organisation.objects.filter(kind=kind, territory=place).first()
            organisations[part] = known or _register(OTHERS + 20 * plan.place + number, part, kind, place)
    near = communes.filter(epci=first.epci).exclude(pk=first.pk).order_by("code")[: COMMUNES // 2]
    between = communes.filter(epci=places["across"]).exclude(pk=first.pk).order_by("code")[: COMMUNES // 4]
    there = list(dict.fromkeys([first, *near, *between, *communes.order_by("code")[: COMMUNES // 4]]))
    return Signed(organisations, there, [200, *[1 + 40 // (1 + place) for place in range(len(there) - 1)]])


def _across(departement: Territory) -> Territory | None:
    """An EPCI that lies there and elsewhere: one that signs already, or the largest; None where there is none."""
    communes = Territory.objects.filter(kind="COMMUNE", departement=departement).exclude(epci=None).order_by()
    found = (
        Territory.objects.filter(pk__in=communes.values("epci"))
        .annotate(
            among=Subquery(
                Territory.objects.filter(kind="COMMUNE", epci=OuterRef("pk"))
                .order_by()
                .values("epci")
                .annotate(departements=Count("departement", distinct=True))
                .values("departements")
            ),
            signs=Exists(Organisation.objects.filter(kind="EPCI", territory=OuterRef("pk"))),
        )
        .filter(among__gt=1)
    )
    return found.order_by("-signs", F("population").desc(nulls_last=True), "code").first()


def _register(number: int, part: str, kind: str, place: Territory) -> Organisation:
    """An organisation and its people, of every role that it has."""
    name = f"État – {place.name}" if part == "state" else called(Organisation.Kind(kind), place)
    organisation = register_organisation(name=name[:120], siren=siren(number), kind=kind, territory=place)
    for role in MEMBERS[part]:
        user = User.objects.create(
            email=f"{role.lower()}-{number}@exemple.test", full_name=f"{role.label} {number}"[:80]
        )
        Membership.objects.create(user=user, organisation=organisation, role=role)
    return organisation


def _alone(plan: Plan, signed: Signed) -> list[Territory]:
    """Communes where one unit falls vacant, once."""
    known = {each.pk for each in signed.communes}
    last = Territory.objects.filter(kind="COMMUNE", departement=plan.departement).order_by("-code")[: 2 * ALONE]
    return [each for each in last if each.pk not in known][:ALONE]


def _scatter(units: list[Unit], communes: Sequence[Territory], wanted: int) -> None:
    """One unit in each of these communes, among the first `wanted`."""
    landlord = units[0].landlord
    number = Programme.objects.filter(landlord=landlord).count()
    alone = Programme.objects.bulk_create(
        Programme(landlord=landlord, name="Maison seule", commune=commune, number=number + place, attractiveness="C")
        for place, commune in enumerate(communes[:wanted], 1)
    )
    built = Unit.objects.bulk_create(
        Unit(
            landlord=landlord,
            programme=programme,
            commune=programme.commune,
            reference=f"{landlord.acronym}-SEUL-{place:03d}",
            street_number="1",
            street_type="RUE",
            street_name="VOLTAIRE",
            ordinal=1,
            rooms=4,
            financing_code="13",
            in_qpv=False,
            construction_year=1990,
        )
        for place, programme in enumerate(alone)
    )
    every = max(1, wanted // max(1, len(built)))
    for place, unit in enumerate(built):
        units.insert(place * every, unit)


def reached() -> Reached:
    """What the database holds now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        [size] = cursor.fetchone()
    return Reached(
        departements=Organisation.objects.filter(kind="STATE", territory__kind="DEPARTEMENT").count(),
        landlords=Landlord.objects.count(),
        units=Unit.objects.count(),
        vacancies=Vacancy.objects.count(),
        bytes=size,
    )
