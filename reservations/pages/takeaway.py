"""What the page of everything that goes out says."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from reservations.models import Archive
from reservations.pages.table import Rows, Said, Shown, Table
from reservations.words import day, hour, integer, plural


def archives_table(archives: Iterable[Archive]) -> Table:
    """What was made lately, and what is in it."""
    note = "Chaque archive se prend pendant deux jours, puis s’efface."
    return Rows(
        archives,
        Shown(
            "Demandée",
            lambda each: Said(
                f"{day(timezone.localdate(each.asked_at))}, {hour(each.asked_at)}",
                f"demandée par {each.asked_by}",
                reverse("takeaway-file", args=[each.pk]) if each.made_at else "",
            ),
        ),
        Shown("État", lambda each: Said("prête", pill="ok") if each.made_at else Said("en préparation", pill="wait")),
        Shown(
            "Ce qu’elle contient",
            lambda each: (
                ", ".join(
                    f"{title} ({integer(count)} {plural(count, 'ligne,lignes')})"
                    for title, count in each.counts.items()
                )
                or "à venir"
            ),
        ),
    ).titled("archives", "Archives demandées", note)
