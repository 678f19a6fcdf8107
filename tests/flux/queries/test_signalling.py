"""Telling a holder that a unit comes to it, by a day agreed (CCH, L441-1; arrêté of 10 March 2011, article 1, 4°)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import time_machine
from django.test import Client
from django.urls import reverse

from flux.models import Return, Routing, Vacancy
from flux.operations.returning import return_vacancy
from flux.operations.routing import route_waiting_vacancies
from flux.queries.vacancies import late_and_signalled, signal_of, signalled, with_signal_due
from tests.attributions.households.candidates import agree, routed
from tests.flux.views.pages import text_of
from tests.pauses import paused
from tests.world import MORNING, World

TODAY = MORNING.date()
SHEET = "vacancy-detail"


def test_both_sides_read_when_a_unit_was_reported_and_the_late_ones_have_their_list(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    """« Le délai et le contenu du signalement »: five calendar days after the notice; one reported in time, one late,
    one that waits for its landlord still."""
    for convention in world.conventions.values():
        agree(convention, day_unit="CALENDAR", signal_days=5)
    on_time, late = routed(world), world.vacancy()
    late = routed(world, vacancy=late, now=MORNING + timedelta(days=6))
    waiting = world.vacancy()
    route_waiting_vacancies(ledger_id=waiting.ledger_id, now=MORNING)
    everything = Routing.objects.order_by("pk")
    for routing in everything:  # the database says the same of each
        read = signal_of(routing, routing.vacancy.routings.all())
        counted = signalled(today=TODAY).values_list("due", "told_on").get(pk=routing.pk)
        assert read is not None
        assert counted == (read.due, read.told_on) == (date(2026, 11, 29), read.told_on)
        assert read.late == (routing == late)
    with time_machine.travel(MORNING + timedelta(days=6), tick=False):
        sheets = {each.pk: reverse(SHEET, args=[each.vacancy_id]) for each in (on_time, late)}
        mine = text_of(sign_in("chloe").get(sheets[late.pk]))
        assert "le 30 novembre 2026 Hors délai au plus tard le 29 novembre 2026, 5 jours calendaires à compter" in mine
        assert "Hors délai" not in text_of(sign_in("chloe").get(sheets[on_time.pk]))
        assert "Signalé hors délai le 30 novembre 2026, au lieu du 29 novembre 2026" in text_of(
            sign_in("chloe").get("/")
        )
        theirs = sign_in("aline").get(reverse(SHEET, args=[waiting.pk]))
        assert "À signaler au plus tard le 29 novembre 2026 Hors délai" in text_of(theirs)
        assert "1 logement à orienter (à signaler hors délai)" in text_of(sign_in("aline").get("/"))
        assert "Date passée 29 nov. dernier jour pour le signaler au réservataire" in text_of(
            sign_in("aline").get(reverse("inbox"))
        )
        listed = {"exercise": 2026, "signal": "late"}
        for person, units in (("chloe", {late.vacancy}), ("aline", {late.vacancy, waiting})):
            page = sign_in(person).get(reverse("vacancy-list"), listed)
            assert {line.row.vacancy for line in page.context["lines"]} == units, person
        delays = text_of(sign_in("chloe").get(reverse("step-times")))
        assert "Signalement : 1 logement sur 2 signalé hors du délai de sa convention. Voir les retards" in delays


def test_no_delay_to_state_runs_under_a_convention_that_is_suspended(world: World) -> None:
    """On the day of a unit, its parties agreed that it promises nothing."""
    city = world.conventions["city"]
    agree(city, signal_days=5)
    paused(world, city, date(2026, 12, 1), date(2026, 12, 31))
    due = {}
    for day in (MORNING, MORNING + timedelta(days=14)):
        vacancy = world.vacancy(now=day)
        found = with_signal_due(Vacancy.objects.filter(pk=vacancy.pk), today=day.date()).get()
        due[day.month] = found.signal_due
    assert due == {11: date(2026, 12, 1), 12: None}


def test_delay_to_state_runs_from_what_opens_the_flow_then_from_a_return(world: World) -> None:
    city, als = world.conventions["city"], world.conventions["als"]
    agree(city, signal_days=2, opens_on="AVAILABLE")
    agree(als, signal_days=2)
    routing = routed(world)
    first = signal_of(routing, [routing])
    assert first is not None
    assert (first.since, first.late) == (routing.vacancy.available_on, False)
    later = MORNING + timedelta(days=10)
    return_vacancy(
        routing=routing, reason=Return.Reason.DECLINED, text="Étage trop haut.", by=world.people["chloe"], now=later
    )
    vacancy = Vacancy.objects.get(pk=routing.vacancy_id)
    again = routed(world, "als", vacancy, now=later + timedelta(days=5))
    second = signal_of(again, vacancy.routings.all())
    assert second is not None
    assert (second.since, second.due, second.late) == (later.date(), date(2026, 12, 8), True)
    assert signalled(today=TODAY).values_list("due", flat=True).get(pk=again.pk) == second.due
    assert late_and_signalled(Vacancy.objects.all(), world.member("aline"), today=TODAY) == (1, 2)
