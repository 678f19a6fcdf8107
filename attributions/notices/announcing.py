"""Telling the holders that a landlord changes its rule, before it does."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from attributions.notices.models import Notice
from flux.models import DecisionWindow
from reservations.models import Convention
from reservations.words import day, plural

#: A choice that has ruled for longer is nobody's news.
NEWS = timedelta(days=31)


def announce_decision_windows(*, now: datetime | None = None) -> int:
    """Tell each choice of the last days, or to come, to the holders that it concerns and that were not told of it: how
    many notices. Safe to run twice: a choice that was put right since is told again, and only then."""
    now = now or timezone.now()
    recent = DecisionWindow.objects.filter(starts_on__gt=timezone.localdate(now) - NEWS)
    return sum(_announce(pk, now=now) for pk in recent.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _announce(pk: int, *, now: datetime) -> int:
    found = DecisionWindow.objects.select_for_update(of=("self",), no_key=True)
    window = found.select_related("landlord__organisation").get(pk=pk)
    text = announced(window)
    told = Notice.objects.filter(window=window, text=text).order_by().values("organisation")
    bound = Convention.objects.binding().filter(landlord=window.landlord_id, ends_on__gte=window.starts_on)
    concerned = bound.exclude(organisation__in=told).order_by("organisation")
    return len(
        Notice.objects.bulk_create(
            Notice(organisation_id=each, window=window, kind=Notice.Kind.RULE, text=text, at=now)
            for each in concerned.values_list("organisation", flat=True).distinct()
        )
    )


def announced(window: DecisionWindow) -> str:
    """What changes, from when, and what it means for who reads: a forecast is not a decision."""
    since = f"{window.landlord}, à partir du {day(window.starts_on)}"
    if not window.plans:
        return f"{since} : chaque départ est décidé seul, dès son enregistrement (version 1 de la règle)."
    waits = "Aucun n’en attend d’autres."
    if window.days:
        waits = (
            f"Un départ en attend d’autres {window.days} {plural(window.days, 'jour ouvré,jours ouvrés')} au plus ; "
            "d’ici là, sa destination est une prévision."
        )
    return f"{since} : jusqu’à {window.length} départs connus sont planifiés ensemble (version 2 de la règle). {waits}"
