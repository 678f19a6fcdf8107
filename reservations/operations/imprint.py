"""The chain of the house: what belongs to no account enters it every night, in one order."""

from __future__ import annotations

from django.db import connection

from reservations.models.acting import atomic


@atomic
def link_imprints() -> int:
    """Give each imprint that is in no chain its place in that of the house: how many were. Safe to run twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reservations_link_imprints()")
        (linked,) = cursor.fetchone()
    return int(linked)
