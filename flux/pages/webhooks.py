"""What pages say of webhooks.

* Addresses of software, what was sent to each, and each time it was, as tables.
* Where a year that a worker replays stands, in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.urls import reverse

from flux.models import ReplayedYear, WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent
from flux.models.audit import TRIES
from reservations.pages.table import Rows, Shown, Table, Text
from reservations.words import day, hour, integer, plural

#: How a state of a delivery is coloured.
PILLS = {
    WebhookDelivery.State.PENDING: "wait",
    WebhookDelivery.State.DELIVERED: "ok",
    WebhookDelivery.State.GIVEN_UP: "no",
}


def endpoint_table(endpoints: Iterable[WebhookEndpoint]) -> Table:
    """Each address: the facts that it asks for, since when, and how it does."""
    return Rows(
        endpoints,
        Shown("Adresse", lambda endpoint: Text(endpoint.url, link=reverse("webhook-detail", args=[endpoint.pk]))),
        Shown("Faits annoncés", lambda endpoint: ", ".join(kind_words(endpoint))),
        Shown("Donnée par", lambda endpoint: Text(endpoint.made_by.full_name, hint=f"le {day(endpoint.made_at)}")),
        Shown("État", endpoint_state),
    ).titled("adresses", "Adresses prévenues", "La plus récente d’abord.")


def kind_words(endpoint: WebhookEndpoint) -> list[str]:
    """The facts that an address asks for, in words."""
    return [str(WebhookEvent.Kind(each).label) for each in endpoint.kinds]


def endpoint_state(endpoint: WebhookEndpoint) -> Text:
    """Reported, failing, or stopped and why."""
    if endpoint.stopped_at is not None:
        return Text(endpoint.get_stopped_display(), hint=f"le {day(endpoint.stopped_at)}", pill="no")
    if endpoint.failing_since is not None:
        since = f"depuis le {day(endpoint.failing_since)} à {hour(endpoint.failing_since)}"
        return Text("ne répond pas", hint=since, pill="todo")
    return Text("en service", pill="ok")


def delivery_table(deliveries: Iterable[WebhookDelivery]) -> Table:
    """What was sent to one address, the latest fact first."""
    return Rows(
        deliveries,
        Shown(
            "Fait",
            lambda delivery: Text(
                delivery.event.get_kind_display(),
                hint=f"{day(delivery.event.at)} à {hour(delivery.event.at)}",
                link=reverse("webhook-delivery", args=[delivery.pk]),
            ),
        ),
        Shown("À propos", about_words),
        Shown(
            "État",
            lambda delivery: Text(
                delivery.get_state_display(),
                hint=f"prochain essai le {day(delivery.next_at)} à {hour(delivery.next_at)}"
                if delivery.state == WebhookDelivery.State.PENDING
                else "",
                pill=PILLS[WebhookDelivery.State(delivery.state)],
            ),
        ),
        Shown("Essais #", lambda delivery: delivery.tries),
    ).titled(
        "envois",
        "Journal des envois",
        "Le plus récent d’abord. Ce qui n’est pas reçu est renvoyé, de plus en plus tard, pendant quatre jours.",
    )


def about_words(delivery: WebhookDelivery) -> str:
    """Which unit or account a fact is about, by the number that the API knows."""
    event = delivery.event
    return f"logement libéré n° {event.vacancy_id}" if event.vacancy_id else f"compte n° {event.ledger_id}"


def attempt_table(attempts: Iterable[WebhookAttempt]) -> Table:
    """Each time one fact was sent."""
    return Rows(
        attempts,
        Shown("Quand", lambda attempt: f"{day(attempt.at)} à {hour(attempt.at)}"),
        Shown("Réponse #", lambda attempt: str(attempt.status or "aucune")),
        Shown("Durée #", lambda attempt: f"{integer(attempt.duration)} ms"),
        Shown("Ce qui a été répondu", lambda attempt: attempt.said or "–"),
    ).titled("essais", "Essais", "Le premier d’abord. Les premiers mots de la réponse seulement sont gardés.")


def answer_words(endpoint: WebhookEndpoint) -> str:
    """What to do of an address that is stopped; nothing to say of another."""
    if endpoint.stopped == WebhookEndpoint.Stopped.FAILING:
        return (
            "Cette adresse n’a rien reçu pendant cinq jours : elle est suspendue. Réparez le logiciel, puis reprenez ; "
            "ce qui attend partira alors, sous les mêmes identifiants."
        )
    if endpoint.stopped:
        return "Cette adresse est suspendue : ce qui arrive attend, et partira quand vous reprendrez."
    return ""


def waiting_words(count: int) -> str:
    """« 3 envois attendent »."""
    return f"{integer(count)} {plural(count, 'envoi attend,envois attendent')}"


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
#: Estimated seconds beyond which minutes are stated.
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
