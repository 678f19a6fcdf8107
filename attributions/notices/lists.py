"""The notices of an organisation, as a file. None names anybody."""

from __future__ import annotations

from django.utils import timezone

from attributions.notices.models import Notice
from flux.pages.dwelling import headline
from reservations.exports.listing import Listing
from reservations.exports.sheet import Column, Kind, Row
from reservations.words import of, upper_first


def _notice(each: tuple[Notice, bool]) -> Row:
    notice, is_open = each
    unit = notice.vacancy.unit if notice.vacancy else None
    where = f"tous ceux {of(notice.window.landlord)}" if notice.window else ""
    if notice.transfer:
        where = f"des programmes {of(notice.transfer.giver)}"
    if unit is not None and not where:
        where = f"{headline(unit)}, {unit.commune.name}"
    return (
        timezone.localdate(notice.at),
        upper_first(str(notice.get_kind_display())),
        upper_first(notice.text) if notice.text else "",
        unit.reference if unit is not None and is_open else "",
        where,
        timezone.localdate(notice.read_at) if notice.read_at else None,
    )


NOTICES: Listing[tuple[Notice, bool]] = Listing(
    "avis",
    "Avis",
    (
        Column("Le", Kind.DATE),
        Column("Événement"),
        Column("Précision"),
        Column("Logement"),
        Column("Description"),
        Column("Lu le", Kind.DATE),
    ),
    _notice,
)
