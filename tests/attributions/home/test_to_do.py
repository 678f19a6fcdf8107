"""The answer of a home page counts everything that awaits its reader: « Rien » is stated when there is nothing at
all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from attributions.home.queries import SHOWN
from attributions.home.to_do import Task, ToDo, balances_beside
from attributions.households.models import Proposal
from attributions.households.operations.ballot import open_ballot
from attributions.households.operations.candidate_state import end
from attributions.households.operations.offers import send_offer
from attributions.households.operations.withdrawals import record_outside_answer
from attributions.households.queries.candidates import expected_routings
from attributions.notices.queries import unread_count
from flux.models import Routing
from flux.operations.routing import route_waiting_vacancies, sweep_waiting_vacancies
from tests.attributions.bilan.balances import SENT, contest, lived
from tests.attributions.bilan.balances import send as send_balance
from tests.attributions.households.candidates import agree, excluded, routed, sent
from tests.attributions.households.rows import Case, accepted, decided
from tests.attributions.households.sittings import house, lines
from tests.flux.known import departure, plan_together
from tests.flux.operations.test_returning import delegate
from tests.flux.views.pages import text_of
from tests.guards import unguarded
from tests.world import MORNING, World, promise_behind_the_acts

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
    """13 leases to sign and 4 files beside « Rien »: the title and the sentence stated the queue alone."""
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
    assert {task.words: task.where for task in [*to_do.tasks, *to_do.waits]} == {
        "logement aux dossiers à instruire": f"{reverse('file-list')}?etape=TO_INSTRUCT",
        "logement prêt pour la CALEOL": reverse("session-list"),
        "offre à envoyer": f"{reverse('offer-list')}#send",
        "bail à signer": f"{reverse('offer-list')}#sign",
        "avis à lire": reverse("notice-list"),
        "réponse de ménage attendue": f"{reverse('offer-list')}#wait",
        "calcul de destination en attente": "?destination=waiting#file",
    }
    assert [(task.number, task.words) for task in to_do.waits] == [
        (1, "réponse de ménage attendue"),
        (1, "calcul de destination en attente"),
    ]
    assert title(page) == f"{to_do.number} à faire aujourd’hui — Équiflux"
    result = answer(page)
    assert result.startswith(f"{to_do.number} choses à faire : ")
    for task in to_do.tasks:
        assert f"{task.number} {task.words}" in result
        assert f'href="{task.where}">{task.number} {task.words}</a>' in page.content.decode()
    assert "En attente : 1 réponse de ménage attendue, 1 calcul de destination en attente." in result
    assert "Rien" not in result


def test_nothing_is_stated_only_when_nothing_is_to_do_and_nothing_awaited(world: World, sign_in: SignIn) -> None:
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
        chloe = sign_in("chloe").get(HOME)
        contest(world, version)
        alice, emma, held = (sign_in(name).get(HOME) for name in ("alice", "emma", "chloe"))
    assert counted(alice.context["to_do"])["bilan à lire et à signer"] == 1
    assert counted(alice.context["to_do"])["remarque de bilan à traiter"] == 1
    assert counted(chloe.context["to_do"])["bilan à lire et à signer"] == 1
    assert "bilan à lire et à signer" not in counted(held.context["to_do"]), "her remark waits for its answer"
    assert counted(emma.context["to_do"])["bilan à lire"] == 1
    for page in (alice, chloe, emma):
        assert title(page).startswith(f"{page.context['to_do'].number} à faire")
        assert "#bilans" not in page.content.decode(), "a task leads to its act, or to its rows"


def test_a_balance_whose_day_is_past_is_absent(world: World, sign_in: SignIn) -> None:
    lived(world)
    with time_machine.travel(datetime(2027, 3, 5, 9, tzinfo=UTC), tick=False):
        page = sign_in("alice").get(HOME)
    assert "Bilan 2026, Aude Absent : sa date est passée." in text_of(page)
    assert page.context["balances"].to_send == [], "its row states it"


def test_an_alert_is_of_what_no_row_shows(world: World, sign_in: SignIn) -> None:
    """The two rows that lapse first; a balance that is in neither has its alert, and in both none has one."""
    lived(world)
    with time_machine.travel(SENT, tick=False):
        version = send_balance(world)
        contest(world, version)
        alice, emma = sign_in("alice").get(HOME), sign_in("emma").get(HOME)
    whole = alice.context["reader"].balances
    assert balances_beside(whole, []) == whole, "without rows, every balance"
    assert ([each.version for each in whole.to_sign], len(whole.to_answer)) == ([version], 1)
    assert "Lire les remarques" not in text_of(alice), "its remark is a row"
    assert "Un bilan à lire et à signer : Robine Habitat, exercice 2026 (Aude)" in text_of(alice), "no row has it"
    assert (not emma.context["balances"], "Un bilan à lire" in text_of(emma)) == (True, False)
    assert "Lire : Bilan 2026, Robine Habitat" in text_of(emma), "the row"


def test_holder_reads_the_shortest_delay_then_the_rest(world: World, sign_in: SignIn) -> None:
    agree(world.conventions["city"], proposal_days=10)
    for _ in range(2):
        routed(world)
    page = sign_in("chloe").get(HOME)
    assert page.context["to_do"].number == 2
    assert answer(page) == "2 logements attendent vos candidats (il reste 10 jours ouvrés pour le premier)."
    assert title(page) == "2 à faire aujourd’hui — Équiflux"


def linked(client: Client, task: Task) -> int:
    """How many rows the page has that a task leads to."""
    path, _, anchor = task.where.partition("#")
    context = client.get(path if path.startswith("/") else f"{HOME}{path}").context
    if "board" in context:
        return len(getattr(context["board"], {"send": "to_send", "wait": "waiting", "sign": "to_sign"}[anchor]))
    if anchor == "file":
        return context["queue"].page.paginator.count
    if anchor == "reponses":
        return len(context["holder"].awaiting)
    return context["page"].paginator.count


def one_at_each_stage(world: World) -> None:
    """Units of the landlord at every stage, of the city but two that the landlord fills itself: of its share, and out
    of the flow. Two wait for the city's candidates."""
    by, today = world.people["aline"], MORNING.date()
    decided(world, Case())
    send_offer(proposal=decided(world, Case())[0], by=by, now=MORNING)
    accepted(world, Case("CONDITIONAL", due=today + timedelta(days=5)))
    accepted(world, Case())
    for rank, status in ((1, "SENT"), (2, "ON_AGENDA"), (3, "ENDED")):
        routing = routed(world)
        sent(world, routing, rank)
        here = Proposal.objects.filter(routing=routing).order_by("pk")
        end(here, "WITHDREW", by=by, now=MORNING) if status == "ENDED" else here.update(status=status)
    record_outside_answer(vacancy=routed(world).vacancy, on=today, by=by, now=MORNING)
    excluded(world)
    routed(world, "landlord")
    routed(world)
    routed(world)


