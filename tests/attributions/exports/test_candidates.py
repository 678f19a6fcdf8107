"""The workbook of the candidates: its days are those of Paris."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

from openpyxl import load_workbook

from attributions.exports.candidates import candidates_xlsx
from tests.attributions.candidates import routed, sent
from tests.world import World


def test_day_of_a_state_is_that_of_paris(world: World) -> None:
    proposal = sent(world, routed(world), 1).proposals.get()
    proposal.since = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    sheet = load_workbook(io.BytesIO(candidates_xlsx([proposal]).read())).active
    assert sheet["R1"].value == "Depuis le"
    assert sheet["R2"].value.date() == date(2026, 11, 25)
