"""Landlords of the Aude with the same four conventions, and units of theirs that have fallen vacant."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from itertools import count

from django.utils import timezone

from flux.models import DecisionWindow, Ledger, Programme, Unit, Vacancy
from reservations.models import Landlord, Organisation, Quota, Territory, User
from reservations.operations.convention import draft_convention, sign_convention
from reservations.operations.convention_signature import sign_on_account, take_up_signatures
from reservations.operations.convention_terms import QuotaTerms
from reservations.operations.party import register_landlord, register_organisation
from reservations.queries.signatories import awaited

#: Communes of the Grand Narbonne, and how often a unit falls vacant there.
COMMUNES = {"11262": 60, "11106": 15, "11379": 15, "11203": 10}


def siren(number: int) -> str:
    """A well-formed SIREN, with its Luhn key."""
    head = str(98_000_000 + number)
    total = sum(digit - 9 if digit > 9 else digit for digit in (int(c) * (1 + i % 2) for i, c in enumerate(head)))
    return head + str(-total % 10)


def holders() -> dict[str, Organisation]:
    """The organisations that sign with everybody, by the part that they hold."""
    places = {code: Territory.objects.get(kind="COMMUNE", code=code) for code in COMMUNES}
    aude = Territory.objects.get(kind="DEPARTEMENT", code="11")
    return {
        "state": register_organisation(name="État – Aude", article="l’", siren=siren(1), kind="STATE", territory=aude),
        "als": register_organisation(name="Action Logement Services", siren=siren(2), kind="ACTION_LOGEMENT"),
        "city": register_organisation(
            name="Ville de Narbonne", article="la", siren=siren(3), kind="COMMUNE", territory=places["11262"]
        ),
        "epci": register_organisation(
            name="Le Grand Narbonne", article="le", siren=siren(4), kind="EPCI", territory=places["11262"].epci
        ),
    }


#: What each contingent is promised of every unit on its perimeter, in millionths, by the organisation's part; `across`:
#: an EPCI that lies in two départements.
SHARES = {"state": (250_000, 50_000), "als": (200_000,), "city": (120_000,), "epci": (60_000,), "across": (60_000,)}


def open_landlord(
    number: int, signing: dict[str, Organisation], *, on: date, departement: Territory | None = None
) -> tuple[Landlord, User]:
    """A landlord whose conventions with everybody run for the year, and somebody who acts for it. In the Aude where no
    département is given."""
    landlord = register_landlord(name=f"Bailleur {number}", siren=siren(100 + number), acronym=f"B{number}")
    DecisionWindow.objects.create(landlord=landlord, length=1, days=0, starts_on=date(2000, 1, 1))
    by = User.objects.create(email=f"bailleur-{number}@exemple.test", full_name=f"Direction {number}")
    sign(landlord, by, signing, on=on, departement=departement or Territory.objects.get(kind="DEPARTEMENT", code="11"))
    return landlord, by


def sign(landlord: Landlord, by: User, signing: dict[str, Organisation], *, on: date, departement: Territory) -> None:
    """A convention of this landlord with each, from the first day of the year, on its territory; in that département
    for those who have none."""
    ranks = count(1 + Quota.objects.filter(convention__landlord=landlord).count())
    for name, organisation in signing.items():
        contingents = organisation.contingents.order_by("-contingent")
        drafted = draft_convention(
            landlord=landlord,
            organisation=organisation,
            perimeter=organisation.territory or departement,
            starts_on=date(on.year, 1, 1),
            ends_on=date(on.year + 2, 12, 31),
            quotas=[
                QuotaTerms(holder, share, next(ranks)) for holder, share in zip(contingents, SHARES[name], strict=False)
            ],
            by=by,
        )
        take_up_signatures(convention=drafted, signed_on=date(on.year, 1, 1), by=by)
        for party in awaited(drafted):  # who has people here signs here
            sign_on_account(convention=drafted, organisation=party.organisation, by=by)
        sign_convention(convention=drafted, signed_on=date(on.year, 1, 1), by=by)


def fall_vacant(landlord: Landlord, by: User, wanted: int, *, seed: int, now: datetime) -> Ledger:
    """Units of every kind that wait for their destination. Written at once: declaring them is not what is measured."""
    chance, today = random.Random(seed), timezone.localdate(now)
    places = {code: Territory.objects.get(kind="COMMUNE", code=code) for code in COMMUNES}
    programmes = {
        code: Programme.objects.create(
            landlord=landlord,
            name=f"Résidence {code}",
            commune=place,
            number=number,
            attractiveness=chance.choice("ABC"),
        )
        for number, (code, place) in enumerate(places.items(), 1)
    }
    codes = chance.choices(list(COMMUNES), list(COMMUNES.values()), k=wanted)
    units = Unit.objects.bulk_create(
        Unit(
            landlord=landlord,
            programme=programmes[code],
            commune=places[code],
            reference=f"{landlord.acronym}-{ordinal:06d}",
            street_number=str(ordinal),
            street_type="RUE",
            street_name="VOLTAIRE",
            ordinal=1,  # each at an address of its own
            rooms=chance.choice((1, 2, 2, 3, 3, 3, 4, 4, 5)),
            financing_code=chance.choice(("10", "13", "13", "16")),
            in_qpv=chance.random() < 0.3,
            construction_year=chance.randint(1950, 2020),
        )
        for ordinal, code in enumerate(codes, 1)
    )
    aude = places["11262"].departement
    ledger, _ = Ledger.objects.ordinary().get_or_create(landlord=landlord, departement=aude, exercise=today.year)
    Vacancy.objects.bulk_create(
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
    return ledger
