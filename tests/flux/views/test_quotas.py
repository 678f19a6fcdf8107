"""The screens of quotas in units a year, of what a holder does not take, and of the smallest holders."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from flux.models import Ledger
from reservations.models import Convention, Quota
from tests.flux.pages.test_feasibility import draft, fallen
from tests.flux.quotas import fall, promise
from tests.flux.views.pages import text_of
from tests.flux.views.test_convention import NEW, TERMS, at
from tests.world import MORNING, World

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _today(time_machine) -> None:
    time_machine.move_to(MORNING, tick=False)


def post(world: World, sign_in: SignIn, **given: object):
    pk = world.holders["city"].pk
    named = {f"{name}_{pk}": value for name, value in ({"rank": "4"} | given).items()}
    period = {"starts_on": "01/01/2029", "ends_on": "31/12/2031"}
    return sign_in("alice").post(f"{NEW}?organisation={world.city.pk}", TERMS | period | named)


def plain(answer) -> str:
    return text_of(answer).replace("\u00a0", " ").replace("\u202f", " ")


def test_units_a_year_are_a_share_of_what_falls_vacant(world: World, sign_in: SignIn) -> None:
    fallen(world, 6, 2)
    answer = post(world, sign_in, units="2", declined=["financing:PLS", "qpv:en QPV"])
    assert answer.status_code == 302
    quota = Quota.objects.get(yearly_units=2)
    assert (quota.share, quota.planned_flow, quota.declined) == (250_000, 8, ["financing:PLS", "qpv:en QPV"])
    row, alice = quota.convention, sign_in("alice")
    text = "2 logements par an, soit 25 % du flux prévu de 8"
    sheet = plain(alice.get(at("detail", row)))
    assert text in sheet
    assert "ne prend pas les PLS et les logements en QPV" in sheet
    document = plain(alice.get(reverse("convention-document", args=[row.pk])))
    assert text in document
    assert "ce qui lui est dû dans une année ne dépasse pas 2 logements" in document
    assert "ne prend pas les PLS et les logements en QPV : sa part reste due" in document
    form = alice.get(at("edit", row)).context["form"]
    pk = world.holders["city"].pk
    assert (form.initial[f"units_{pk}"], form.initial[f"declined_{pk}"]) == (2, quota.declined)
    assert f"percent_{pk}" not in form.initial
    edited = text_of(alice.get(at("edit", row)))
    assert "Typologies T1 T2" in edited
    assert "Financements PLAI PLUS PLS PLI autre financement Quartiers prioritaires (QPV) en QPV hors QPV" in edited
    assert [choice.data["value"] for choice in form[f"declined_{pk}"] if choice.data["selected"]] == quota.declined
    assert text in plain(alice.get(reverse("convention-list")))


def test_units_a_year_say_their_grounds_in_units(world: World, sign_in: SignIn) -> None:
    """Typed in the form, printed, and shown again as they were typed (CCH, R441-5-3)."""
    fallen(world, 6, 2)
    typed = "garantie d’emprunt : 1 logement par an, emprunt jusqu’au 31/12/2031\napport de terrain : 1 logement par an"
    answer = post(world, sign_in, units="2", grounds=typed)
    assert answer.status_code == 302
    row, alice, pk = Quota.objects.get(yearly_units=2).convention, sign_in("alice"), world.holders["city"].pk
    assert alice.get(at("edit", row)).context["form"].initial[f"grounds_{pk}"] == typed
    document = plain(alice.get(reverse("convention-document", args=[row.pk])))
    assert (
        "garantie d’emprunt : 1 logement par an, due jusqu’au 31/12/2036, 5 ans après la fin de l’emprunt ;" in document
    )
    refused = post(world, sign_in, units="2", grounds="apport de terrain : 25 %")
    assert "écrivez chacun de ses fondements en logements" in plain(refused)


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"units": "2", "percent": "12"}, "units", "Écrivez une part en %, ou des logements par an : pas les deux."),
        ({"units": "0"}, "units", "Écrivez au moins un logement par an, ou laissez vide."),
        ({"units": "1,5"}, "units", "Écrivez un nombre entier de logements par an : 12 par exemple."),
        ({"units": "99999"}, "units", "Écrivez au plus 9999 logements par an."),
        ({"units": "4"}, "units", "Le flux prévu sur ce périmètre est de 3 logements par an : écrivez de 1 à 3."),
        ({"percent": "12", "declined": ["typology:T9"]}, "declined", "Choisissez parmi les catégories de la liste."),
        (
            {"percent": "12", "declined": ["qpv:en QPV", "qpv:hors QPV"]},
            "declined",
            "Ville de Narbonne ne pourrait recevoir aucun logement : laissez au moins une des deux situations.",
        ),
    ],
)
def test_bad_input_is_refused_at_its_field(
    world: World, sign_in: SignIn, given: dict[str, object], field: str, sentence: str
) -> None:
    fallen(world, 3, 0)
    answer = post(world, sign_in, **given)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {f"{field}_{world.holders['city'].pk}": [sentence]}
    assert Convention.objects.count() == 4


def test_units_need_a_flow_that_is_known(world: World, sign_in: SignIn) -> None:
    answer = post(world, sign_in, units="2")
    assert "Aucun flux n’est connu sur ce périmètre" in plain(answer)


def test_draft_shows_what_cannot_be_given_and_is_not_signed(world: World, sign_in: SignIn) -> None:
    fallen(world, 3, 12)
    row, alice = draft(world, share=250_000, declined=("financing:PLS",)), sign_in("alice")
    answer = alice.get(at("detail", row))
    assert "et il n’en vient que 3,00 qui puissent lui aller" in plain(answer)
    assert not answer.context["may_be_signed"]
    refused = alice.post(at("sign", row), {"signed_on": "24/11/2026"})
    assert refused.status_code == 422
    assert "et il n’en vient que 3,00 qui puissent lui aller" in plain(refused)


def test_small_holder_reads_how_often_a_unit_comes(world: World, sign_in: SignIn) -> None:
    for _ in range(3):
        fall(world)
    book, city = Ledger.objects.ordinary().get(), world.holders["city"]
    text = "environ un logement tous les 3 ans"  # 12 % of three units a year
    assert text in plain(sign_in("chloe").get(reverse("statement", args=[book.pk, city.pk])))
    assert text in plain(sign_in("chloe").get(at("detail", world.conventions["city"])))
    landlord = world.holders["landlord"]
    assert "environ un logement" not in plain(sign_in("alice").get(reverse("statement", args=[book.pk, landlord.pk])))


def test_sheet_of_a_vacancy_says_what_a_holder_does_not_take(world: World, sign_in: SignIn) -> None:
    promise(world, "als", declined=["typology:T3"])
    made = fall(world)
    sheet = sign_in("alice").get(reverse("vacancy-detail", args=[made.vacancy_id]))
    assert "Ne prend pas les T3, selon sa convention." in plain(sheet)


def test_override_to_it_without_its_agreement_is_refused_at_the_motive(world: World, sign_in: SignIn) -> None:
    promise(world, "als", declined=["typology:T3"])
    made = fall(world)
    given = {
        "holder": world.holders["als"].pk,
        "instead_of": made.holder_id,
        "was_routed": "False",
        "motive": "OTHER",
        "motive_text": "Pour voir.",
    }
    answer = sign_in("alice").post(reverse("vacancy-reroute", args=[made.vacancy_id]), given)
    assert answer.status_code == 422
    assert "ne prend pas les T3 : il faut son accord ou sa demande" in plain(answer)
