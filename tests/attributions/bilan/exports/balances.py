"""A year of every kind, small: units of several descriptions offered, designated, let, given back, and set apart."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.http import HttpResponse
from django.test import Client

from flux.models import Vacancy
from flux.operations.outcomes import record_allocation, record_lease
from flux.operations.returning import return_vacancy
from flux.operations.routing import route_waiting_vacancies
from tests.attributions.bilan.balances import draw_balances
from tests.attributions.households.candidates import routed, sent
from tests.flux.forecasts import forecast
from tests.world import MORNING, World

Kind, Exclusion = Vacancy.Kind, Vacancy.Exclusion

#: Six weeks after the morning of the world: what was signed and given back is behind.
LATER = datetime(2026, 12, 28, 9, tzinfo=MORNING.tzinfo)

#: Units routed: to whom, where, and what their description says, or does not.
UNITS = (
    ("city", "Narbonne", {"rooms": 3, "financing_code": "13", "in_qpv": True, "construction_year": 1972}),
    ("city", "Narbonne", {"rooms": 2, "financing_code": "", "in_qpv": None, "construction_year": None}),
    ("als", "Coursan", {"rooms": 4, "financing_code": "16", "in_qpv": False, "construction_year": 2015}),
    ("als", "Narbonne", {"rooms": 1, "financing_code": "13", "in_qpv": False, "construction_year": 1984}),
    ("epci", "Coursan", {"rooms": 7, "financing_code": "13", "in_qpv": None, "construction_year": 1948}),
)


def lived(world: World) -> World:
    """Five units of the flow, one of them leased, one given back and offered again; two subtracted, one technical, one
    first letting, one waiting; and the forecast of the year before."""
    world.unit()
    forecast(world, 2026, sent=True, now=datetime(2026, 1, 20, 9, tzinfo=MORNING.tzinfo))
    routings = [routed(world, holder, world.vacancy(commune=commune, **given)) for holder, commune, given in UNITS]
    sent(world, routings[0], 1, 2)
    aline, today = world.people["aline"], LATER.date()
    record_allocation(vacancy=routings[2].vacancy, on=date(2026, 12, 1), by=aline, today=today)
    record_lease(vacancy=routings[2].vacancy, on=date(2026, 12, 15), by=aline, today=today)
    return_vacancy(
        routing=routings[1], reason="DECLINED", text="Trop petit pour nous.", by=aline, now=MORNING + timedelta(days=3)
    )
    route_waiting_vacancies(ledger_id=routings[1].vacancy.ledger_id, now=MORNING + timedelta(days=3))
    world.vacancy(kind=Kind.EXCLUDED, exclusion=Exclusion.URBAN_RENEWAL)
    world.vacancy(kind=Kind.EXCLUDED, exclusion=Exclusion.SALE_REHOUSING, commune="Coursan")
    world.vacancy(kind=Kind.TECHNICAL)
    world.vacancy(kind=Kind.FIRST_LETTING)
    world.vacancy()
    return world


def on_paper(client: Client, url: str) -> HttpResponse:
    """The PDF of a balance, once the worker has drawn it."""
    answer = client.get(url)
    if answer.status_code != 202:
        return answer
    draw_balances()
    return client.get(url)
