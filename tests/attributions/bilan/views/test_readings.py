"""What was done in the year comes first; what became of its units second; what came late, on both balances."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from attributions.bilan.models import BalanceVersion
from attributions.bilan.queries.figures import in_form
from reservations.canonical import canonical, seal_of_bytes
from tests.attributions.bilan.acts import lived_by_act, sealed_then_late
from tests.attributions.bilan.balances import YEAR, send
from tests.guards import unguarded
from tests.world import World
from tests.world_again import kept

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


def spoken(html: str) -> str:
    """The words of a page, one blank between them."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture
@kept
def year(world: World) -> World:
    lived_by_act(world)
    return world


def page(world: World, sign_in: SignIn, of: int) -> str:
    return spoken(sign_in("aline").get(reverse("balance", args=[world.landlord.pk, of])).content.decode())


def test_what_was_done_in_the_year_comes_first(year: World, sign_in: SignIn) -> None:
    text = page(year, sign_in, YEAR)
    assert text.index("Synthèse par réservataire") < text.index(f"Parmi les logements enregistrés en {YEAR}")
    assert f"Attribués 3 −2 en {YEAR + 1} 0 1" in text
    after = page(year, sign_in, YEAR + 1)
    assert f"Attribués 0 0 +2 de {YEAR} 2" in after


def test_what_came_after_the_seal_is_on_both_pages(year: World, sign_in: SignIn) -> None:
    _, late = sealed_then_late(year)
    assert f"{late.holder} {YEAR} la prochaine version de ce bilan, ou le bilan {YEAR + 1}" in page(year, sign_in, YEAR)
    assert f"{late.holder} {YEAR} ce bilan 0 0 +1 +1" in page(year, sign_in, YEAR + 1)


def test_units_behind_a_figure_are_those_of_its_reading(year: World, sign_in: SignIn) -> None:
    address = reverse("balance-units", args=[year.landlord.pk, YEAR])
    done = spoken(sign_in("aline").get(f"{address}?measure=allocated&territory=all").content.decode())
    assert f"1 logement attribué , en {YEAR}" in done.replace(", en", " , en").replace("  ", " ")
    became = spoken(sign_in("aline").get(f"{address}?measure=allocated&territory=all&reading=cohort").content.decode())
    assert f"parmi les logements enregistrés en {YEAR}" in became


def test_a_version_of_before_says_which_reading_it_is(year: World, sign_in: SignIn) -> None:
    """Sealed when a balance counted the units registered in the year: its file keeps that meaning, and says it."""
    version = send(year)
    written = canonical({**in_form(json.loads(version.content), 1)})
    with unguarded("attributions_balanceversion.kept"):
        BalanceVersion.objects.filter(pk=version.pk).update(content=written.decode(), seal=seal_of_bytes(written))
    place = [year.landlord.pk, YEAR, "11", version.number]
    text = spoken(sign_in("aline").get(reverse("balance-version", args=place)).content.decode())
    assert f"3 attribués , parmi les logements enregistrés en {YEAR}" in text.replace("attribués,", "attribués ,")
    assert "Empreinte vérifiée" in text
    assert "D’une lecture à l’autre" not in text
