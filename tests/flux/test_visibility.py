"""Counts are common, files are not: who may list which vacancy, and who may open which unit.

The town is full of what could leak: another landlord, another département, a holder's unit beside another's,
one re-routed away, one of each kind that never enters the flow.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING

import pytest
from django.db.models import Exists, OuterRef, Q

from flux.models import Ledger, Routing, Unit, Vacancy
from flux.models.vacancy import VacancyQuerySet
from flux.operations.routing import confirm_recommendations, route_elsewhere, sweep_waiting_vacancies
from flux.operations.stock import keep_in_stock
from flux.permissions import can_declare_vacancy, can_manage_stock, can_route
from flux.queries.units import seen_places, units_in
from reservations.models import Convention, Membership, Organisation, TerritoryLink
from reservations.models.territory import within
from reservations.operations.party import register_organisation
from reservations.operations.person import grant_membership, register_user
from tests.guards import unguarded
from tests.world import MORNING, PASSWORD, convention, siren
from tests.world_again import kept

if TYPE_CHECKING:
    from tests.world import World


@dataclass
class Town:
    world: World
    vacancies: dict[str, Vacancy]

    def names(self, found: object) -> set[str]:
        keys = {vacancy.pk: name for name, vacancy in self.vacancies.items()}
        return {keys[vacancy.pk] for vacancy in found}


@pytest.fixture
@kept
def town(world: World) -> Town:
    """Robine Habitat in Narbonne, Coursan and Béziers; Toits de l’Orb in Narbonne and Béziers."""
    hold = world.holders
    beziers = register_organisation(
        siren=siren(20),
        name="Ville de Béziers",
        article="la",
        kind=Organisation.Kind.COMMUNE,
        territory=world.places["Béziers"],
    )
    herault = register_organisation(
        siren=siren(21),
        name="Préfecture de l’Hérault",
        article="la",
        kind=Organisation.Kind.STATE,
        territory=world.places["Hérault"],
    )
    for organisation in (beziers, herault):
        holder = organisation.contingents.order_by("-contingent")[0]
        where = world.places["Béziers"] if organisation == beziers else world.places["Hérault"]
        convention(world.landlord, organisation, where, (holder, "10", 10 + organisation.pk))
        hold[organisation.name] = holder
    made = {
        "city": world.vacancy(),
        "als": world.vacancy(),
        "taken from city": world.vacancy(),
        "to confirm": world.vacancy(),
        "coursan": world.vacancy(commune="Coursan"),
        "beziers": world.vacancy(commune="Béziers"),
        "excluded": world.vacancy(kind="EXCLUDED", exclusion="URBAN_RENEWAL"),
        "technical": world.vacancy(kind="TECHNICAL"),
        "first letting": world.vacancy(kind="FIRST_LETTING"),
        "other landlord here": world.vacancy(landlord=world.other_landlord, commune="Narbonne"),
        "other landlord there": world.vacancy(landlord=world.other_landlord, commune="Béziers"),
    }
    sweep_waiting_vacancies(now=MORNING)
    for name, holder in (
        ("city", hold["city"]),
        ("als", hold["als"]),
        ("taken from city", hold["city"]),
        ("taken from city", hold["als"]),
        ("coursan", hold["epci"]),
        ("beziers", hold["Ville de Béziers"]),
    ):
        send(world, made[name], holder)
    in_stock = world.unit()
    keep_in_stock(
        unit=in_stock, holder=hold["als"], ground="UNCONVERTED", starts_on=MORNING.date(), by=world.people["alice"]
    )
    made["stock"] = world.vacancy(in_stock)
    made["waiting"] = world.vacancy()
    for name, organisation, role in (
        ("bertrand", beziers, Membership.Role.HOLDER_STAFF),
        ("hugo", herault, Membership.Role.STATE_OFFICER),
        ("alban", world.als, Membership.Role.HOLDER_STAFF),
        ("elise", world.epci, Membership.Role.HOLDER_STAFF),
    ):
        world.people[name] = register_user(email=f"{name}@exemple.test", full_name=name, password="une phrase de passe")
        grant_membership(user=world.people[name], organisation=organisation, role=role)
    return Town(world, made)


def send(world: World, vacancy: Vacancy, holder: object) -> None:
    """Where it stands already, or there with a motive."""
    routing = vacancy.routings.filter(closed_at=None).first()
    now_with = routing.holder if routing else vacancy.recommendations.get().holder
    if now_with == holder:
        confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    else:
        route_elsewhere(
            vacancy=vacancy,
            holder=holder,
            motive="OTHER",
            motive_text="Essai.",
            by=world.people["aline"],
            now=MORNING,
        )


ROBINE_IN_NARBONNE = {
    "city", "als", "taken from city", "to confirm", "excluded", "technical", "first letting", "stock", "waiting",
}  # fmt: skip
ROBINE_IN_AUDE = ROBINE_IN_NARBONNE | {"coursan"}
ROBINE = ROBINE_IN_AUDE | {"beziers"}
OTHER = {"other landlord here", "other landlord there"}

#: Who lists what, and whose files they open.
SEEN = {
    "alice": (ROBINE, ROBINE),
    "aline": (ROBINE, ROBINE),
    "zoe": (OTHER, OTHER),
    "chloe": (ROBINE_IN_NARBONNE, {"city"}),
    "alban": (ROBINE_IN_AUDE, {"als", "taken from city", "stock"}),
    "elise": (ROBINE_IN_AUDE, {"coursan"}),
    "bertrand": ({"beziers"}, {"beziers"}),
    "bob": (ROBINE_IN_AUDE | {"other landlord here"}, set()),
    "hugo": ({"beziers", "other landlord there"}, set()),
    "emma": (ROBINE_IN_AUDE | {"other landlord here"}, set()),
    "adam": (ROBINE | OTHER, set()),
}


@pytest.mark.parametrize("person", SEEN)
def test_vacancies_that_each_person_lists(town: Town, person: str) -> None:
    assert town.names(Vacancy.objects.visible_to(town.world.member(person))) == SEEN[person][0]


def shown_by_place(found: VacancyQuerySet) -> Counter[tuple[object, ...]]:
    return Counter(found.values_list("landlord", "unit__commune", "registered_on__year", "ledger"))


@pytest.mark.parametrize("person", SEEN)
def test_places_hold_what_each_person_lists(town: Town, person: str) -> None:
    """What a list counts and lets one choose is read from counts kept by place; the rule is the same."""
    member = town.world.member(person)
    kept_there: Counter[tuple[object, ...]] = Counter()
    for place in seen_places(member):
        kept_there[place.landlord, place.commune, place.year, place.ledger] += place.units
    assert kept_there == shown_by_place(Vacancy.objects.visible_to(member))
    assert units_in(seen_places(member)) == len(SEEN[person][0])


def sight_of_each(member: Membership) -> Q:
    """What a holder sees listed, asked of each: the conventions of its landlord are looked for there, in its year."""
    rights = Convention.objects.binding().filter(
        organisation=member.organisation_id,
        landlord=OuterRef("landlord"),
        starts_on__year__lte=OuterRef("registered_on__year"),
        ends_on__year__gte=OuterRef("registered_on__year"),
    )
    mine = Q(holder__organisation=member.organisation_id) | Q(acting=member.organisation_id)
    routed = Routing.objects.filter(mine, vacancy=OuterRef("pk"), closed_at=None)
    seen = Q(Exists(rights.covering("commune"))) | Q(Exists(routed))
    overseen = member.organisation.territory_id if member.is_overseer else None
    if not overseen:
        return seen
    once = Vacancy.declared.once_in(overseen).order_by().values("pk")
    return seen | within(overseen, commune="commune") | Q(pk__in=once)


@pytest.mark.parametrize("seed", range(4))
def test_what_a_holder_sees_is_found_by_place_as_it_is_of_each(world: World, seed: int) -> None:
    """Conventions of any status, years and perimeter, units routed anywhere, vacancies cancelled, and units placed
    elsewhere since: every holder sees listed what is found by asking each vacancy, and counts the same."""
    draw = random.Random(seed)
    landlords, communes = [world.landlord, world.other_landlord], ["Narbonne", "Coursan", "Béziers"]
    for place in draw.choices(communes, k=18):
        when = MORNING.replace(year=draw.choice([2024, 2025, 2026]))
        world.vacancy(landlord=draw.choice(landlords), commune=place, now=when)
    with unguarded("reservations_convention.end_kept"):
        Convention.objects.exclude(pk__in=Convention.objects.order_by("pk").values("pk")[:2]).update(
            status=draw.choice(["VOID", "SIGNED", "TERMINATED"])
        )
    holders = [holder for holder in world.holders.values() if not holder.is_not_reserved]
    organisations = sorted({holder.organisation for holder in holders}, key=attrgetter("pk"))
    for organisation in organisations:
        for landlord in landlords:
            year, status = draw.choice([2023, 2024, 2025]), draw.choice(["DRAFT", *Convention.BINDING])
            Convention.objects.create(
                landlord=landlord,
                organisation=organisation,
                perimeter=world.places[draw.choice([*communes, "Hérault", "Le Grand Narbonne", "Occitanie"])],
                starts_on=date(year, draw.randint(1, 12), 5),
                ends_on=date(year + draw.choice([0, 0, 1]), 12, draw.randint(6, 28)),
                status=status,
                signed_on=None if status == "DRAFT" else date(year, 1, 1),
            )
    every = list(Vacancy.objects.order_by("pk"))
    Routing.objects.filter(vacancy__in=every).update(closed_at=MORNING)
    Routing.objects.bulk_create(
        Routing(vacancy=vacancy, holder=draw.choice(holders), acting=draw.choice([None, world.epci]), routed_at=MORNING)
        for vacancy in draw.sample(every, 5)
    )
    cancelled = [vacancy.pk for vacancy in draw.sample(every, 6)]
    Vacancy.objects.filter(pk__in=cancelled).update(
        cancelled_at=MORNING,
        cancelled_by=world.people["alice"],
        cancellation="DECLARED_BY_MISTAKE",
        cancellation_text="Essai.",
    )
    for vacancy in draw.sample(every, 8):
        Unit.objects.filter(pk=vacancy.unit_id).update(commune=world.places[draw.choice(communes)])
    found = 0
    for organisation in organisations:
        is_state = organisation.kind == Organisation.Kind.STATE
        role = Membership.Role.STATE_OFFICER if is_state else Membership.Role.HOLDER_STAFF
        member = Membership(organisation=organisation, role=role)
        for vacancies in (Vacancy.objects, Vacancy.declared):
            names = set(vacancies.filter(sight_of_each(member)))
            assert set(vacancies.visible_to(member)) == names, (member, vacancies)
            found += len(names)
        counted = Counter[tuple[object, ...]]()
        for each in seen_places(member):
            counted[each.landlord, each.commune, each.year, each.ledger] += each.units
        assert counted == shown_by_place(Vacancy.objects.filter(sight_of_each(member))), member
    assert found


def test_places_reach_what_an_overseer_holds_elsewhere_or_saw_leave(town: Town) -> None:
    """The State of the Aude keeps a unit in stock in Béziers, and Coursan leaves its département the year after."""
    world = town.world
    away = world.unit(commune="Béziers")
    keep_in_stock(
        unit=away,
        holder=world.holders["agents"],
        ground="DEFENCE",
        starts_on=MORNING.date(),
        by=world.people["alice"],
    )
    town.vacancies["stock away"] = world.vacancy(away)
    coursan = world.places["Coursan"]
    TerritoryLink.objects.filter(territory=coursan, container=world.places["Aude"]).update(until=date(2026, 12, 31))
    coursan.departement = world.places["Hérault"]
    coursan.save(update_fields=["departement"])
    bob = world.member("bob")
    assert town.names(Vacancy.objects.visible_to(bob)) >= {"stock away", "coursan"}
    kept_there: Counter[tuple[object, ...]] = Counter()
    for place in seen_places(bob):
        kept_there[place.landlord, place.commune, place.year, place.ledger] += place.units
    assert kept_there == shown_by_place(Vacancy.objects.visible_to(bob))


@pytest.mark.parametrize("person", SEEN)
def test_files_that_each_person_opens(town: Town, person: str) -> None:
    member = town.world.member(person)
    listed = Vacancy.objects.visible_to(member).with_file_access(member)
    assert town.names(v for v in listed if v.file_open) == SEEN[person][1]
    assert town.names(Vacancy.objects.visible_to(member).file_open_to(member)) == SEEN[person][1]


@pytest.mark.parametrize("person", SEEN)
def test_units_that_each_person_opens(town: Town, person: str) -> None:
    units = Unit.objects.visible_to(town.world.member(person))
    assert sorted(units.values_list("pk", flat=True)) == sorted(
        town.vacancies[name].unit_id for name in SEEN[person][1]
    )


def test_recommended_is_not_routed_the_file_stays_closed(town: Town) -> None:
    awaited = [v for v in Vacancy.objects.to_confirm() if v.unit.landlord == town.world.landlord]
    holders = [vacancy.recommendations.get().holder for vacancy in awaited]
    assert town.world.landlord.organisation_id not in {holder.organisation_id for holder in holders}
    for vacancy, holder in zip(awaited, holders, strict=True):
        member = Membership.objects.select_related("organisation").filter(organisation=holder.organisation).first()
        assert Vacancy.objects.visible_to(member).filter(pk=vacancy.pk).exists()
        assert not Vacancy.objects.filter(pk=vacancy.pk).file_open_to(member).exists()


def test_acts_belong_to_the_landlord_of_the_unit(town: Town) -> None:
    vacancy, landlord = town.vacancies["to confirm"], town.world.landlord
    allowed = {
        person: (
            can_route(town.world.member(person), vacancy),
            can_declare_vacancy(town.world.member(person), landlord),
            can_manage_stock(town.world.member(person), landlord),
        )
        for person in SEEN
    }
    assert allowed == dict.fromkeys(SEEN, (False, False, False)) | {
        "alice": (True, True, True),
        "aline": (True, True, False),
    }
    assert (can_route(None, vacancy), can_declare_vacancy(None, landlord), can_manage_stock(None, landlord)) == (
        False,
        False,
        False,
    )


def test_right_opens_the_exercises_that_it_overlaps_and_no_other(world: World) -> None:
    city = register_organisation(
        siren=siren(30),
        name="Ville de Coursan",
        article="la",
        kind=Organisation.Kind.COMMUNE,
        territory=world.places["Coursan"],
    )
    member = grant_membership(
        user=register_user(email="celia@exemple.test", full_name="Célia", password="une phrase de passe"),
        organisation=city,
        role=Membership.Role.HOLDER_STAFF,
    )
    quota = (city.contingents.get(), "10", 60)
    ends = date(2026, 1, 31)
    convention(world.landlord, city, world.places["Coursan"], quota, starts_on=date(2025, 12, 1), ends_on=ends)
    made = {
        year: world.vacancy(commune="Coursan", now=MORNING.replace(year=year))
        for year in (2024, 2025, 2026, 2027, 2028)
    }
    assert set(Vacancy.objects.visible_to(member)) == {made[2025], made[2026]}
    assert set(Ledger.objects.visible_to(member).values_list("exercise", flat=True)) == {2025, 2026}
    assert set(Ledger.objects.values_list("exercise", flat=True)) == set(made)


def test_an_epci_reads_the_accounts_of_where_it_was_that_year(world: World) -> None:
    """Béziers lay in Le Grand Narbonne until the end of 2025: the EPCI of then goes on reading 2025, that of now does
    not begin to (docs/decisions/0038)."""
    beziers, narbonne = world.places["Béziers"], world.places["Le Grand Narbonne"]
    epci = world.places["Béziers Méditerranée"]
    now = TerritoryLink.objects.get(territory=beziers, kind=TerritoryLink.Kind.EPCI)
    TerritoryLink.objects.filter(pk=now.pk).update(since=date(2026, 1, 1))
    TerritoryLink.objects.create(
        territory=beziers,
        kind=TerritoryLink.Kind.EPCI,
        container=narbonne,
        since=date.min,
        until=date(2025, 12, 31),
        source="arrêté préfectoral",
    )
    there = register_organisation(
        siren=siren(22), name="CA de Béziers", article="la", kind=Organisation.Kind.EPCI, territory=epci
    )
    user = register_user(email="noemie@exemple.test", full_name="Noémie", password=PASSWORD)
    noemie = grant_membership(user=user, organisation=there, role=Membership.Role.EPCI_OFFICER)
    for year in (2025, 2026):
        for kind in Ledger.Kind:
            Ledger.objects.create(
                landlord=world.landlord, departement=world.places["Hérault"], exercise=year, kind=kind
            )
    names = {str(each) for each in Ledger.objects.filter(exercise=2026)}
    besides = ("", ", premières locations", ", logements passés pour un tour")
    assert names == {f"Robine Habitat, Hérault, 2026{each}" for each in besides}

    def read(member: Membership) -> set[int]:
        return {ledger.exercise for ledger in Ledger.objects.visible_to(member)}

    assert read(world.member("emma")) == {2025}
    assert read(noemie) == {2026}
    assert read(world.member("alice")) == {2025, 2026}