def test_each_number_of_the_landlord_is_that_of_the_rows_it_leads_to(world: World, sign_in: SignIn) -> None:
    """« 2 baux à signer » led to one: the other offer accepted still waited for a document. What the landlord itself
    has to find candidates for, and what waits for those of a holder, was counted nowhere."""
    one_at_each_stage(world)
    aline = sign_in("aline")
    page = aline.get(HOME)
    to_do = page.context["to_do"]
    tasks = [task for task in to_do.tasks if "avis" not in task.words]
    assert {task.words: task.number for task in tasks} == {
        "logements dont vous cherchez les candidats": 2,
        "logement aux dossiers à instruire": 1,
        "offre à envoyer": 1,
        "bail à signer": 1,
        "logement sans plus aucun candidat": 1,
    }
    assert {task.words: task.number for task in to_do.waits} == {
        "logements sans candidats des réservataires": 2,
        "logement suivi dans un autre outil": 1,
        "logement à l’ordre du jour d’une CALEOL": 1,
        "réponse de ménage attendue": 1,
        "pièce de ménage attendue": 1,
    }
    for task in [*tasks, *to_do.waits]:
        assert (task.words, linked(aline, task)) == (task.words, task.number)
    words = text_of(page)
    for each in (
        "Candidats à trouver par vous 2 logements",
        "Candidats attendus d’un réservataire 2 logements",
        "Candidats suivis ailleurs 1 logement",
        "À l’ordre du jour 1 logement",
        "Pièces attendues 1 logement",
    ):
        assert each in words


