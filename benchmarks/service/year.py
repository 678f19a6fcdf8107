"""A landlord's year lived whole, written in bulk: units, vacancies, who had them, and what became of them.

The description of a unit and its holder are drawn once for DISTINCT vacancies and repeated: ten times as many vacancies
make the same cells of the balance, each ten times as full.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from django.db import connection
from django.utils import timezone

from attributions.households.models import Lease
from benchmarks.service.ledgers import holders, siren
from flux.models import DecisionWindow, FlowEntry, Ledger, Programme, Return, Routing, Unit, Vacancy
from reservations.models import Landlord, Membership, Organisation, ReservationHolder, Territory, User
from reservations.operations.convention import draft_convention, sign_convention
from reservations.operations.convention_signature import take_up_signatures
from reservations.operations.convention_terms import QuotaTerms
from reservations.operations.party import register_landlord, register_organisation

DISTINCT, COMMUNES, PROGRAMMES, CHUNK = 5_000, 12, 300, 5_000

#: What each contingent is promised, in millionths; communes on their own territory only.
SHARES = {"state": (250_000, 50_000), "als": (200_000,), "epci": (60_000,)}
OF_A_COMMUNE = 100_000


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs with every landlord, and where units fall vacant."""

    organisations: dict[str, Organisation]
    communes: list[Territory]


def signing() -> Signing:
    """The State, Action Logement, the EPCI, and five of twelve communes of the Grand Narbonne: nine holders in all."""
    found = holders()
    narbonne = found.pop("city").territory
    assert narbonne is not None, "a commune signs for its territory"
    communes = list(Territory.objects.filter(kind="COMMUNE", epci=narbonne.epci).order_by("code")[:COMMUNES])
    for number, place in enumerate(each for each in communes if each != narbonne):
        if number < 5:
            found[place.code] = register_organisation(
                name=f"Commune de {place.name}",
                article="la",
                siren=siren(900 + number),
                kind="COMMUNE",
                territory=place,
            )
    return Signing(found, communes)


def open_year(number: int, signed: Signing, *, year: int) -> tuple[Landlord, User]:
    """A landlord whose conventions run for the year, and its manager."""
    landlord = register_landlord(name=f"Bailleur {number}", siren=siren(100 + number), acronym=f"B{number}")
    DecisionWindow.objects.create(landlord=landlord, length=1, days=0, starts_on=date(2000, 1, 1))
    by = User.objects.create(email=f"bilan-{number}@exemple.test", full_name=f"Direction {number}")
    Membership.objects.create(user=by, organisation=landlord.organisation, role=Membership.Role.LANDLORD_MANAGER)
    aude, ranks = Territory.objects.get(kind="DEPARTEMENT", code="11"), count(1)
    for name, organisation in signed.organisations.items():
        contingents = organisation.contingents.order_by("-contingent")
        drafted = draft_convention(
            landlord=landlord,
            organisation=organisation,
            perimeter=organisation.territory or aude,
            starts_on=date(year, 1, 1),
            ends_on=date(year + 2, 12, 31),
            quotas=[
                QuotaTerms(holder, share, next(ranks))
                for holder, share in zip(contingents, SHARES.get(name, (OF_A_COMMUNE,)), strict=False)
            ],
            by=by,
        )
        take_up_signatures(convention=drafted, signed_on=date(year, 1, 1), by=by)
        sign_convention(convention=drafted, signed_on=date(year, 1, 1), by=by)
    return landlord, by


def live(landlord: Landlord, by: User, signed: Signing, wanted: int, *, now: datetime) -> Ledger:
    """`wanted` vacancies of the year, their acts, and the entries that the product would have written of them."""
    today = timezone.localdate(now)
    aude = Territory.objects.get(kind="DEPARTEMENT", code="11")
    ledger, _ = Ledger.objects.ordinary().get_or_create(landlord=landlord, departement=aude, exercise=today.year)
    units = _units(landlord, signed, wanted)
    for begin in range(0, wanted, CHUNK):
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
            for unit in units[begin : begin + CHUNK]
        )
        _act(ledger, vacancies, _takers(landlord, signed), by=by, now=now)
    return ledger


