"""The notices of an organisation, as a file. None names anybody."""

from __future__ import annotations

from django.utils import timezone

from attributions.notices.models import Notice
from flux.pages.units import headline
from reservations.exports.listing import Audience, ListColumn, Listing
from reservations.exports.spreadsheet import Kind
from reservations.words import of, upper_first


def _where(notice: Notice) -> str:
    if notice.transfer:
        return f"des programmes {of(notice.transfer.giver)}"
    if notice.window:
        return f"tous ceux {of(notice.window.landlord)}"
    unit = notice.vacancy.unit if notice.vacancy else None
    return f"{headline(unit)}, {unit.commune.name}" if unit else ""


#: Who reads which unit a notice is of.
OPENS: Audience[tuple[Notice, bool]] = Audience("qui a le dossier du logement", lambda each: each[1])

NOTICES: Listing[tuple[Notice, bool]] = Listing(
    "avis",
    "Avis",
    (
        ListColumn("Le", Kind.DATE, read=lambda each: timezone.localdate(each[0].at)),
        ListColumn("Événement", read=lambda each: upper_first(str(each[0].get_kind_display()))),
        ListColumn("Précision", read=lambda each: upper_first(each[0].text) if each[0].text else ""),
        ListColumn(
            "Logement", read=lambda each: each[0].vacancy.unit.reference if each[0].vacancy else "", audience=OPENS
        ),
        ListColumn("Description", read=lambda each: _where(each[0])),
        ListColumn(
            "Lu le", Kind.DATE, read=lambda each: timezone.localdate(each[0].read_at) if each[0].read_at else None
        ),
    ),
)
