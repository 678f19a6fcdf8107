"""Where a year that a worker replays stands, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from flux.models import ReplayedYear
from flux.models.replayed import TRIES
from reservations.words import hour, integer, plural


class Stand(StrEnum):
    """Where it stands; STOPPED: the worker that had it was heard no more."""

    WAITING = "WAITING"
    UNDER_WAY = "UNDER_WAY"
    STOPPED = "STOPPED"
    FAILED = "FAILED"
    READY = "READY"


TITLES = {
    Stand.WAITING: "L’hypothèse attend son tour",
    Stand.UNDER_WAY: "L’hypothèse est en cours de calcul",
    Stand.STOPPED: "Le calcul s’est arrêté avant la fin",
    Stand.FAILED: "L’hypothèse n’est pas encore calculée",
    Stand.READY: "L’hypothèse est calculée",
}
#: Estimated seconds beyond which minutes are said.
LONG = 90


@dataclass(frozen=True, slots=True)
class Progress:
    """What the page of a year that waits says of it: `words`, how far and how long, or when it begins again."""

    stand: Stand
    words: str
    order: ReplayedYear

    @property
    def title(self) -> str:
        return TITLES[self.stand]

    @property
    def retried(self) -> bool:
        """Was it begun, and is to be begun again?"""
        return self.stand in (Stand.STOPPED, Stand.FAILED)


def progress(order: ReplayedYear, now: datetime) -> Progress:
    """Where an order stands at a moment."""
    stand = _stand(order, now)
    return Progress(stand, WORDS[stand](order, now), order)


def _stand(order: ReplayedYear, now: datetime) -> Stand:
    if order.is_ready:
        return Stand.READY
    if order.replaying_until is not None:
        return Stand.UNDER_WAY if order.replaying_until > now else Stand.STOPPED
    return Stand.FAILED if order.failure else Stand.WAITING


def _far(order: ReplayedYear, now: datetime) -> str:
    if not order.total:
        return "Le compte est en cours de lecture."
    what = plural(order.done, "logement rejoué,logements rejoués")
    far = f"{integer(order.done)} {what} sur {integer(order.total)}"
    if not order.done or order.begun_at is None:
        return f"{far}."
    left = (now - order.begun_at) * (order.total - order.done) // order.done
    return f"{far}, encore {_lasting(max(1, left // timedelta(seconds=1)))} environ."


def _again(order: ReplayedYear, now: datetime) -> str:
    """When it begins again, or that it no longer does by itself."""
    why = order.failure or "Le calcul s’est interrompu."
    if order.attempts >= TRIES:
        return (
            f"{why} Il a été essayé {integer(TRIES)} fois : changez l’hypothèse ci-dessous, ou redemandez celle-ci "
            "dans une heure. Si elle échoue encore, dites-le à l’administrateur."
        )
    if order.due_at <= now:
        return f"{why} Rien n’est perdu : le calcul recommence tout seul dans un instant."
    return (
        f"{why} Rien n’est perdu : le calcul recommence tout seul, à partir de {hour(order.due_at)}. Revenez alors, ou "
        "changez l’hypothèse ci-dessous."
    )


def _long(_order: ReplayedYear, _now: datetime) -> str:
    return "L’année est longue : elle est rejouée à part, en moins d’une minute d’ordinaire."


def _nothing(_order: ReplayedYear, _now: datetime) -> str:
    return ""


def _lasting(seconds: int) -> str:
    if seconds <= LONG:
        return f"{integer(seconds)} {plural(seconds, 'seconde,secondes')}"
    minutes = -(-seconds // 60)
    return f"{integer(minutes)} {plural(minutes, 'minute,minutes')}"


WORDS: dict[Stand, Callable[[ReplayedYear, datetime], str]] = {
    Stand.WAITING: _long,
    Stand.UNDER_WAY: _far,
    Stand.STOPPED: _again,
    Stand.FAILED: _again,
    Stand.READY: _nothing,
}
