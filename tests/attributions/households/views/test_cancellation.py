"""Cancelling and reclassifying on screen: what is taken back is stated first, and the sheet stays readable."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from flux.models import Vacancy
from flux.operations.cancellation import cancel_vacancy, reclassify_vacancy
from flux.operations.outcomes import record_allocation
from flux.operations.stock import keep_in_stock
from reservations.models import StockRight
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING

if TYPE_CHECKING:
    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]
    Year = dict[str, Vacancy]

TEXT = "Le locataire est resté."
SAY_WHY = "Dites pourquoi, en une phrase : les réservataires la liront."


def page(vacancy: Vacancy) -> str:
    return reverse("vacancy-cancel", args=[vacancy.pk])


def sheet(vacancy: Vacancy) -> str:
    return reverse("vacancy-detail", args=[vacancy.pk])


def cancelled(world: World, vacancy: Vacancy) -> Vacancy:
    return cancel_vacancy(vacancy=vacancy, reason="NOTICE_WITHDRAWN", text=TEXT, by=world.people["aline"])


def test_page_says_what_will_be_taken_back_and_from_whom(world: World, year: Year, sign_in: SignIn) -> None:
    words = text_of(sign_in("aline").get(page(year["city"])))
    assert "Annuler ou reclasser RH-" in words
    assert "6 comptes corrigés" in words
    assert "Ville de Narbonne : dû −0,12, reçu −1 (flux annuel 2026)" in words
    assert "L’orientation vers la Ville de Narbonne sera close : prévenez ce réservataire." in words


def test_sheet_leads_to_the_page_for_the_landlord_only(world: World, year: Year, sign_in: SignIn) -> None:
    for person, leads in (("aline", True), ("chloe", False), ("bob", False)):
        content = sign_in(person).get(sheet(year["city"])).content.decode()
        assert (page(year["city"]) in content) is leads, person


def test_cancelled_unit_says_so_on_its_sheet_and_counts_nowhere(world: World, year: Year, sign_in: SignIn) -> None:
    vacancy, client = year["city"], sign_in("aline")
    posted = client.post(page(vacancy), {"reason": "NOTICE_WITHDRAWN", "text": TEXT}, follow=True)
    assert messages_of(posted) == [f"{vacancy.unit} est annulé : il ne compte plus pour personne."]
    words = text_of(posted)
    today = timezone.localdate()
    assert f"par Aline : congé retiré par le locataire. « {TEXT} » Ce logement ne compte plus pour personne." in words
    assert f"{today.year}" in words
    assert "Annuler ou reclasser" not in words
    for person in ("chloe", "bob"):
        other = sign_in(person).get(sheet(vacancy))
        assert other.status_code == 200
        assert "par le bailleur : congé retiré par le locataire." in text_of(other)
        assert vacancy.unit.reference not in other.content.decode()
    listed = sign_in("aline").get(reverse("vacancy-list"))
    assert vacancy not in [line.row.vacancy for line in listed.context["lines"]]


def test_a_page_that_waits_shows_whole_the_unit_that_was_cancelled(world: World, sign_in: SignIn) -> None:
    """The look takes the place of the page, not of the section that waits: no header within a header."""
    vacancy, client = world.vacancy(), sign_in("aline")
    cancelled(world, vacancy)
    look = client.get(sheet(vacancy), {"essai": 2}, headers={"HX-Request": "true"})
    assert (look["HX-Retarget"], look["HX-Reselect"], look["HX-Reswap"]) == ("main", "main", "outerHTML")
    assert "congé retiré par le locataire." in text_of(look)
    assert "La fiche est à jour." in text_of(look)


def test_story_of_the_unit_keeps_it(world: World, year: Year, sign_in: SignIn) -> None:
    cancelled(world, year["city"])
    words = text_of(sign_in("aline").get(reverse("unit-detail", args=[year["city"].unit_id])))
    assert "déclaré libéré, puis annulé" in words
    assert f"Annulé, congé retiré par le locataire : {TEXT}" in words


def test_statement_states_the_cancellation_and_opens_it(world: World, year: Year, sign_in: SignIn) -> None:
    vacancy = year["city"]
    cancel_vacancy(vacancy=vacancy, reason="NOTICE_WITHDRAWN", text=TEXT, by=world.people["aline"], now=MORNING)
    url = reverse("statement", args=[vacancy.ledger_id, world.holders["city"].pk])
    shown = sign_in("chloe").get(f"{url}?on={MORNING:%Y-%m-%d}")
    words = text_of(shown)
    assert "Annulé : ce que ce logement avait compté est repris, raison sur la fiche" in words
    assert f'href="{sheet(vacancy)}"' in shown.content.decode()


def test_reclassified_unit_opens_on_the_new_declaration(world: World, year: Year, sign_in: SignIn) -> None:
    vacancy, client = year["city"], sign_in("aline")
    posted = client.post(
        page(vacancy),
        {"reason": "RECLASSIFIED", "kind": "EXCLUDED", "exclusion": "UNFIT_HOUSING", "text": "Relogement."},
        follow=True,
    )
    again = Vacancy.objects.get(unit=vacancy.unit)
    assert posted.redirect_chain == [(sheet(again), 302)]
    assert messages_of(posted) == [
        f"{vacancy.unit} est déclaré de nouveau, soustrait du flux : l’ancienne déclaration est annulée."
    ]
    assert f'href="{sheet(vacancy)}"' in posted.content.decode()
    before = client.get(sheet(vacancy))
    assert f'href="{sheet(again)}">Lire la déclaration qui le remplace</a>' in before.content.decode()
    assert "classement corrigé : déclaré de nouveau" in text_of(before)


@pytest.mark.parametrize(
    ("posted", "errors"),
    [
        ({}, {"reason": ["Choisissez d’annuler ou de reclasser."], "text": [SAY_WHY]}),
        ({"reason": "NOTICE_WITHDRAWN"}, {"text": [SAY_WHY]}),
        ({"reason": "RECLASSIFIED", "text": TEXT}, {"kind": ["Choisissez le nouveau classement."]}),
        (
            {"reason": "RECLASSIFIED", "text": TEXT, "kind": "IN_FLOW"},
            {"kind": ["Choisissez l’un des classements proposés."]},
        ),
        (
            {"reason": "RECLASSIFIED", "text": TEXT, "kind": "EXCLUDED"},
            {"exclusion": ["Choisissez l’un des motifs de la loi pour soustraire ce logement du flux."]},
        ),
    ],
)
def test_form_says_what_is_missing(
    posted: dict[str, str], errors: dict[str, list[str]], year: Year, sign_in: SignIn
) -> None:
    answer = sign_in("aline").post(page(year["city"]), posted)
    assert answer.status_code == 422
    assert answer.context["form"].errors == errors
    assert not Vacancy.declared.exclude(cancelled_at=None).exists()


def test_what_the_act_refuses_is_stated_on_the_page(world: World, year: Year, sign_in: SignIn) -> None:
    vacancy = year["city"]
    record_allocation(vacancy=vacancy, on=MORNING.date(), by=world.people["aline"], today=MORNING.date())
    client = sign_in("aline")
    assert "annulez d’abord l’attribution et le bail" in text_of(client.get(page(vacancy)))
    answer = client.post(page(vacancy), {"reason": "NOTICE_WITHDRAWN", "text": TEXT})
    assert answer.status_code == 422
    assert "est attribué à un ménage : annulez d’abord l’attribution, sur la page « Attribution et bail »." in text_of(
        answer
    )


def test_second_person_reads_that_it_is_done_and_nobody_is_named(world: World, year: Year, sign_in: SignIn) -> None:
    vacancy = year["to confirm"]
    cancelled(world, vacancy)
    client, text = sign_in("alice"), f"{vacancy.unit} est déjà annulé, le "
    for url, posted in (
        (page(vacancy), {"reason": "NOTICE_WITHDRAWN", "text": TEXT}),
        (reverse("vacancy-confirm", args=[vacancy.pk]), {}),
    ):
        [message] = messages_of(client.post(url, posted, follow=True))
        assert message.startswith(text)
        assert message.endswith(". Rechargez la page.")
        assert "Aline" not in message
    [message] = messages_of(client.post(reverse("vacancies-confirm"), {"logement": [vacancy.pk]}, follow=True))
    assert message.startswith(f"Rien n’est enregistré. {text}")
    rerouted = client.post(
        reverse("vacancy-reroute", args=[vacancy.pk]),
        {"holder": world.holders["epci"].pk, "motive": "OTHER", "motive_text": "Une raison."},
    )
    assert rerouted.status_code == 422
    assert client.get(reverse("vacancy-outcome", args=[vacancy.pk])).status_code == 302


def test_return_of_a_unit_cancelled_meanwhile_is_refused_with_its_sentence(
    world: World, year: Year, sign_in: SignIn
) -> None:
    vacancy = year["city"]
    routing = vacancy.routings.get()
    cancelled(world, vacancy)
    posted = {"routing": routing.pk, "reason": "DECLINED", "text": "Étage trop haut."}
    answer = sign_in("chloe").post(reverse("vacancy-return", args=[vacancy.pk]), posted)
    assert answer.status_code == 422
    assert f"{vacancy.unit} est déjà annulé, le " in text_of(answer)


def test_unit_kept_in_stock_is_cancelled_and_not_reclassified(world: World, sign_in: SignIn) -> None:
    unit = world.unit()
    keep_in_stock(
        unit=unit,
        holder=world.holders["city"],
        ground=StockRight.Ground.LAND,
        starts_on=MORNING.date().replace(year=2020),
        by=world.people["alice"],
    )
    vacancy, client = world.vacancy(unit), sign_in("aline")
    words = text_of(client.get(page(vacancy)))
    assert "0 compte à corriger" in words
    assert "Le droit en stock qu’il a servi redevient libre." in words
    assert "tant qu’il le porte, il ne se reclasse pas" in words
    assert "Reclasser :" not in words
    client.post(page(vacancy), {"reason": "DECLARED_BY_MISTAKE", "text": TEXT})
    assert Vacancy.declared.get(pk=vacancy.pk).is_cancelled
    assert "Ce logement ne compte plus pour personne." in text_of(client.get(sheet(vacancy)))


def test_replacing_declaration_reads_what_it_replaces(world: World, year: Year, sign_in: SignIn) -> None:
    again = reclassify_vacancy(
        vacancy=year["excluded"], kind="TECHNICAL", text="Travaux.", by=world.people["aline"], now=MORNING
    )
    words = text_of(sign_in("bob").get(sheet(again)))
    assert "remplace la déclaration annulée du 24 novembre 2026" in words


def test_list_of_accounts_counts_what_entered_and_stands(world: World, year: Year, sign_in: SignIn) -> None:
    def entered() -> list[int]:
        return [row["entered"] for row in sign_in("aline").get(reverse("account-list")).context["rows"]]

    assert entered() == [3]
    cancelled(world, year["city"])
    assert entered() == [2]
    cancelled(world, year["waiting"])  # in no account yet
    assert entered() == [2]


def test_unit_that_should_have_gone_to_its_right_in_stock_is_reclassified_there(world: World, sign_in: SignIn) -> None:
    vacancy, client = world.vacancy(), sign_in("aline")
    keep_in_stock(
        unit=vacancy.unit,
        holder=world.holders["city"],
        ground=StockRight.Ground.LAND,
        starts_on=MORNING.date().replace(year=2020),
        by=world.people["alice"],
    )
    shown = client.get(page(vacancy))
    assert shown.context["form"].fields["kind"].choices == [("STOCK", "Gardé en stock")]
    client.post(page(vacancy), {"reason": "RECLASSIFIED", "kind": "STOCK", "text": "Droit oublié."})
    again = Vacancy.objects.get(unit=vacancy.unit)
    assert (again.kind, again.routings.get().holder, again.replaces_id) == ("STOCK", world.holders["city"], vacancy.pk)
