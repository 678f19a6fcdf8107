"""A convention that each of its parties signed on paper, at once: what worlds start from."""

from __future__ import annotations

from datetime import date

from flux.operations import conversions
from reservations.models import Convention, Signatory, User
from reservations.operations import convention as rights


def signed_by_each(convention: Convention, on: date) -> Convention:
    """Write the signature of each party that has not signed, as if it had come by a file."""
    convention.signatories.filter(signed_on=None).update(signed_on=on, means=Signatory.Means.FILE)
    return convention


def sign_convention(*, convention: Convention, signed_on: date, by: User, today: date | None = None) -> Convention:
    """Every party signs on one day, and it binds. Raises what the act refuses."""
    signed_by_each(convention, signed_on)
    return rights.sign_convention(convention=convention, signed_on=signed_on, by=by, today=today)


def sign_converted(*, convention: Convention, signed_on: date, by: User, today: date | None = None) -> Convention:
    """The same, and what its conversions counted turns into flow."""
    signed_by_each(convention, signed_on)
    return conversions.sign_converted(convention=convention, signed_on=signed_on, by=by, today=today)
