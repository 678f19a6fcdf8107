"""The answer of a home page counts everything that awaits its reader: « Rien » is said when there is nothing at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from attributions.models import Proposal
from attributions.queries.notices import unread_count
from attributions.queries.to_do import ToDo
from reservations.operations.person import grant_membership
from tests.attributions.balances import SENT, contest, lived
from tests.attributions.balances import send as send_balance
from tests.attributions.candidates import agree, routed, sent
from tests.flux.views.pages import text_of
from tests.world import MORNING, Role, World, promise_behind_the_acts

SignIn = Callable[[str], Client]
HOME = reverse("home")


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


def title(page: object) -> str:
    [found] = re.findall("<title>(.*?)</title>", page.content.decode())
    return " ".join(found.split())


def answer(page: object) -> str:
    found, *_ = re.findall(r'<p class="answer">(.*?)</p>', page.content.decode(), re.DOTALL)
    return " ".join(re.sub("<[^>]*>", "", found).split())


def counted(to_do: ToDo) -> dict[str, int]:
    return {task.words: task.number for task in to_do.tasks}


def stand_at(world: World, *statuses: str) -> None:
    """One unit of the city at each of these stages."""
    for rank, status in enumerate(statuses, start=1):
        sent(world, routed(world), rank)
        Proposal.objects.filter(status="SENT").update(status=status)


def test_landlord_counts_leases_files_answers_and_notices_not_only_routings(world: World, sign_in: SignIn) -> None:
    """13 leases to sign and 4 files beside « Rien »: the title and the sentence said the queue alone."""
    stand_at(world, "ACCEPTED", "ALLOCATED", "READY", "OFFERED")
    sent(world, routed(world), 9)
    world.vacancy()
    page = sign_in("aline").get(HOME)
    to_do = page.context["to_do"]
    assert counted(to_do) == {
        "logement aux dossiers à instruire": 1,
        "logement prêt pour la CALEOL": 1,
        "offre à envoyer": 1,
        "bail à signer": 1,
        "avis à lire": unread_count(world.member("aline")),
    }
    assert to_do.number > 4
    assert [(task.number, task.words) for task in to_do.waits] == [
        (1, "réponse de ménage attendue"),
        (1, "calcul de destination en attente"),
    ]
    assert title(page) == f"{to_do.number} à faire aujourd’hui — Équiflux"
    said = answer(page)
    assert said.startswith(f"{to_do.number} choses à faire : ")
    for task in to_do.tasks:
        assert f"{task.number} {task.words}" in said
        assert f'href="{task.where}">{task.number} {task.words}</a>' in page.content.decode()
    assert "En attente : 1 réponse de ménage attendue, 1 calcul de destination en attente." in said
    assert "Rien" not in said


def test_nothing_is_said_only_when_nothing_is_to_do_and_nothing_awaited(world: World, sign_in: SignIn) -> None:
    aline = sign_in("aline")
    page = aline.get(HOME)
    assert (title(page), bool(page.context["to_do"])) == ("Rien à faire aujourd’hui — Équiflux", False)
    assert answer(page).startswith("Rien : 0 chose à faire")
    world.vacancy()
    page = aline.get(HOME)
    assert title(page) == "En attente des autres — Équiflux"
    assert answer(page) == "Rien de votre côté. En attente : 1 calcul de destination en attente."


def test_routings_are_counted_with_the_oldest_and_those_that_are_impossible(world: World, sign_in: SignIn) -> None:
    """Over 100 % is not a calculation in progress: the landlord has a convention to mend."""
    world.vacancy()
    promise_behind_the_acts(world.conventions["city"], 500_000)
    to_do = sign_in("aline").get(HOME).context["to_do"]
    assert counted(to_do) == {"orientation impossible à débloquer": 1}
    assert to_do.waits == []


def test_balances_and_remarks_are_counted_for_each_role(world: World, sign_in: SignIn) -> None:
    """To send, to sign, to answer: the landlord; to sign: a holder; to read: who oversees."""
    lived(world)
    with time_machine.travel(SENT, tick=False):
        assert counted(sign_in("alice").get(HOME).context["to_do"])["bilan à envoyer"] == 1
        version = send_balance(world)
        contest(world, version)
        alice, chloe, emma = (sign_in(name).get(HOME) for name in ("alice", "chloe", "emma"))
    assert counted(alice.context["to_do"])["bilan à lire et à signer"] == 1
    assert counted(alice.context["to_do"])["remarque de bilan à traiter"] == 1
    assert counted(chloe.context["to_do"])["bilan à lire et à signer"] == 1
    assert counted(emma.context["to_do"])["bilan à lire"] == 1
    for page in (alice, chloe, emma):
        assert title(page).startswith(f"{page.context['to_do'].number} à faire")
        assert 'id="bilans"' in page.content.decode()


def test_holder_reads_the_shortest_delay_then_the_rest(world: World, sign_in: SignIn) -> None:
    agree(world.conventions["city"], proposal_days=10)
    for _ in range(2):
        routed(world)
    page = sign_in("chloe").get(HOME)
    assert page.context["to_do"].number == 2
    assert answer(page) == "2 logements attendent vos candidats (il reste 10 jours ouvrés pour le premier)."
    assert title(page) == "2 à faire aujourd’hui — Équiflux"


def test_seat_and_votes_do_not_hide_each_other(world: World, sign_in: SignIn) -> None:
    """An officer of an EPCI that is a holder too reads the home of the role it acts under, and everything of it."""
    grant_membership(user=world.people["emma"], organisation=world.epci, role=Role.HOLDER_STAFF)
    page = sign_in("emma").get(HOME)
    assert bool(page.context["to_do"]) is False
    assert title(page) == "Tableau de bord du territoire — Équiflux"
    assert "choses à faire" not in text_of(page)
