"""The second wall is as narrow as the pages (docs/second-wall.md)."""

from __future__ import annotations

from typing import Any

from benchmarks.service.width import SHOWN, widths
from reservations.models import Archive
from reservations.takeaway import order_archive
from tests.house.test_second_wall import walled_tables
from tests.house.test_seeing import things
from tests.walled import site_account, walled
from tests.world import MORNING, World

__all__ = ["things"]


def test_the_wall_shows_what_pages_show_and_hardly_more(world: World, things: dict[str, dict[str, Any]]) -> None:
    """« Never narrower than what a page shows, and at most 1.05 times as wide », for each person and each table."""
    assert {table._meta.db_table for table in SHOWN} == walled_tables()
    order_archive(member=world.member("anna"), now=MORNING)
    with walled():
        found = list(widths(site_account))
    assert [each for each in found if not each.is_fair] == []
    managers = {each.member.user_id for each in found if each.table is Archive and each.shown}
    assert managers >= {world.people["alice"].pk, world.people["anna"].pk}, "of a landlord and of a holder"
    shown = {each.table for each in found if each.shown}
    assert shown >= {table for table in SHOWN if table._meta.model_name not in ("applicationalias", "pastcandidacy")}
