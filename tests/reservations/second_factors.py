"""A second factor that is there already."""

from __future__ import annotations

from django.utils import timezone

from reservations.access.second_factor import locked
from reservations.models import SecondFactor, User


def second_factor(person: User, **given: object) -> SecondFactor:
    """An application of codes, whose secret is « JBSWY3DPEHPK3PXP »."""
    values = {"kind": "CODES", "name": "Téléphone", "secret": locked("JBSWY3DPEHPK3PXP"), "added_at": timezone.now()}
    return SecondFactor.objects.create(user=person, **(values | given))