def _units(landlord: Landlord, signed: Signing, wanted: int) -> list[Unit]:
    chance = random.Random(20261126)
    programmes = Programme.objects.bulk_create(
        Programme(
            landlord=landlord,
            name=f"Résidence {number}",
            commune=signed.communes[number % len(signed.communes)],
            number=number + 1,
        )
        for number in range(PROGRAMMES)
    )
    few = [True, *[False] * 49]  # one programme in fifty lacks each
    facts = [
        (
            "" if chance.choice(few) else chance.choice(("10", "13", "13", "16")),
            None if chance.choice(few) else chance.choice((True, False, False)),
            None if chance.choice(few) else chance.choice((1930, 1960, 1985, 2005, 2015)),
        )
        for _ in programmes
    ]
    rooms = [chance.choice((1, 2, 3, 3, 4, 5, 6)) for _ in range(DISTINCT)]
    described = [chance.randrange(PROGRAMMES) for _ in range(DISTINCT)]
    return Unit.objects.bulk_create(
        (
            Unit(
                landlord=landlord,
                programme=programmes[described[ordinal % DISTINCT]],
                commune=programmes[described[ordinal % DISTINCT]].commune,
                reference=f"{landlord.acronym}-{ordinal:06d}",
                street_number=str(ordinal + 1),
                street_type="RUE",
                street_name="VOLTAIRE",
                ordinal=1 + ordinal % 30_000,  # what the column holds; the number in the street distinguish them
                rooms=rooms[ordinal % DISTINCT],
                financing_code=facts[described[ordinal % DISTINCT]][0],
                in_qpv=facts[described[ordinal % DISTINCT]][1],
                construction_year=facts[described[ordinal % DISTINCT]][2],
            )
            for ordinal in range(wanted)
        ),
        batch_size=2_000,
    )


def _takers(landlord: Landlord, signed: Signing) -> list[tuple[int, int]]:
    """(holder id, share) of those with a right over the whole département, and of the landlord for the rest."""
    found = [
        (holder.pk, share)
        for name, shares in SHARES.items()
        for holder, share in zip(signed.organisations[name].contingents.order_by("-contingent"), shares, strict=False)
    ]
    own = ReservationHolder.objects.get(organisation=landlord.organisation_id, contingent=7)
    communes = [
        (organisation.contingents.get().pk, 20_000)
        for name, organisation in signed.organisations.items()
        if name not in SHARES
    ]
    found += communes
    return [*found, (own.pk, 1_000_000 - sum(share for _, share in found))]


DUES = """
INSERT INTO flux_flowentry (ledger_id, holder_id, vacancy_id, stage, quantity, side, "on", recorded_at)
SELECT %(ledger)s, h.id, v.id, 'DUE', h.share, '', %(on)s, %(now)s
FROM unnest(%(vacancies)s::bigint[]) AS v(id)
CROSS JOIN unnest(%(holders)s::bigint[], %(shares)s::bigint[]) AS h(id, share)
"""


def _act(ledger: Ledger, vacancies: list[Vacancy], takers: list[tuple[int, int]], *, by: User, now: datetime) -> None:
    """Each goes to one of the holders, by the rank of its description; one in twenty is given back and goes to the
    next; eight in ten have candidates, and seven in ten a lease."""
    today, later = timezone.localdate(now), now + timedelta(days=1)
    with connection.cursor() as cursor:
        ids, shares = zip(*takers, strict=True)
        known = {"holders": list(ids), "shares": list(shares), "vacancies": [each.pk for each in vacancies]}
        cursor.execute(DUES, known | {"ledger": ledger.pk, "on": today, "now": now})
    entries, offers, back = [], [], []

    def entry(vacancy: Vacancy, holder: int, stage: str, quantity: int = 1) -> None:
        entries.append(
            FlowEntry(
                ledger=ledger,
                holder_id=holder,
                vacancy=vacancy,
                stage=stage,
                quantity=quantity,
                on=today,
            )
        )

    for place, vacancy in enumerate(vacancies):
        holder, after = takers[place % len(takers)][0], takers[(place + 1) % len(takers)][0]
        for stage in ("ROUTED", "OFFERED"):
            entry(vacancy, holder, stage)
        if place % 20 == 7:
            back.append(Routing(vacancy=vacancy, holder_id=holder, routed_at=now, closed_at=later))
            entry(vacancy, holder, "ROUTED", -1)
            for stage, owner in (("RETURNED", holder), ("ROUTED", after), ("OFFERED", after)):
                entry(vacancy, owner, stage)
            holder = after
        answered = today if place % 10 < 8 else None
        offers.append(Routing(vacancy=vacancy, holder_id=holder, routed_at=now, answered_on=answered))
        if answered:
            entry(vacancy, holder, "DESIGNATED")
        if place % 10 < 7:
            entry(vacancy, holder, "ALLOCATED")
            entry(vacancy, holder, "LEASED")
    Return.objects.bulk_create(
        Return(routing=routing, reason="DECLINED", counted=False, text="Rendu.", returned_at=later, returned_by=by)
        for routing in Routing.objects.bulk_create(back)
    )
    Lease.objects.bulk_create(
        Lease(
            vacancy=routing.vacancy,
            routing=routing,
            holder_id=routing.holder_id,
            signed_on=today,
            recorded_at=now,
            recorded_by=by,
        )
        for place, routing in enumerate(Routing.objects.bulk_create(offers))
        if place % 10 < 7
    )
    FlowEntry.objects.bulk_create(entries, batch_size=5_000)
