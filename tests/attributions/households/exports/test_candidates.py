"""The workbook of the candidates: its days are those of Paris."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

from openpyxl import load_workbook

from attributions.households.exports.lists import candidates_xlsx
from attributions.households.models import Application
from attributions.households.queries.candidates import exported
from tests.attributions.households.candidates import routed, sent
from tests.world import World


def test_day_of_a_state_is_that_of_paris(world: World) -> None:
    proposal = sent(world, routed(world), 1).proposals.get()
    proposal.since = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    sheet = load_workbook(io.BytesIO(candidates_xlsx([proposal]).read())).active
    assert sheet["R1"].value == "Depuis le"
    assert sheet["R2"].value.date() == date(2026, 11, 25)


def test_request_that_merged_keeps_the_seniority_of_the_household(world: World) -> None:
    proposal = sent(world, routed(world), 1).proposals.get()
    request = proposal.application
    request.requested_on = date(2024, 3, 1)
    kept = Application.objects.create(number="9" * 18, requested_on=date(2019, 3, 1))
    request.merged_into, request.closed_on, request.closure = kept, date(2026, 11, 24), "MERGED"
    request.save()
    [row] = exported(world.member("aline"), world.landlord)
    sheet = load_workbook(io.BytesIO(candidates_xlsx([row]).read())).active
    assert sheet["I1"].value == "Demande créée le"
    assert sheet["I2"].value.date() == date(2019, 3, 1)
