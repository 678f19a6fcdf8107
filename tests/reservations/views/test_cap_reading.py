"""The caps of the State read over the years, or in the year alone: a dated choice, with its source (CCH, R441-5-2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from flux.operations.routing import sweep_waiting_vacancies
from flux.pages.checks import PILLS
from flux.queries.state_cap import Verdict, fold, state_caps
from reservations.models import CapReading, HistoryEntry
from reservations.models.convention import UNIT
from reservations.operations.legal_parameter import CapReadingRefused, choose_cap_reading
from tests.flux.views.pages import text_of
from tests.world import MORNING, World

pytestmark = pytest.mark.django_db

SignIn = Callable[[str], Client]
LIST = reverse("cap-reading-list")


def typed(world: World, **changes: object) -> dict[str, object]:
    given = {"landlord": world.landlord.pk, "departement": world.places["Aude"].pk, "reading": "IN_YEAR"}
    return given | {"starts_on": "24/11/2026", "source": "Convention de l’État, article 6"} | changes


def test_a_year_read_alone_is_over_by_any_excess_and_makes_nothing_up() -> None:
    """42 units and 5 % of agents: 2.1; three are over, whatever the years before left (3 of 42 = 7.1 %)."""
    years = ((2025, 40, 2 * UNIT, 0), (2026, 42, 2_100_000, 3), (2027, 40, 2 * UNIT, 2))
    over = fold(years)
    assert [each.verdict for each in over] == [Verdict.UNDER, Verdict.MADE_UP, Verdict.UNDER]
    assert PILLS[over[1].verdict] == "todo"
    alone = fold(years, strict={2026, 2027})
    assert [each.verdict for each in alone] == [Verdict.UNDER, Verdict.IN_YEAR, Verdict.UNDER]
    assert (PILLS[alone[1].verdict], alone[1].verdict.is_kept) == ("late", False)


@time_machine.travel(MORNING, tick=False)
def test_the_choice_is_recorded_with_its_source_and_both_pages_read_it(world: World, sign_in: SignIn) -> None:
    for _ in range(2):
        world.vacancy()
    sweep_waiting_vacancies(now=MORNING)

    def verdict() -> Verdict:
        caps = state_caps([world.landlord], on=MORNING.date())[world.landlord.pk]
        return next(each.verdict for each in caps if each.capped.code == "STATE_SHARE")

    assert verdict() == Verdict.ROUNDING
    bob = sign_in("bob")
    assert "Partout ailleurs – Sur les années de la convention" in text_of(bob.get(LIST))
    answer = bob.post(LIST, typed(world), follow=True)
    words = text_of(answer)
    assert "est lu strictement dans l’année à compter du 24 novembre 2026." in words
    assert "Convention de l’État, article 6 enregistrée" in words
    chosen = CapReading.objects.get()
    assert str(chosen) == "strictement dans l’année, à compter du 24/11/2026 (Convention de l’État, article 6)"
    assert [act.act for act in HistoryEntry.objects.about(chosen)] == ["RECORDED"]
    assert verdict() == Verdict.IN_YEAR
    page = sign_in("alice").get(reverse("check-detail", args=[world.landlord.pk]))
    html, words = page.content.decode(), text_of(page)
    assert '<span class="st late">plafond dépassé dans l’année</span>' in html
    assert "En 2026, le plafond est dépassé de 0,40 : rien n’en est repris d’une année sur l’autre." in words
    assert "Lu strictement dans l’année depuis le 24 novembre 2026 (Convention de l’État, article 6)." in words
    assert (
        "il est dépassé de 0,40 logement dans l’année, comme il se lit ici (Convention de l’État, article 6)" in words
    )
    again = bob.post(LIST, typed(world, starts_on="01/12/2026"))
    assert again.status_code == 422
    assert "Le plafond y est déjà lu strictement dans l’année depuis le 24/11/2026" in text_of(again)
    assert bob.post(LIST, typed(world, reading="OVER_YEARS", starts_on="01/12/2026")).status_code == 302
    assert "à venir" in text_of(bob.get(LIST))
    assert verdict() == Verdict.IN_YEAR, "until that day"
    with time_machine.travel(datetime(2026, 12, 1, 9, tzinfo=MORNING.tzinfo), tick=False):
        caps = state_caps([world.landlord], on=date(2026, 12, 1))[world.landlord.pk]
        assert caps[0].verdict == Verdict.ROUNDING
        page = text_of(sign_in("alice").get(reverse("check-detail", args=[world.landlord.pk])))
        assert "Lu sur les années de la convention depuis le 1er décembre 2026" in page


def test_who_may_not_record_an_order_reads_the_choices_only(world: World, sign_in: SignIn) -> None:
    chloe, adam = sign_in("chloe"), sign_in("adam")
    assert chloe.get(LIST).status_code == 403
    assert "Enregistrer un choix" not in text_of(adam.get(LIST))
    assert adam.post(LIST, typed(world)).status_code == 403
    assert "Enregistrer un choix" in text_of(sign_in("alice").get(LIST))


def test_a_choice_that_cannot_be_is_refused_where_it_is_wrong(world: World) -> None:
    about = {"landlord": world.landlord, "departement": world.places["Aude"], "by": world.people["alice"]}
    right = about | {
        "reading": "IN_YEAR",
        "starts_on": date(2026, 12, 1),
        "source": "Article 6",
        "today": MORNING.date(),
    }
    wrong: tuple[tuple[str, dict[str, object]], ...] = (
        ("departement", {"departement": world.places["Occitanie"]}),
        ("reading", {"reading": "NEVER"}),
        ("reading", {"reading": "OVER_YEARS"}),
        ("starts_on", {"starts_on": date(2025, 12, 31)}),
        ("source", {"source": " "}),
    )
    for field, change in wrong:
        with pytest.raises(CapReadingRefused) as refused:
            choose_cap_reading(**right | change)
        assert refused.value.field == field
    choose_cap_reading(**right)
