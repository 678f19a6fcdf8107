"""The categories of priority households, as the law names them from a day on (CCH, L441-1)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from attributions.households.models import PriorityCategory
from attributions.households.operations.request_facts import (
    CategoryRefused,
    end_priority_category,
    record_priority_category,
)
from reservations.models import HistoryEntry
from tests.world import World

pytestmark = pytest.mark.django_db

FIRST, NEXT, LAST = date(2026, 3, 1), date(2026, 9, 1), date(2026, 12, 31)
TEXT = "Les mineurs émancipés"


def recorded(world: World, **other: Any) -> PriorityCategory:
    about = {"label": f" {TEXT} ", "starts_on": FIRST, "source": " CCH, L441-1 ; loi du 1er mars "}
    return record_priority_category(**{**about, **other}, by=world.people["adam"])


def test_a_category_is_named_otherwise_from_a_day_and_ends(world: World) -> None:
    first = recorded(world)
    assert (first.code, first.label, first.group) == ("LES-MINEURS-EMANCIPES", TEXT, "LAW")
    assert (first.starts_on, first.ends_on, first.source) == (FIRST, None, "CCH, L441-1 ; loi du 1er mars")
    again = recorded(world, label="Les mineurs", starts_on=NEXT, source="Loi du 1er août", replaces=first)
    first.refresh_from_db()
    assert first.ends_on == date(2026, 8, 31)
    assert (again.code, again.label, again.group) == (first.code, "Les mineurs", "LAW")
    assert (again.starts_on, again.ends_on, again.source) == (NEXT, None, "Loi du 1er août")
    ended = end_priority_category(category=again, ends_on=LAST, why="Loi de finances", by=world.people["adam"])
    assert PriorityCategory.objects.get(pk=again.pk).ends_on == ended.ends_on == LAST
    rows = [(each.act, each.why, each.details) for each in HistoryEntry.objects.about(again).order_by("pk")]
    written = {"label": [TEXT, "Les mineurs"], "starts_on": [None, "2026-09-01"], "source": [None, "Loi du 1er août"]}
    assert rows == [("RECORDED", "", written), ("ENDED", "Loi de finances", {"ends_on": [None, "2026-12-31"]})]
    with pytest.raises(CategoryRefused, match="déjà une fin"):
        end_priority_category(category=again, ends_on=LAST, why="Loi", by=world.people["adam"])
    with pytest.raises(CategoryRefused, match="déjà une fin"):
        recorded(world, starts_on=date(2027, 1, 1), replaces=again)


def test_what_cannot_be_recorded_or_ended_is_refused_at_its_place(world: World) -> None:
    first = recorded(world)
    for other, field in (
        ({"label": " "}, "label"),
        ({"source": " "}, "source"),
        ({"label": TEXT.upper()}, "label"),
        ({"label": "Autre", "replaces": first}, "starts_on"),
    ):
        with pytest.raises(CategoryRefused) as refused:
            recorded(world, **other)
        assert refused.value.field == field
    dalo = PriorityCategory.objects.filter(group="DALO").order_by("pk")[0]
    for category, ends_on, why, words in (
        (first, date(2026, 2, 28), "Loi", "Elle court depuis le"),
        (first, FIRST, " ", "Citez le texte"),
        (dalo, LAST, "Loi", "nomment le DALO"),
    ):
        with pytest.raises(CategoryRefused, match=words):
            end_priority_category(category=category, ends_on=ends_on, why=why, by=world.people["adam"])
    assert end_priority_category(category=first, ends_on=FIRST, why="Loi", by=world.people["adam"]).ends_on == FIRST