def test_each_number_of_a_holder_is_that_of_the_rows_it_leads_to(world: World, sign_in: SignIn) -> None:
    """Its candidates instructed, before the committee, offered a unit: « rien n’est attendu de personne » was
    stated."""
    one_at_each_stage(world)
    chloe = sign_in("chloe")
    waits = {
        "logement suivi par le bailleur": 1,
        "logement aux dossiers à l’instruction": 1,
        "logement à l’ordre du jour d’une CALEOL": 1,
        "offre à envoyer par le bailleur": 1,
        "réponse de ménage attendue": 1,
        "pièce de ménage attendue": 1,
        "bail à signer par le bailleur": 1,
        "logement sans plus aucun candidat": 1,
    }
    to_do = chloe.get(HOME).context["to_do"]
    assert counted(to_do)["logements attendent vos candidats"] == 2 == linked(chloe, to_do.tasks[0])
    assert {task.words: task.number for task in to_do.waits} == waits
    agree(world.conventions["city"], management="DELEGATED")
    to_do = chloe.get(HOME).context["to_do"]
    assert "logements attendent vos candidats" not in counted(to_do)
    assert {task.words: task.number for task in to_do.waits} == waits | {
        "logements dont le bailleur cherche les candidats": 2
    }
    for task in to_do.waits:
        assert (task.words, linked(chloe, task)) == (task.words, task.number)


def test_candidates_are_expected_of_whoever_looks_for_them(world: World) -> None:
    """Of a holder, unless the management is delegated to the landlord; of the commune that proposes on the landlord’s
    own part, whatever the management."""
    own, of_city = routed(world, "landlord"), routed(world, "city")

    def expected() -> set[Routing]:
        return set(expected_routings(today=MORNING.date()))

    assert expected() == {own, of_city}
    agree(world.conventions["city"], management="DELEGATED")
    assert expected() == {own}
    with unguarded("flux_routing.kept"):
        Routing.objects.filter(pk=own.pk).update(convention=of_city.convention, acting=world.city)
    assert expected() == {own}
    with unguarded("flux_routing.kept"):
        Routing.objects.filter(pk=own.pk).update(acting=None)
    assert expected() == set()


def test_state_waits_for_the_candidates_of_its_delegate(world: World, sign_in: SignIn) -> None:
    delegate(world, world.holders["priority"], "city")
    routed(world, "priority")
    bob, chloe = sign_in("bob"), sign_in("chloe")
    [wait] = bob.get(HOME).context["to_do"].waits
    assert (wait.number, wait.words, linked(bob, wait)) == (1, "logement dont un autre cherche les candidats", 1)
    assert counted(chloe.get(HOME).context["to_do"])["logement attend vos candidats"] == 1


def test_what_is_blocked_calculated_or_to_confirm_is_counted_once_each(world: World, sign_in: SignIn) -> None:
    """The oldest is that of what is to confirm; what is blocked is no calculation in progress, wherever it is
    reported."""
    promise_behind_the_acts(world.conventions["city"], 500_000)  # 106 % in Narbonne, not in Coursan
    world.vacancy(now=MORNING - timedelta(days=9))
    for days, each in ((0, "arrivé aujourd’hui"), (0, "tous arrivés aujourd’hui")):
        fresh = world.vacancy(commune="Coursan", now=MORNING - timedelta(days=days))
        route_waiting_vacancies(ledger_id=fresh.ledger_id, now=MORNING)
        aline = sign_in("aline")
        assert aline.get(HOME).context["to_do"].tasks[0].hurry == each
    world.vacancy(commune="Coursan")
    page = aline.get(HOME)
    to_do, html = page.context["to_do"], page.content.decode()
    assert [(task.number, task.words, linked(aline, task)) for task in to_do.tasks[1:2] + to_do.waits] == [
        (1, "orientation impossible à débloquer", 1),
        (1, "calcul de destination en attente", 1),
    ]
    assert '<a href="?destination=waiting#file">calculs en attente</a></dt><dd>1</dd>' in html
    assert "?avant=1&amp;essai=1" in html
    sweep_waiting_vacancies(now=MORNING)
    look = aline.get(reverse("vacancies-waiting"), {"avant": 1, "essai": 2}, headers={"HX-Request": "true"})
    assert "1 destination vient d’être calculée." in text_of(look)
    assert "hx-get" not in look.content.decode()  # what is blocked is not waited for


