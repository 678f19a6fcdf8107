"""What an operator watches: reported to who has the token, true when it is read, counted over all processes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from config.local.state import ROOT
from flux.operations.routing import route_waiting_vacancies
from flux.queries.queue import DAYS
from tests.world import MORNING, World

TOKEN = "0123456789abcdef"


def metrics_in(text: str) -> dict[str, float]:
    """{name and labels: value}."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def ask(token: str = TOKEN) -> dict[str, float]:
    answer = Client().get("/metriques/", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    return metrics_in(answer.content.decode())


@pytest.mark.django_db
def test_nobody_reads_it_without_the_token(settings: Any) -> None:
    assert Client().get("/metriques/").status_code == 404
    settings.METRICS_TOKEN = TOKEN
    assert Client().get("/metriques/").status_code == 403
    assert Client().get("/metriques/", headers={"Authorization": "Bearer é"}).status_code == 403
    assert ask()["equiflux_database_up"] == 1


def test_what_waits_is_reported_as_it_is(
    world: World, sign_in: Callable[[str], Client], settings: Any, time_machine: Any
) -> None:
    time_machine.move_to(MORNING, tick=False)
    settings.METRICS_TOKEN = TOKEN
    vacancy = world.vacancy()
    world.vacancy()
    before = ask()
    assert before["equiflux_waiting_vacancies"] == 2
    assert before["equiflux_to_confirm_vacancies"] == 0
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    after = ask()
    assert after["equiflux_waiting_vacancies"] == 0
    assert after["equiflux_to_confirm_vacancies"] == 2
    assert after["equiflux_oldest_waiting_seconds"] == after["equiflux_delays_about_to_lapse"] == 0
    time_machine.move_to(MORNING + timedelta(days=DAYS + 1), tick=False)
    assert ask()["equiflux_to_confirm_vacancies"] == 0, "what is older is not looked at, however much is stored"
    assert {"equiflux_audit_alerts", "equiflux_waiting_mails", "equiflux_waiting_webhooks"} <= after.keys()


def test_pages_are_counted_by_their_name_alone(world: World, sign_in: Callable[[str], Client], settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    vacancy = world.vacancy()
    client = sign_in("alice")
    name = 'equiflux_page_seconds_count{method="GET",status="2xx",view="vacancy-detail"}'
    seen = ask().get(name, 0)
    assert client.get(reverse("vacancy-detail", args=[vacancy.pk])).status_code == 200
    assert client.get("/n-existe-pas/").status_code == 404
    after = ask()
    assert after[name] == seen + 1
    assert after['equiflux_page_seconds_count{method="GET",status="4xx",view="unknown"}'] >= 1
    assert not [each for each in after if re.search(r'view="[^"]*/', each)]


@pytest.mark.django_db
def test_all_the_processes_of_the_site_are_counted_together(settings: Any, tmp_path: Path) -> None:
    settings.METRICS_TOKEN, settings.METRICS_FOLDER = TOKEN, str(tmp_path)
    page = (
        "import django; django.setup()\n"
        "from config.metrics import PAGES\n"
        "PAGES.labels('home', 'GET', '2xx').observe(0.2)\n"
    )
    for _ in range(2):
        environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
        subprocess.run([sys.executable, "-c", page], cwd=ROOT, env=environment, check=True)
    assert ask()['equiflux_page_seconds_count{method="GET",status="2xx",view="home"}'] == 2
