"""Writing and sending the February forecast: every refusal, and that it leaves things as they were."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from flux.models import Forecast, ForecastDispatch, ForecastLine
from flux.operations.forecast import ForecastRefused, figures_of, send_forecast, write_forecast
from reservations.models import HistoryEntry
from tests.world import MORNING, World, convention

TODAY = MORNING.date()
FIGURES = {
    "INTERNAL_TRANSFER": 60,
    "URBAN_RENEWAL": 24,
    "DEGRADED_CONDO": 4,
    "UNFIT_HOUSING": 3,
    "SALE_REHOUSING": 5,
}


@pytest.fixture(autouse=True)
def stock(world: World) -> None:
    world.unit()


def write(world: World, **given: Any) -> Forecast:
    asked = {
        "landlord": world.landlord,
        "departement": world.places["Aude"],
        "exercise": 2027,
        "expected": 576,
        "subtracted": FIGURES,
        "by": world.people["alice"],
        "today": TODAY,
    }
    return write_forecast(**(asked | given))


def acts(forecast: Forecast) -> list[tuple[str, str, dict[str, Any]]]:
    return [(act.act, act.by.full_name, act.details) for act in HistoryEntry.objects.about(forecast)]


def test_write_keeps_the_figures_and_says_who(world: World) -> None:
    forecast = write(world)
    assert figures_of(forecast) == (576, 60, 24, 4, 3, 5)
    assert acts(forecast) == [
        ("RECORDED", "Alice", {"expected": [None, 576]} | {code: [None, units] for code, units in FIGURES.items()})
    ]


def test_write_again_replaces_the_draft_and_records_what_changed(world: World) -> None:
    write(world)
    forecast = write(world, expected=580, subtracted=FIGURES | {"URBAN_RENEWAL": 20})
    assert (Forecast.objects.count(), figures_of(forecast)) == (1, (580, 60, 20, 4, 3, 5))
    assert acts(forecast)[1:] == [("EDITED", "Alice", {"expected": [576, 580], "URBAN_RENEWAL": [24, 20]})]


def test_write_the_same_again_records_nothing(world: World) -> None:
    write(world)
    assert len(acts(write(world))) == 1


def test_write_counts_as_zero_the_categories_left_out(world: World) -> None:
    assert figures_of(write(world, subtracted={})) == (576, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("given", "sentence", "field"),
    [
        ({"exercise": 2024}, "Un prévisionnel s’écrit pour 2025, 2026 ou 2027.", None),
        ({"exercise": 2028}, "Un prévisionnel s’écrit pour 2025, 2026 ou 2027.", None),
        ({"expected": -1}, "Écrivez un nombre de logements, de 0 à 999 999.", "expected"),
        ({"expected": 1_000_000}, "Écrivez un nombre de logements, de 0 à 999 999.", "expected"),
        (
            {"subtracted": {"URBAN_RENEWAL": -1}},
            "Écrivez un nombre de logements, de 0 à 999 999.",
            "URBAN_RENEWAL",
        ),
        (
            {"expected": 95},
            "Vous soustrayez 96 logements pour 95 libérés attendus : relevez les libérés attendus, ou baissez un motif "
            "de soustraction.",
            "expected",
        ),
        ({"subtracted": {"WORKS": 1}}, "« WORKS » n’est pas l’un des motifs de soustraction de la loi.", None),
    ],
)
def test_write_refuses_and_writes_nothing(world: World, given: dict[str, Any], sentence: str, field: str) -> None:
    with pytest.raises(ForecastRefused) as refused:
        write(world, **given)
    assert (str(refused.value), refused.value.field) == (sentence, field)
    assert (
        Forecast.objects.count(),
        ForecastLine.objects.count(),
        HistoryEntry.objects.filter(subject="flux.forecast").count(),
    ) == (0, 0, 0)


def test_write_refuses_a_departement_without_a_unit(world: World) -> None:
    with pytest.raises(ForecastRefused, match="n’a aucun logement dans ce département"):
        write(world, departement=world.places["Hérault"])


def test_everything_may_be_subtracted(world: World) -> None:
    assert figures_of(write(world, expected=96)) == (96, 60, 24, 4, 3, 5)


def test_send_reaches_everybody_at_once_and_says_who(world: World) -> None:
    forecast = write(world)
    sent = send_forecast(forecast=forecast, by=world.people["alice"], seen=figures_of(forecast), now=MORNING)
    names = ["Action Logement Services", "Le Grand Narbonne", "Préfecture de l’Aude", "Ville de Narbonne"]
    assert [dispatch.organisation.name for dispatch in sent] == names
    forecast.refresh_from_db()
    assert (forecast.sent_at, forecast.sent_by) == (MORNING, world.people["alice"])
    assert acts(forecast)[1:] == [("SENT", "Alice", {"recipients": [None, names]})]


def test_send_late_is_done(world: World) -> None:
    forecast = write(world)
    send_forecast(forecast=forecast, by=world.people["alice"], now=datetime(2027, 3, 1, 8, 0, tzinfo=UTC))
    assert ForecastDispatch.objects.count() == 4


def test_send_twice_is_refused(world: World) -> None:
    forecast = write(world)
    send_forecast(forecast=forecast, by=world.people["alice"], now=MORNING)
    with pytest.raises(ForecastRefused, match=r"a été envoyé le 24/11/2026 : il ne change plus\."):
        send_forecast(forecast=forecast, by=world.people["alice"], now=MORNING)
    assert (ForecastDispatch.objects.count(), len(acts(forecast))) == (4, 2)


def test_send_what_a_colleague_changed_since_is_refused(world: World) -> None:
    forecast = write(world)
    seen = figures_of(forecast)
    write(world, expected=600)
    with pytest.raises(ForecastRefused, match="Entre-temps, un collègue a changé ce prévisionnel"):
        send_forecast(forecast=forecast, by=world.people["alice"], seen=seen)
    assert ForecastDispatch.objects.count() == 0


def test_send_to_nobody_is_refused(world: World) -> None:
    world.unit(commune="Béziers")
    forecast = write(world, departement=world.places["Hérault"])
    with pytest.raises(ForecastRefused, match="Personne à qui l’envoyer"):
        send_forecast(forecast=forecast, by=world.people["alice"])
    forecast.refresh_from_db()
    assert forecast.sent_at is None


def test_write_what_was_sent_is_refused(world: World) -> None:
    forecast = write(world)
    send_forecast(forecast=forecast, by=world.people["alice"], now=MORNING)
    with pytest.raises(ForecastRefused, match="il ne change plus"):
        write(world, expected=600)
    assert figures_of(Forecast.objects.get()) == (576, 60, 24, 4, 3, 5)


def test_the_database_keeps_what_was_sent(world: World) -> None:
    forecast = write(world)
    send_forecast(forecast=forecast, by=world.people["alice"], now=MORNING)
    with pytest.raises(DatabaseError, match="rule sent_kept"), transaction.atomic():
        Forecast.objects.update(expected=1)
    with pytest.raises(DatabaseError, match="rule append_only"), transaction.atomic():
        ForecastDispatch.objects.all().delete()


def test_a_holder_that_signs_for_another_landlord_receives_nothing(world: World) -> None:
    convention(world.other_landlord, world.city, world.places["Narbonne"], (world.holders["city"], "10", 1))
    world.end(world.conventions["city"], TODAY)
    sent = send_forecast(forecast=write(world), by=world.people["alice"], now=MORNING)
    assert world.city not in [dispatch.organisation for dispatch in sent]


def test_lines_of_a_sent_forecast_are_kept_by_the_database(world: World) -> None:
    forecast = write_forecast(
        landlord=world.landlord,
        departement=world.places["Aude"],
        exercise=MORNING.year,
        expected=10,
        subtracted={"INTERNAL_TRANSFER": 2},
        by=world.people["alice"],
        today=MORNING.date(),
    )
    forecast.lines.filter(category="URBAN_RENEWAL").update(units=1)  # a draft's are still written
    send_forecast(forecast=forecast, by=world.people["alice"], now=MORNING)
    for act in (
        lambda: forecast.lines.update(units=0),
        lambda: forecast.lines.all().delete(),
        lambda: ForecastLine.objects.create(forecast=forecast, category="SALE_REHOUSING", units=1),
    ):
        with pytest.raises(DatabaseError, match="kept once it is sent"), transaction.atomic():
            act()
    assert forecast.lines.count() == 5