def test_departures_that_wait_for_others_are_forecasts_and_no_calculation_in_progress(
    world: World, sign_in: SignIn
) -> None:
    plan_together(world)
    for _ in range(2):
        fresh = departure(world)
    route_waiting_vacancies(ledger_id=fresh.ledger_id, now=MORNING)
    aline = sign_in("aline")
    page = aline.get(HOME)
    assert [(task.number, task.words, linked(aline, task)) for task in page.context["to_do"].waits] == [
        (2, "départs prévus, à décider ensemble", 2)
    ]
    assert page.context["to_do"].tasks == []


@pytest.mark.parametrize(("days", "expected"), [(1, "depuis 1 jour"), (3, "depuis 3 jours")])
def test_since_when_one_unit_waits_is_not_stated_of_several(
    world: World, sign_in: SignIn, days: int, expected: str
) -> None:
    first = world.vacancy(now=MORNING - timedelta(days=days))
    route_waiting_vacancies(ledger_id=first.ledger_id, now=MORNING - timedelta(days=days))
    assert sign_in("aline").get(HOME).context["to_do"].tasks[0].hurry == expected
    world.vacancy()
    route_waiting_vacancies(ledger_id=first.ledger_id, now=MORNING)
    assert sign_in("aline").get(HOME).context["to_do"].tasks[0].hurry == f"le plus ancien attend {expected}"


def test_one_commune_without_convention_is_not_its_whole_departement(world: World, sign_in: SignIn) -> None:
    world.unit()
    world.unit(commune="Coursan")
    world.unit(commune="Béziers")
    for name in ("state", "als", "epci"):
        world.end(world.conventions[name], MORNING.date() - timedelta(days=1))
    found = counted(sign_in("aline").get(HOME).context["to_do"])
    assert {words: number for words, number in found.items() if "convention" in words} == {
        "département sans convention en vigueur": 1,
        "département dont une partie est sans convention en vigueur": 1,
    }


def test_delay_reported_is_the_shortest_of_all_even_of_the_latest_routed(world: World, sign_in: SignIn) -> None:
    """A few are shown: the oldest were read, and their delays reported, whatever those of the others."""
    agree(world.conventions["city"], proposal_days=10)
    for _ in range(SHOWN):
        routed(world)
    Routing.objects.update(clock_held=30)
    urgent = routed(world)
    page = sign_in("chloe").get(HOME)
    assert page.context["holder"].awaiting[0].row.vacancy == urgent.vacancy
    assert f"{SHOWN + 1} logements attendent vos candidats (il reste 10 jours ouvrés pour le premier)" in answer(page)


def test_seat_and_candidates_do_not_hide_each_other(world: World, sign_in: SignIn) -> None:
    """The mayor's officer votes at the committee, and proposes for the city: its home has both."""
    at = house(world)
    item = at.opened(mode="REMOTE")
    routed(world)
    noon = MORNING + timedelta(hours=4)
    open_ballot(item=item, lines=lines(item, "RANKED 1", "RANKED 2", "RANKED 3"), by=at.secretary, now=noon)
    with time_machine.travel(noon, tick=False):
        page = sign_in("chloe").get(HOME)
    found = counted(page.context["to_do"])
    assert {words: number for words, number in found.items() if "avis" not in words} == {
        "logement attend vos candidats": 1,
        "vote à donner en CALEOL": 1,
    }
    there = reverse("vote", args=[item.pk])
    assert f'<a href="{there}">1 vote à donner en CALEOL</a>' in page.content.decode(), "to the vote, not to a list"
    assert title(page) == f"{page.context['to_do'].number} à faire aujourd’hui — Équiflux"
