"""The February forecast: write it, change it until it is sent, send it (CCH, R441-5)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from flux.models import Forecast, ForecastDispatch, ForecastLine, Vacancy
from flux.queries.forecast_content import content_on, frozen, thawed
from flux.queries.forecasts import departements_of, recipients
from reservations.models import HistoryEntry, Landlord, Organisation, Territory, User
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak

Exclusion = Vacancy.Exclusion

#: More units than any landlord has in a département: a slip of the keyboard.
MOST = 999_999


class ForecastRefused(Refusal):
    """The forecast cannot be written or sent; the sentence says what to do next."""


@atomic
def write_forecast(
    *,
    landlord: Landlord,
    departement: Territory,
    exercise: int,
    expected: int,
    subtracted: Mapping[str, int],
    by: User,
    today: date,
) -> Forecast:
    """Write the draft of a year, in the place of the one before: units expected to fall vacant, and to be subtracted
    under each category (those left out are zero). Nobody reads it but the landlord until it is sent.

    Raises ForecastRefused: a year out of the one before to the one after, a département without a unit, a negative
    or absurd figure, more subtracted than expected, or a forecast already sent.
    """
    if not today.year - 1 <= exercise <= today.year + 1:
        raise ForecastRefused(f"Un prévisionnel s’écrit pour {today.year - 1}, {today.year} ou {today.year + 1}.")
    if departement not in departements_of(landlord):
        raise ForecastRefused(f"{landlord} n’a aucun logement dans ce département : choisissez-en un autre.")
    units = _checked(expected, subtracted)
    return _draft(landlord, departement, exercise, expected=expected, units=units, by=by)


def _draft(
    landlord: Landlord, departement: Territory, exercise: int, *, expected: int, units: Mapping[str, int], by: User
) -> Forecast:
    with constraints_speak(Forecast):
        Forecast.objects.get_or_create(
            landlord=landlord, departement=departement, exercise=exercise, defaults={"expected": expected}
        )
    forecast = (
        Forecast.objects.select_for_update(of=("self",))
        .select_related("departement", "landlord")
        .get(landlord=landlord, departement=departement, exercise=exercise)
    )
    if forecast.sent_at is not None:
        raise _sent(forecast)
    lines = {line.category: line.units for line in forecast.lines.order_by("category")}
    before = {"expected": forecast.expected, **lines} if lines else {}
    after = {"expected": expected, **units}
    changes = {name: [before.get(name), after[name]] for name in after if before.get(name) != after[name]}
    forecast.expected = expected
    forecast.save(update_fields=["expected"])
    forecast.lines.all().delete()
    ForecastLine.objects.bulk_create(
        ForecastLine(forecast=forecast, category=category, units=count) for category, count in units.items()
    )
    if changes:
        act = HistoryEntry.Act.EDITED if before else HistoryEntry.Act.RECORDED
        record(forecast, act, by=by, details=changes)
    return forecast


def _checked(expected: int, subtracted: Mapping[str, int]) -> dict[str, int]:
    """Units under each of the five categories. Raises ForecastRefused on the field that is wrong."""
    if unknown := sorted(set(subtracted) - set(Exclusion.values)):
        raise ForecastRefused(f"« {unknown[0]} » n’est pas l’un des motifs de soustraction de la loi.")
    units = {category: subtracted.get(category, 0) for category in Exclusion.values}
    for name, count in (("expected", expected), *units.items()):
        if not 0 <= count <= MOST:
            raise ForecastRefused("Écrivez un nombre de logements, de 0 à 999 999.", field=name)
    total = sum(units.values())
    if total > expected:
        raise ForecastRefused(
            f"Vous soustrayez {total} logement{'s' * (total > 1)} pour {expected} "
            f"libéré{'s' * (expected > 1)} attendu{'s' * (expected > 1)} : "
            "relevez les libérés attendus, ou baissez un motif de soustraction.",
            field="expected",
        )
    return units


@atomic
def send_forecast(
    *, forecast: Forecast, by: User, seen: Sequence[int] | None = None, now: datetime | None = None
) -> list[ForecastDispatch]:
    """Send a forecast to every recipient, at once and for good, with its targets as things stand that day: neither a
    convention signed later nor a routing moves them. Late is stated, not refused: the law wants it still.

    `seen`: the figures that the person read (`figures_of`); a colleague may have changed them since.
    Raises ForecastRefused when it was sent already, changed since it was read, or has nobody to go to.
    """
    now = now or timezone.now()
    forecast = (
        Forecast.objects.select_for_update(of=("self",))
        .select_related("departement", "landlord__organisation")
        .get(pk=forecast.pk)
    )
    if forecast.sent_at is not None:
        raise _sent(forecast)
    if seen is not None and tuple(seen) != figures_of(forecast):
        raise ForecastRefused("Entre-temps, un collègue a changé ce prévisionnel. Relisez-le, puis décidez de nouveau.")
    today = timezone.localdate(now)
    to = recipients(forecast.landlord, forecast.departement, forecast.exercise, on=today)
    if not to:
        raise ForecastRefused(
            f"Personne à qui l’envoyer : ni convention signée, ni droit en stock, ni intercommunalité, ni préfecture "
            f"n’est enregistrée pour {forecast.departement}. Demandez à l’administrateur de les enregistrer."
        )
    forecast.sent_at, forecast.sent_by = now, by
    forecast.content = frozen(content_on(forecast, on=today))
    forecast.save(update_fields=["sent_at", "sent_by", "content"])
    dispatches = ForecastDispatch.objects.bulk_create(
        ForecastDispatch(forecast=forecast, organisation=recipient.organisation) for recipient in to
    )
    names = [recipient.organisation.name for recipient in to]
    record(forecast, HistoryEntry.Act.SENT, by=by, details={"recipients": [None, names]})
    return dispatches


@atomic
def take_up_forecast(
    *,
    landlord: Landlord,
    departement: Territory,
    exercise: int,
    expected: int,
    subtracted: Mapping[str, int],
    sent_on: date,
    to: Sequence[Organisation],
    content: Mapping[str, Any],
    by: User,
    today: date,
) -> Forecast:
    """Enter a forecast as it was sent elsewhere: its day, whom to, and what its readers received (`content`, as
    `frozen` keeps it). Nobody is notified again, and it changes no more.

    Raises ForecastRefused: as `write_forecast` does, a day to come, or a content that is not that of a forecast.
    """
    if sent_on > today:
        raise ForecastRefused("Ce jour d’envoi est à venir : envoyez ce prévisionnel sur sa page.", field="sent_on")
    if departement not in departements_of(landlord):
        raise ForecastRefused(f"{landlord} n’a aucun logement dans ce département : choisissez-en un autre.")
    units = _checked(expected, subtracted)
    forecast = _draft(landlord, departement, exercise, expected=expected, units=units, by=by)
    try:
        whole = json.loads(json.dumps(frozen(thawed(forecast, content)))) == content  # its tuples as JSON has them
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        whole = False
    if not whole:
        raise ForecastRefused(
            "Ce n’est pas ce qui fut envoyé : recopiez la cellule entière, telle qu’elle est sortie.", field="content"
        )
    forecast.sent_at = timezone.make_aware(datetime.combine(sent_on, time(12)))
    forecast.sent_by, forecast.content = by, dict(content)
    forecast.save(update_fields=["sent_at", "sent_by", "content"])
    ForecastDispatch.objects.bulk_create(ForecastDispatch(forecast=forecast, organisation=each) for each in to)
    details = {"recipients": [None, [each.name for each in to]]}
    record(forecast, HistoryEntry.Act.SENT, by=by, why="envoyé ailleurs, repris d’un fichier", details=details)
    return forecast


def figures_of(forecast: Forecast) -> tuple[int, ...]:
    """Units expected, then those of the five categories in the order of the article."""
    lines = {line.category: line.units for line in forecast.lines.all()}
    return (forecast.expected, *(lines.get(category, 0) for category in Exclusion.values))


def _sent(forecast: Forecast) -> ForecastRefused:
    assert forecast.sent_at is not None
    on = timezone.localdate(forecast.sent_at)
    return ForecastRefused(
        f"Le prévisionnel {forecast.exercise} ({forecast.departement}) a été envoyé le {on:%d/%m/%Y} : il ne change "
        "plus. Un écart se lira dans la comparaison de l’année suivante."
    )
