"""A party signs a convention; the last signature has it bind, and turns into flow what its conversions counted."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from flux.operations.composition import keep_stock
from flux.operations.conversion import sign_converted
from flux.pages.checks import feasibility_checks
from flux.pages.rates import rate_checks
from reservations.models import Convention, Organisation, User
from reservations.models.acting import atomic
from reservations.models.wall import atomic_act
from reservations.operations.convention import SignatureRefused
from reservations.operations.convention_signature import (
    Paper,
    deposit_signature,
    sign_on_account,
)
from reservations.pages.checks.check import refusals


@atomic
def sign_for(*, convention: Convention, organisation: Organisation, by: User, today: date | None = None) -> Convention:
    """Sign for one's own organisation, on the account of whoever signs. Raises what `sign_on_account` and, for the last
    to sign, `sign_converted` refuse, and SignatureRefused when no flow could serve it: nothing is then signed."""
    _check_executable(convention, today=today)
    signed = sign_on_account(convention=convention, organisation=organisation, by=by, today=today)
    return _bind(signed, by=by, today=today)


@atomic_act
def sign_by_hand(
    *,
    convention: Convention,
    organisation: Organisation,
    signed_on: date,
    signer: str,
    paper: Paper,
    by: User,
    today: date | None = None,
) -> Convention:
    """Keep what a party signed by hand, with its file. Raises as `deposit_signature` and `sign_converted`, and
    SignatureRefused when no flow could serve it."""
    _check_executable(convention, today=today)
    signed = deposit_signature(
        convention=convention,
        organisation=organisation,
        signed_on=signed_on,
        signer=signer,
        paper=paper,
        by=by,
        today=today,
    )
    return _bind(signed, by=by, today=today)


def _check_executable(convention: Convention, *, today: date | None) -> None:
    """What binds nobody yet is not signed by the first party either when it could not be executed."""
    on = today or timezone.localdate()
    if impossible := refusals([*feasibility_checks(convention, on=on), *rate_checks(convention, on=on)]):
        raise SignatureRefused([check.sentence for check in impossible])


def _bind(convention: Convention, *, by: User, today: date | None) -> Convention:
    """Once all have signed, from the day of the last signature."""
    keep_stock(convention, on=today or timezone.localdate())  # of a draft that its landlord signs at once
    days = list(convention.signatories.order_by("pk").values_list("signed_on", flat=True))
    signed = [day for day in days if day is not None]
    if len(signed) < len(days):
        return convention
    return sign_converted(convention=convention, signed_on=max(signed), by=by, today=today)
