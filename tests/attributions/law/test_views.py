"""The lists of the law are dated rows that the operator keeps; what nobody read in its text is on one page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from attributions.bilan.models import Objective
from attributions.bilan.operations.objectives import set_objective, withdraw_objective
from attributions.households.models import PriorityCategory
from attributions.law.queries import left_to_confirm
from flux.models import IncomeCeiling
from reservations.models import HistoryEntry, LegalParameter, Unconfirmed
from tests.flux.views.pages import text_of
from tests.world import World

SignIn = Callable[[str], Client]
CATEGORIES, RATES, LEFT = (reverse(name) for name in ("priority-category-list", "law-rate-list", "unconfirmed-list"))
NEW, RATE_NEW = reverse("priority-category-new"), reverse("law-rate-new")


@pytest.fixture
def adam(world: World, sign_in: SignIn) -> Client:
    return sign_in("adam")


def change(code: str) -> str:
    return reverse("priority-category-change", args=[PriorityCategory.objects.get(code=code, ends_on=None).pk])


def test_the_list_has_those_that_laws_added_since_and_says_which_text_was_not_read(adam: Client) -> None:
    """CCH, L441-1: prostitution (2016), traite, violences sexuelles, sortie de l’aide sociale à l’enfance (2022)."""
    page = text_of(adam.get(CATEGORIES))
    for each in ("15 catégories en vigueur", "parcours de sortie de la prostitution", "Victime de la traite"):
        assert each in page
    assert "Jeune de moins de 21 ans sortant de l’aide sociale à l’enfance" in page
    assert page.count("à confirmer") >= 14
    assert "Groupe" in adam.get(CATEGORIES, {"fichier": "csv"}).getvalue().decode()
    assert "6 taux en vigueur" in text_of(adam.get(RATES))
    assert "Objectif" in adam.get(RATES, {"fichier": "csv"}).getvalue().decode()


def test_a_law_adds_a_category_says_it_otherwise_and_ends_it(adam: Client, world: World) -> None:
    given = {"label": "Aidant d’un proche", "starts_on": "01/01/2027", "source": "CCH, L441-1 (loi à venir)"}
    assert adam.post(NEW, given | {"would_confirm": "le Journal officiel"}).status_code == 302
    added = PriorityCategory.objects.get(label="Aidant d’un proche")
    assert (added.code, added.group) == ("AIDANT-DUN-PROCHE", "LAW")
    assert Unconfirmed.objects.about(added).left().get().would_confirm == "le Journal officiel"
    assert "« Aidant d’un proche » est déjà dans la liste" in text_of(adam.post(NEW, given))
    page = change(added.code)
    assert text_of(adam.get(page)).count("Aidant d’un proche") == 1
    assert "choisissez un jour après" in text_of(adam.post(page, given | {"label": "Aidant"}))
    assert adam.post(page, given | {"label": "Aidant familial", "starts_on": "01/07/2027"}).status_code == 302
    assert [(each.label, each.ends_on) for each in PriorityCategory.objects.filter(code=added.code)] == [
        ("Aidant d’un proche", date(2027, 6, 30)),
        ("Aidant familial", None),
    ]
    again = text_of(adam.post(page, {"ends_on": "31/12/2027", "why": "abrogée"}))
    assert "a déjà une fin" in again
    ended = change(added.code)
    assert "depuis le 1er juillet 2027 : choisissez un jour après" in text_of(
        adam.post(ended, {"ends_on": "31/12/2025", "why": "abrogée"})
    )
    assert adam.post(ended, {"ends_on": "31/12/2027", "why": "loi n° 2027-1, art. 2"}).status_code == 302
    assert HistoryEntry.objects.filter(why="loi n° 2027-1, art. 2", act="ENDED").count() == 1
    assert "elle ne se retire pas" in text_of(adam.post(change("DALO"), {"ends_on": "31/12/2027", "why": "x"}))


def test_a_rate_of_the_law_is_recorded_from_a_day_and_the_one_before_ends(adam: Client) -> None:
    given = {"code": "PRIORITY_LANDLORD", "percent": "30", "starts_on": "01/01/2027", "source": "CCH, L441-1"}
    assert "choisissez un jour après celui-là." in text_of(adam.post(RATE_NEW, given | {"starts_on": "01/01/2020"}))
    assert adam.post(RATE_NEW, given | {"code": "STATE_AGENTS", "percent": "4"}).status_code == 302
    assert adam.post(RATE_NEW, given).status_code == 302
    rates = Objective.objects.filter(code="PRIORITY_LANDLORD", territory=None).order_by("starts_on")
    assert [(each.percent, each.ends_on) for each in rates] == [(25, date(2026, 12, 31)), (30, None)]
    assert Unconfirmed.objects.about(rates[1]).count() == 0


def test_what_nobody_read_is_on_one_page_until_somebody_cites_the_text(adam: Client, world: World) -> None:
    page = text_of(adam.get(LEFT))
    assert "le délégué à la protection des données de l’exploitant" in page
    assert "plafonds d’une année passée" in page
    folded = [int(each) for each in re.findall(r"(\d+) à confirmer", page)]
    assert len(folded) == 4  # parameters, categories, rates, ceilings: each is counted before it is unfolded
    assert f"{sum(folded)} valeurs à confirmer" in page
    assert "confirmerait" in adam.get(LEFT, {"fichier": "csv"}).getvalue().decode()
    left = Unconfirmed.objects.left().count()
    assert len(left_to_confirm(date(2026, 6, 1))) == left
    kept = LegalParameter.objects.get(code="SMALL_CELL")
    doubt = reverse("unconfirmed-confirm", args=[Unconfirmed.objects.about(kept).get().pk])
    assert "le texte que vous avez lu" in text_of(adam.post(doubt, {"source": ""}))
    assert "Effectif sous lequel" in text_of(adam.get(doubt))
    assert adam.post(doubt, {"source": "avis du délégué du 3 mars 2026"}).status_code == 302
    assert adam.get(doubt).status_code == 404
    assert Unconfirmed.objects.left().count() == left - 1
    confirmed = Unconfirmed.objects.about(kept).get()
    assert (confirmed.source, confirmed.confirmed_by) == ("avis du délégué du 3 mars 2026", world.people["adam"])
    Unconfirmed.objects.all().delete()
    assert "1 valeur à confirmer" in text_of(adam.get(LEFT))
    IncomeCeiling.objects.all().delete()
    assert "Rien : chaque valeur en vigueur cite un texte lu." in text_of(adam.get(LEFT))
    for page in (CATEGORIES, RATES):
        assert "Tout ce qui vient des textes est confirmé." in text_of(adam.get(page))


def test_what_residences_of_the_list_count_is_to_confirm_with_each_rate(adam: Client, world: World) -> None:
    """CCH, L441-1-6, 3° bis: the list was read, neither a rate nor the households that it counts."""
    assert not Objective.objects.filter(code="MIX_RESIDENCES").exists()
    given = {"code": "MIX_RESIDENCES", "percent": "40", "starts_on": "01/01/2027", "source": "CCH, L441-1-6"}
    assert adam.post(RATE_NEW, given).status_code == 302
    terms = {"code": "MIX_RESIDENCES", "territory": world.places["Le Grand Narbonne"], "percent": Decimal(45)}
    when = {"starts_on": date(2026, 1, 1), "source": "CIA du Grand Narbonne, 2026", "by": world.people["emma"]}
    agreed = set_objective(**terms, **when)
    page = text_of(adam.get(LEFT))
    named = "Résidences à enjeu prioritaire de mixité : ménages des trois autres quartiles"
    assert f"{named} : 40 %" in page
    assert f"{named} : 45 % (CA Le Grand Narbonne)" in page
    assert page.count("les articles L441-1 et L441-1-6, 3° bis, du CCH en vigueur (Légifrance)") == 2
    withdraw_objective(objective=agreed, why="Saisi deux fois.", by=world.people["emma"])
    assert not Unconfirmed.objects.about(agreed).exists()
    doubt = Unconfirmed.objects.left().get(subject="attributions.objective", would_confirm__contains="3° bis")
    read = {"source": "CCH, L441-1-6, lu le 3 mars 2027"}
    assert adam.post(reverse("unconfirmed-confirm", args=[doubt.pk]), read).status_code == 302
    assert named not in text_of(adam.get(LEFT))


def test_it_is_the_operators_alone(sign_in: SignIn) -> None:
    pages = [CATEGORIES, RATES, LEFT, NEW, RATE_NEW, change("DALO")]
    assert {sign_in(name).get(page).status_code for name in ("alice", "bob", "emma") for page in pages} == {403}
