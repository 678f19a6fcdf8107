"""The small world that tests live in, built through operations. People have names:

Alice (landlord's manager) and Aline (landlord's staff), Bob (State), Chloé (city), Driss (nobody's member),
Emma (EPCI), Adam (administrator), Zoé (another landlord, another département).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from flux.models import DecisionWindow, Programme, Unit, Vacancy
from flux.operations.vacancy import declare_vacancy
from reservations.models import (
    Convention,
    Landlord,
    Membership,
    Organisation,
    ReservationHolder,
    Territory,
    User,
)
from reservations.models.territory import search_key
from reservations.operations.convention import draft_convention
from reservations.operations.convention_end import repeal_order
from reservations.operations.convention_pause import accept_pause, propose_end
from reservations.operations.convention_terms import QuotaTerms, proposed_terms, share_of
from reservations.operations.party import register_landlord, register_organisation
from reservations.operations.person import grant_membership
from tests.guards import unguarded
from tests.signing import sign_convention

Role = Membership.Role
Kind = Territory.Kind
Contingent = ReservationHolder.Contingent

#: A morning of the demonstration's year: tests that need « now » start here.
MORNING = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
#: The landlords of the world decide each departure alone, since always.
ALONE_SINCE = date(2000, 1, 1)
PASSWORD = "un mot de passe assez long"


def siren(number: int) -> str:
    """A well-formed SIREN for tests: 99 000 000 and up, with its Luhn key."""
    head = str(99_000_000 + number)
    total = sum(d - 9 if d > 9 else d for d in (int(c) * (1 + i % 2) for i, c in enumerate(head)))
    return head + str(-total % 10)


def territory(kind: str, code: str, name: str, **links: Territory) -> Territory:
    return Territory.objects.create(kind=kind, code=code, name=name, search_name=search_key(name), **links)


@dataclass
class World:
    """Everything by its name. Fields are filled by `build_world`."""

    places: dict[str, Territory] = field(default_factory=dict)
    landlord: Landlord = None
    other_landlord: Landlord = None
    state: Organisation = None
    als: Organisation = None
    city: Organisation = None
    epci: Organisation = None
    operator: Organisation = None
    holders: dict[str, ReservationHolder] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    conventions: dict[str, Convention] = field(default_factory=dict)
    programme: Programme = None

    def member(self, name: str) -> Membership:
        """The (first) membership of a person."""
        return Membership.objects.select_related("organisation__landlord", "organisation__territory", "user").filter(
            user=self.people[name]
        )[0]

    def unit(self, *, landlord: Landlord | None = None, commune: str = "Narbonne", **given: object) -> Unit:
        """One more unit, T3 PLUS out of QPV built in 1984 unless stated otherwise."""
        landlord = landlord or self.landlord
        place = self.places[commune]
        programme, _ = Programme.objects.get_or_create(
            landlord=landlord,
            name=f"Résidence de {commune}",
            commune=place,
            defaults={"number": Programme.objects.filter(landlord=landlord).count() + 1},
        )
        ordinal = Unit.objects.filter(landlord=landlord).count() + 1
        defaults = {
            "reference": f"{landlord.acronym}-{programme.number:02d}-{ordinal:03d}",
            "street_number": "12",
            "street_type": "RUE",
            "street_name": "VOLTAIRE",
            "ordinal": ordinal,
            "rooms": 3,
            "financing_code": "13",
            "in_qpv": False,
            "construction_year": 1984,
        }
        return Unit.objects.create(landlord=landlord, programme=programme, commune=place, **(defaults | given))

    def vacancy(
        self,
        unit: Unit | None = None,
        *,
        kind: str = Vacancy.Kind.IN_FLOW,
        exclusion: str = "",
        confirmed: bool = False,
        now: datetime = MORNING,
        **given: object,
    ) -> Vacancy:
        """Declare a unit vacant, through the act."""
        today = timezone.localdate(now)
        return declare_vacancy(
            unit=unit or self.unit(**given),
            kind=kind,
            exclusion=exclusion,
            confirmed=confirmed,
            notice_on=today,
            available_on=max(today + timedelta(4), date(today.year, today.month, 28)),
            by=self.people["aline"],
            now=now,
        )

    def end(self, convention: Convention, on: date) -> Convention:
        """End a signed convention on that very day, through the act."""
        return end_convention(
            convention=convention,
            ends_on=on,
            why="Fin convenue.",
            today=on,
            by=manager_of(convention.landlord),
        )


def end_convention(
    *,
    convention: Convention,
    ends_on: date,
    why: str,
    today: date,
    by: User,
    successor: Organisation | None = None,
) -> Convention:
    """End a convention by the accord of each party, the landlord proposing it, or of the préfet's order by its repeal:
    through the acts. What ended."""
    given = {"ends_on": ends_on, "why": why, "today": today, "by": by, "successor": successor}
    if convention.is_order:
        return repeal_order(convention=convention, **given)
    ours = convention.landlord.organisation
    ending = propose_end(convention=convention, organisation=ours, **given)
    for party in ending.convention.signatories.exclude(organisation=ours).select_related("organisation").order_by("pk"):
        accept_pause(pause=ending, organisation=party.organisation, by=by, today=today)
    return Convention.objects.get(pk=ending.convention_id)


def manager_of(landlord: Landlord) -> User:
    """Who acts for a landlord: one of its managers, invited when it has none yet."""
    at = landlord.organisation
    manager = User.objects.filter(memberships__organisation=at, memberships__role=Role.LANDLORD_MANAGER).first()
    if manager is None:
        manager = User(email=f"direction-{at.siren}@exemple.test", full_name=f"Direction de {at.name}")
        manager.set_password(PASSWORD)
        manager.save()
        grant_membership(user=manager, organisation=at, role=Role.LANDLORD_MANAGER)
    return manager


def convention(
    landlord: Landlord,
    organisation: Organisation,
    perimeter: Territory,
    *quotas: tuple[ReservationHolder, str, int],
    starts_on: date = date(2026, 1, 1),
    ends_on: date = date(2028, 12, 31),
    signed: bool = True,
    **terms: object,
) -> Convention:
    """Draft, and sign unless stated otherwise, by the landlord's manager. `quotas`: (holder, percent, rank).

    `terms`: columns that are not as the law and usage propose, `proposal_days=10`.
    """
    by = manager_of(landlord)
    drafted = draft_convention(
        landlord=landlord,
        organisation=organisation,
        perimeter=perimeter,
        starts_on=starts_on,
        ends_on=ends_on,
        quotas=[QuotaTerms(holder, share_of(Decimal(percent)), rank) for holder, percent, rank in quotas],
        terms=replace(proposed_terms(organisation, starts_on), **terms),
        by=by,
    )
    return sign_convention(convention=drafted, signed_on=starts_on, by=by) if signed else drafted


def promise_behind_the_acts(drafted: Convention, share: int) -> None:
    """Give every quota of a signed convention another share, as no act can: what a damaged database could hold."""
    with unguarded("reservations_quota.kept_once_out_of_draft"):
        drafted.quotas.update(share=share)


def unsign(signed: Convention, status: str = "DRAFT") -> None:
    """Put a signed convention back to where it was before, as no act can."""
    with unguarded("reservations_convention.never_unsigned", "reservations_convention.terms_kept"):
        Convention.objects.filter(pk=signed.pk).update(status=status, signed_on=None)


def build_parties() -> World:
    """Robine Habitat in Narbonne and seven people, no convention yet."""
    world = World()
    _places(world)
    _parties(world)
    _people(world)
    return world


def build_world() -> World:
    """The same with four conventions, nothing vacant yet."""
    world = build_parties()
    where, hold = world.places, world.holders
    robine = world.landlord
    world.conventions = {
        "state": convention(robine, world.state, where["Aude"], (hold["priority"], "25", 1), (hold["agents"], "5", 2)),
        "als": convention(robine, world.als, where["Aude"], (hold["als"], "20", 3)),
        "city": convention(robine, world.city, where["Narbonne"], (hold["city"], "12", 4)),
        "epci": convention(robine, world.epci, where["Le Grand Narbonne"], (hold["epci"], "6", 5)),
    }
    return world


def _places(world: World) -> None:
    put = world.places
    put["Occitanie"] = territory(Kind.REGION, "76", "Occitanie")
    for code, name in (("11", "Aude"), ("34", "Hérault")):
        put[name] = territory(Kind.DEPARTEMENT, code, name, region=put["Occitanie"])
    put["Le Grand Narbonne"] = territory(Kind.EPCI, "241100593", "CA Le Grand Narbonne")
    put["Béziers Méditerranée"] = territory(Kind.EPCI, "243400769", "CA de Béziers-Méditerranée")
    for code, name, departement, epci in (
        ("11262", "Narbonne", "Aude", "Le Grand Narbonne"),
        ("11106", "Coursan", "Aude", "Le Grand Narbonne"),
        ("11379", "Sigean", "Aude", "Le Grand Narbonne"),
        ("34032", "Béziers", "Hérault", "Béziers Méditerranée"),
    ):
        put[name] = territory(
            Kind.COMMUNE, code, name, departement=put[departement], region=put["Occitanie"], epci=put[epci]
        )


def _parties(world: World) -> None:
    where, kinds = world.places, Organisation.Kind
    world.landlord = register_landlord(siren="999000003", name="Robine Habitat", acronym="RH")
    world.other_landlord = register_landlord(siren="999000011", name="Toits de l’Orb", acronym="TO")
    for landlord in (world.landlord, world.other_landlord):  # what is registered is decided at once
        DecisionWindow.objects.create(landlord=landlord, length=1, days=0, starts_on=ALONE_SINCE)
    world.state = register_organisation(
        siren=siren(1), name="Préfecture de l’Aude", article="la", kind=kinds.STATE, territory=where["Aude"]
    )
    world.als = register_organisation(siren=siren(2), name="Action Logement Services", kind=kinds.ACTION_LOGEMENT)
    world.city = register_organisation(
        siren=siren(3), name="Ville de Narbonne", article="la", kind=kinds.COMMUNE, territory=where["Narbonne"]
    )
    world.epci = register_organisation(
        siren=siren(4), name="Le Grand Narbonne", article="le", kind=kinds.EPCI, territory=where["Le Grand Narbonne"]
    )
    world.operator = register_organisation(siren=siren(5), name="Équiflux", kind=kinds.OPERATOR)
    of = {(h.organisation_id, h.contingent): h for h in ReservationHolder.objects.select_related("organisation")}
    world.holders = {
        "priority": of[world.state.pk, Contingent.STATE_PRIORITY],
        "agents": of[world.state.pk, Contingent.STATE_AGENTS],
        "als": of[world.als.pk, Contingent.ACTION_LOGEMENT],
        "city": of[world.city.pk, Contingent.AUTHORITY],
        "epci": of[world.epci.pk, Contingent.AUTHORITY],
        "landlord": of[world.landlord.organisation_id, Contingent.NOT_RESERVED],
        "other_landlord": of[world.other_landlord.organisation_id, Contingent.NOT_RESERVED],
    }


def _people(world: World) -> None:
    for name, organisation, role in (
        ("alice", world.landlord.organisation, Role.LANDLORD_MANAGER),
        ("aline", world.landlord.organisation, Role.LANDLORD_STAFF),
        ("bob", world.state, Role.STATE_OFFICER),
        ("chloe", world.city, Role.HOLDER_STAFF),
        ("driss", None, ""),
        ("emma", world.epci, Role.EPCI_OFFICER),
        ("adam", world.operator, Role.ADMINISTRATOR),
        ("zoe", world.other_landlord.organisation, Role.LANDLORD_MANAGER),
    ):
        user = User(email=f"{name}@exemple.test", full_name=name.title())
        user.set_password(PASSWORD)
        user.save()
        world.people[name] = user
        if organisation:
            grant_membership(user=user, organisation=organisation, role=role)
