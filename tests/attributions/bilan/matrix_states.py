"""Balances sent, opened, contested and signed: rows built directly, whoever writes them in the product."""

from __future__ import annotations

from datetime import datetime

from attributions.bilan.models import AnnualBalance, BalanceDispatch, BalanceRemark, BalanceSignature, BalanceVersion
from reservations.models import Landlord, Organisation
from tests.world import World, manager_of

#: A version that says nothing, as far as the words of its lines go.
NOTHING = (
    '{"holders": [], "stock": [], "axes": [], "subtracted": [], "flow": {"vacated": 0, "kinds": [], '
    '"counted_first_lettings": 0}}'
)


def sent(
    world: World, landlord: Landlord, *to: Organisation, at: datetime, exercise: int = 2026, departement: str = "Aude"
) -> BalanceVersion:
    """One more version of a balance, dispatched to those who sign it."""
    balance, _ = AnnualBalance.objects.get_or_create(
        landlord=landlord, departement=world.places[departement], exercise=exercise
    )
    version = BalanceVersion.objects.create(
        balance=balance,
        number=balance.versions.count() + 1,
        content=NOTHING,
        seal=f"{balance.pk:064x}",
        sent_at=at,
        sent_by=manager_of(landlord),
    )
    for organisation in to:
        BalanceDispatch.objects.create(version=version, organisation=organisation, signs=True)
    return version


def opened(version: BalanceVersion, organisation: Organisation, *, at: datetime, world: World) -> None:
    version.dispatches.filter(organisation=organisation).update(opened_at=at, opened_by=world.people["chloe"])


def signed(version: BalanceVersion, organisation: Organisation, *, at: datetime, world: World) -> None:
    opened(version, organisation, at=at, world=world)
    BalanceSignature.objects.create(
        version=version, organisation=organisation, signed_at=at, signed_by=world.people["chloe"]
    )


def contested(version: BalanceVersion, organisation: Organisation, *, at: datetime, world: World) -> BalanceRemark:
    opened(version, organisation, at=at, world=world)
    return BalanceRemark.objects.create(
        version=version,
        organisation=organisation,
        line=BalanceRemark.Line.SUMMARY,
        measure=BalanceRemark.Measure.OFFERED,
        shown=3,
        claimed=2,
        reason="Un logement a été proposé deux fois à Monsieur Secret.",
        made_at=at,
        made_by=world.people["chloe"],
    )
