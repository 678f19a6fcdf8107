"""The acts that a form of « À faire » does in the row: its effect words before, then back to what took its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from attributions.households.models import Lease, Offer, Proposal
from attributions.inbox.pages import OPEN
from flux.models import Recommendation, Return, Routing
from tests.attributions.households.candidates import agree, candidate, routed
from tests.attributions.households.rows import decided
from tests.attributions.inbox.test_inbox import INBOX, to_confirm
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING, World

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


def opened(client: Client, act: str, vacancy: int) -> tuple[str, dict[str, str]]:
    """The form of a row: where it is posted, and what it posts without a change; its fields belong to it."""
    page = client.get(INBOX, {OPEN: f"{act}-{vacancy}"})
    drawn = page.content.decode()
    [address] = re.findall(r'<form id="agir-formulaire" action="([^"]*)"', drawn)
    fields = re.findall(r"<(?:input|select|textarea)[^>]*form=[^>]*>", drawn)
    assert fields
    posted = {}
    for each in fields:
        value = re.search(r'value="([^"]*)"', each)
        if value and ("hidden" in each or 'type="text"' in each or "checked" in each):
            posted[re.search(r'name="([^"]*)"', each)[1]] = value[1]
    return address.replace("&amp;", "&"), posted


def test_a_unit_is_sent_elsewhere_in_its_row_and_its_motive_is_offered_again(world: World, sign_in: SignIn) -> None:
    to_confirm(world, 3)
    aline = sign_in("aline")
    first, second, _ = [each.key for each in aline.get(INBOX).context["page"].object_list][:3]
    address, given = opened(aline, "ailleurs", first)
    assert address == f"{reverse('vacancy-reroute', args=[first])}?de=a-faire&rang=1"
    page = text_of(aline.get(INBOX, {OPEN: f"ailleurs-{first}"}))
    assert re.search(r"écart : .* avant, .* après", page)
    assert "Un motif déjà donné" not in page
    taker = world.holders["als"] if str(world.holders["als"].pk) != given["instead_of"] else world.holders["city"]
    typed = {"holder": taker.pk, "motive": "OTHER", "motive_text": "Équilibre du quartier."}
    answer = aline.post(address, given | typed)
    assert answer["Location"] == f"{INBOX}#rang-1"
    routing = Routing.objects.get()
    assert (routing.vacancy_id, routing.holder, routing.motive_text) == (first, taker, "Équilibre du quartier.")
    page = aline.get(INBOX, {OPEN: f"ailleurs-{second}"})
    assert "Autre raison : Équilibre du quartier." in text_of(page)
    address, given = opened(aline, "ailleurs", second)
    other = next(pk for pk in (world.holders[name].pk for name in ("als", "city")) if str(pk) != given["instead_of"])
    aline.post(address, given | {"holder": other, "again": routing.pk})
    again = Routing.objects.get(vacancy=second)
    assert (again.motive, again.motive_text) == ("OTHER", "Équilibre du quartier.")


def test_a_motive_of_somebody_else_is_not_taken(world: World, sign_in: SignIn) -> None:
    to_confirm(world, 2)
    aline, alice = sign_in("aline"), sign_in("alice")
    first, second = [each.key for each in aline.get(INBOX).context["page"].object_list][:2]
    address, given = opened(aline, "ailleurs", first)
    other = next(pk for pk in (world.holders[name].pk for name in ("als", "city")) if str(pk) != given["instead_of"])
    aline.post(address, given | {"holder": other, "motive": "OTHER", "motive_text": "Le mien."})
    address, given = opened(alice, "ailleurs", second)
    refused = alice.post(address, given | {"holder": other, "again": Routing.objects.get().pk})
    assert refused.status_code == 422
    assert Routing.objects.count() == 1


def test_several_are_sent_elsewhere_and_those_that_cannot_are_named(world: World, sign_in: SignIn) -> None:
    """A figure and the exceptions: each goes by itself."""
    to_confirm(world, 3)
    aline, batch = sign_in("aline"), f"{reverse('vacancies-reroute')}?de=a-faire&genre=orienter"
    found = list(Recommendation.objects.order_by("vacancy"))
    ticked = {"logement": [each.vacancy_id for each in found], "lu": [f"{each.vacancy_id}-{each.pk}" for each in found]}
    page = aline.post(batch, ticked)
    assert "3 logements cochés" in text_of(page)
    assert text_of(page).count("recommandé : ") == 3
    assert aline.post(batch, ticked | {"motive": ""}).status_code == 422
    holder = next(h for h in (world.holders["als"], world.holders["city"]) if any(each.holder != h for each in found))
    blind = {"logement": ticked["logement"], "holder": holder.pk, "motive": "OTHER", "motive_text": "Équilibre."}
    [unread] = messages_of(aline.post(batch, blind, follow=True))  # whose recommendation no page showed
    assert unread.count("sa recommandation n’a pas été lue, ouvrez-le") == 3
    assert not Routing.objects.exists()
    taker = holder
    stay = [each for each in found if each.holder == taker]
    typed = {"holder": taker.pk, "motive": "OTHER", "motive_text": "Équilibre."}
    answer = aline.post(batch, ticked | typed, follow=True)
    assert answer.redirect_chain[0][0] == f"{INBOX}?genre=orienter"
    words = messages_of(answer)
    assert words[0].startswith(f"{len(found) - len(stay)} logement")
    assert set(Routing.objects.values_list("vacancy", flat=True)) == {
        each.vacancy_id for each in found if each not in stay
    }
    assert len(words) == 1 + bool(stay)
    answer = aline.post(batch, ticked | typed, follow=True)  # all of them are gone, or stay
    [refused] = messages_of(answer)
    assert refused.startswith("3 logements ne sont pas orientés. ")
    assert messages_of(aline.post(batch, {}, follow=True)) == [
        "Cochez au moins un logement de la liste, puis choisissez où les orienter."
    ]
    unread = aline.post(batch, ticked | typed | {"lu": ["x"]}, follow=True)
    assert messages_of(unread) == ["Rien n’est enregistré. Rechargez la page, puis décidez de nouveau."]


def test_a_holder_gives_a_unit_back_and_transmits_in_the_row(world: World, sign_in: SignIn) -> None:
    agree(world.conventions["city"], proposal_days=10)
    kept, left = routed(world), routed(world)
    chloe = sign_in("chloe")
    assert f"ouvrir=transmettre-{kept.vacancy_id}" not in chloe.get(INBOX).content.decode()
    for rank in (1, 2, 3):
        candidate(world, kept.vacancy, rank, routing=kept)
    assert f"ouvrir=transmettre-{kept.vacancy_id}" in chloe.get(INBOX).content.decode()
    assert "3 sur 3 candidats au moins" in text_of(chloe.get(INBOX, {OPEN: f"transmettre-{kept.vacancy_id}"}))
    address, given = opened(chloe, "transmettre", kept.vacancy_id)
    answer = chloe.post(address, given)
    assert answer["Location"].startswith(f"{INBOX}#rang-")
    assert set(Proposal.objects.values_list("status", flat=True)) == {"SENT"}
    address, given = opened(chloe, "rendre", left.vacancy_id)
    assert "Votre écart :" in text_of(chloe.get(INBOX, {OPEN: f"rendre-{left.vacancy_id}"}))
    assert chloe.post(address, given)["Location"].startswith(f"{INBOX}#rang-")
    assert Return.objects.get().routing == left


def test_a_landlord_sends_an_offer_receives_its_answer_and_signs_in_the_row(world: World, sign_in: SignIn) -> None:
    first, *_ = decided(world)
    aline, vacancy = sign_in("aline"), first.vacancy_id
    address, given = opened(aline, "offrir", vacancy)
    assert aline.post(address, given)["Location"].startswith(f"{INBOX}#rang-")
    [offer] = Offer.objects.all()
    assert f"ouvrir=repondre-{vacancy}" not in aline.get(INBOX).content.decode()
    with time_machine.travel(MORNING + timedelta(days=(offer.answer_by - MORNING.date()).days), tick=False):
        aline, chloe = sign_in("aline"), sign_in("chloe")
        assert f"ouvrir=repondre-{vacancy}" not in chloe.get(INBOX).content.decode()  # it is the landlord's to record
        page = text_of(aline.get(INBOX, {OPEN: f"repondre-{vacancy}"}))
        assert "En cas de refus, le rang suivant reçoit une offre le jour même." in page
        address, given = opened(aline, "repondre", vacancy)
        assert aline.post(address, given | {"accepted": "yes"})["Location"].startswith(f"{INBOX}#rang-")
        address, given = opened(aline, "signer", vacancy)
        assert aline.post(address, given | {"in_mix_residence": "yes"})["Location"].startswith(f"{INBOX}#rang-")
    assert Lease.objects.get().proposal == first


def test_what_is_not_on_the_page_opens_nothing(world: World, sign_in: SignIn) -> None:
    to_confirm(world, 1)
    for asked in ("ailleurs-999999", "x", "signer-1", ""):
        assert "agir-formulaire" not in sign_in("aline").get(INBOX, {OPEN: asked}).content.decode()
