"""What calls for a person on the first page: votes to cast, what stands between a designation and a lease, notices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from attributions.home.to_do import lapse_before_units
from attributions.households.models import Proposal
from attributions.households.operations.ballot import cast_vote, open_ballot
from attributions.inbox.entries import Counted, Entry
from attributions.inbox.of_units import CANDIDATES_AWAITED, OFFER_LAPSES
from attributions.inbox.sittings import sittings
from flux.models import WebhookEndpoint
from flux.operations.webhooks import give_endpoint
from reservations.words import hour
from tests.attributions.households.candidates import routed, sent
from tests.attributions.households.operations.test_offer import offered
from tests.attributions.households.rows import Case, accepted
from tests.attributions.households.sittings import HOUR, House, house, lines
from tests.flux.views.pages import text_of
from tests.world import MORNING, World

SignIn = Callable[[str], Client]
HOME = reverse("home")
NOW = MORNING + 2 * HOUR


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> Any:
    """The session is on, its vote too."""
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.fixture
def home(world: World) -> House:
    return house(world)


def votes(home: House, person: str) -> list[int]:
    return [each.votes for each in sittings(home.world.member(person), now=NOW)]


def test_member_is_notified_of_its_session_and_of_the_votes_it_has_to_cast(home: House, sign_in: SignIn) -> None:
    item = home.opened(mode="REMOTE")
    for person in ("bob", "emma", "chloe"):
        page = text_of(sign_in(person).get(HOME))
        assert "CALEOL : une séance le mardi 24 novembre 2026, 10 h 00 Ouverte" in page
    ballot = open_ballot(item=item, lines=lines(item, "RANKED 1", "RANKED 2", "NOT_ALLOCATED SIZE"), by=home.secretary)
    assert [votes(home, person) for person in ("bob", "emma", "chloe", "aline", "zoe")] == [[1], [1], [1], [0], []]
    assert "1 vote attendu" in text_of(sign_in("bob").get(HOME))
    cast_vote(ballot=ballot, member=home.members["Bob"], choice="FOR", by=home.world.people["bob"])
    assert (votes(home, "bob"), votes(home, "emma")) == ([0], [1])


@pytest.mark.parametrize("count", [1, 12])
def test_sittings_cost_five_queries(home: House, count: int, django_assert_num_queries) -> None:
    item = home.opened(mode="REMOTE")
    open_ballot(item=item, lines=lines(item, "RANKED 1", "RANKED 2", "NOT_ALLOCATED SIZE"), by=home.secretary)
    for _ in range(count - 1):
        home.session()
    member = home.world.member("chloe")
    with django_assert_num_queries(5):
        assert len(sittings(member, now=NOW)) == min(count, 5)


def test_landlord_counts_what_stands_before_the_lease(world: World, sign_in: SignIn) -> None:
    sent(world, routed(world), 1)
    client = sign_in("aline")
    for status, words in (
        ("SENT", "Dossiers à instruire 1 logement"),
        ("READY", "Prêts pour la CALEOL 1 logement"),
        ("ALLOCATED", "Offres à envoyer 1 logement"),
        ("OFFERED", "Réponses attendues 1 logement"),
        ("ACCEPTED", "Baux à signer 1 logement"),
    ):
        Proposal.objects.update(status=status)
        assert words in text_of(client.get(HOME))
    assert "Avis à lire" in text_of(client.get(HOME))


def test_holder_reads_where_its_units_stand(world: World, sign_in: SignIn) -> None:
    sent(world, routed(world), 1)
    assert "Candidats transmis, à instruire" in text_of(sign_in("chloe").get(HOME))


def test_households_to_label_before_their_meeting_are_counted(home: House, sign_in: SignIn) -> None:
    item = home.item()
    text = "Dossiers à labelliser avant leur séance 1"
    assert "labelliser" not in text_of(sign_in("aline").get(HOME))
    Proposal.objects.filter(pk=item.cases.order_by("pk")[0].proposal_id).update(has_priority=True)
    for person in ("aline", "bob"):
        assert text in text_of(sign_in(person).get(HOME)), person


def test_a_manager_is_reported_at_home_of_software_that_no_longer_answers(world: World, sign_in: SignIn) -> None:
    """Suspended after five days of silence, its address was stated on its own page alone; whoever suspends one
    knows."""
    text = "1 logiciel qui ne répond plus : son adresse est suspendue"
    endpoint = give_endpoint(member=world.member("alice"), url="https://8.8.8.8/", kinds=["vacancy.routed"])
    stopped = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    stopped.update(stopped_at=NOW, stopped="BY_HAND")
    assert text not in text_of(sign_in("alice").get(HOME))
    stopped.update(stopped="FAILING")
    page = sign_in("alice").get(HOME)
    assert text in text_of(page)
    assert reverse("webhook-list") in page.content.decode()
    assert text not in text_of(sign_in("aline").get(HOME))


def test_an_offer_that_lapses_today_is_stated_first_with_its_hour(
    world: World, sign_in: SignIn, time_machine: Any
) -> None:
    """« En attente : 1 réponse de ménage attendue » the day when silence becomes a refusal (CCH, R441-10)."""
    _, offer = offered(world)
    time_machine.move_to(MORNING + timedelta(days=3), tick=False)
    before = text_of(sign_in("aline").get(HOME))
    assert "1 réponse de ménage attendue" in before
    assert "expire" not in before
    time_machine.move_to(MORNING + (offer.answer_by - MORNING.date()), tick=False)
    text = "1 offre dont la réponse expire (aujourd’hui à minuit : sans réponse, c’est un refus)"
    for name in ("aline", "chloe"):
        page = text_of(sign_in(name).get(HOME))
        assert text in page, name
        assert "1 réponse de ménage attendue" not in page, "said once"
    time_machine.move_to(MORNING + (offer.answer_by - MORNING.date()) + timedelta(days=1), tick=False)
    assert "1 offre dont la réponse expire (le délai est passé)" in text_of(sign_in("aline").get(HOME))


def test_a_holder_reads_what_lapses_first_above_its_units(world: World, sign_in: SignIn, time_machine: Any) -> None:
    """An offer that expires tonight stood below units whose delay ends weeks later; and the other way round."""
    _, offer = offered(world)
    last = MORNING + (offer.answer_by - MORNING.date())
    time_machine.move_to(last, tick=False)
    client = sign_in("chloe")
    routed(world, vacancy=world.vacancy(now=last), now=last)

    page = client.get(HOME).content.decode()
    assert page.count('id="echoit"') == page.count('id="reponses"') == 1
    assert page.index('id="echoit"') < page.index('id="reponses"')


@pytest.mark.parametrize(
    ("row", "unit", "before"), [(4, 5, True), (5, 5, True), (6, 5, False), (None, 5, False), (4, None, True)]
)
def test_what_lapses_after_the_units_stands_below_them(row: int | None, unit: int | None, before: bool) -> None:
    on = {each: each and date(2026, 12, each) for each in (row, unit)}
    entries = [Entry(OFFER_LAPSES, 1, on[row], None, None)]
    counted = [Counted(OFFER_LAPSES, 1, on[row]), Counted(CANDIDATES_AWAITED, 1, on[unit])]
    assert lapse_before_units(entries, counted) is before
    assert not lapse_before_units([], counted)


def test_a_document_that_lapses_today_comes_first_with_its_hour(
    world: World, sign_in: SignIn, time_machine: Any
) -> None:
    """What the committee asked for by today ends the candidacy if nobody records it (CCH, R441-3)."""
    due = MORNING.date() + timedelta(days=15)
    accepted(world, Case("CONDITIONAL", due=due))
    time_machine.move_to(MORNING + timedelta(days=3), tick=False)
    before = text_of(sign_in("aline").get(HOME))
    assert "1 pièce de ménage attendue" in before
    assert "expire" not in before
    time_machine.move_to(MORNING + timedelta(days=15), tick=False)
    text = "1 pièce de ménage dont le délai expire (aujourd’hui à minuit : sans elle, la candidature prend fin)"
    for name in ("aline", "chloe"):
        page = sign_in(name).get(HOME)
        assert page.context["to_do"].tasks[0].one == "pièce de ménage dont le délai expire", name
        assert text in text_of(page), name
        assert "1 pièce de ménage attendue" not in text_of(page), "once"
    time_machine.move_to(MORNING + timedelta(days=16), tick=False)
    assert "1 pièce de ménage dont le délai expire (le délai est passé)" in text_of(sign_in("aline").get(HOME))


def test_a_vote_that_closes_today_comes_first_with_its_hour(home: House, sign_in: SignIn, time_machine: Any) -> None:
    item = home.opened(mode="REMOTE")
    open_ballot(item=item, lines=lines(item, "RANKED 1", "RANKED 2", "NOT_ALLOCATED SIZE"), by=home.secretary)
    early = sign_in("chloe").get(HOME).context["to_do"].tasks
    assert [each.one for each in early if "vote" in each.one] == ["vote à donner en CALEOL"]
    closes_at = item.session.vote_closes_at
    assert closes_at is not None
    time_machine.move_to(closes_at - HOUR, tick=False)
    for name in ("chloe", "bob", "emma"):
        page = sign_in(name).get(HOME)
        tasks = page.context["to_do"].tasks
        assert [each.one for each in tasks if "vote" in each.one] == ["vote à donner en CALEOL aujourd’hui"], name
        assert tasks[0].where == reverse("vote", args=[item.pk])
        assert f"1 vote à donner en CALEOL aujourd’hui (clos à {hour(closes_at)})" in text_of(page)
