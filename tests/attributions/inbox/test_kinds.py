"""Each act of the chain has its row, for whom it awaits and for nobody else, and leads to where it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from attributions.bilan.queries.home import Part, balances_home, parts
from attributions.households.models import Proposal
from attributions.households.operations.ballot import open_ballot
from attributions.households.operations.lease import record_outside_lease
from attributions.inbox.declared import BY_CODE
from attributions.inbox.entries import Entry, Filters
from attributions.inbox.pages import Seen, groups
from attributions.inbox.queries import Inbox
from attributions.inbox.reader import Reader
from attributions.inbox.sittings import sittings
from flux.models import Vacancy
from flux.operations.routing import route_waiting_vacancies
from reservations.imports.door import receive_file
from reservations.imports.kinds import kind_of
from reservations.models import FileImport
from tests.attributions.bilan.balances import SENT, contest, lived
from tests.attributions.bilan.balances import send as send_balance
from tests.attributions.households.candidates import agree, routed
from tests.attributions.households.rows import Case, accepted
from tests.attributions.households.sittings import HOUR, house, lines
from tests.flux.operations.test_returning import delegate, send
from tests.flux.views.pages import text_of
from tests.world import MORNING, World, promise_behind_the_acts

SignIn = Callable[[str], Client]
INBOX = reverse("inbox")


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


#: Every act of the chain, the kinds that have its rows, and the form of the row that does it, where one does.
ACTS: dict[str, tuple[tuple[str, ...], str]] = {
    "confirm": (("orienter",), ""),
    "override": (("orienter",), "ailleurs"),
    "find candidates": (("trouver", "sans-candidat"), ""),
    "transmit": (("proposer", "trouver"), "transmettre"),
    "no candidate": (("proposer",), "rendre"),
    "check a file": (("instruire",), ""),
    "prepare a session": (("convoquer", "labelliser"), ""),
    "vote": (("vote-clos", "voter"), ""),
    "seal minutes": (("clore",), ""),
    "send an offer": (("offrir",), "offrir"),
    "receive an answer": (("offre-expire",), "repondre"),
    "sign a lease": (("bail",), "signer"),
    "remark": (("remarque",), ""),
    "balance": (("bilan-envoyer", "bilan-signer", "bilan-lire"), ""),
    "convention": (("convention", "sans-convention", "convention-partielle", "suspension"), ""),
    "forecast": (("previsionnel",), ""),
    "import": (("import",), ""),
    "opening": (("ouverture",), ""),
    "alert": (("alerte",), ""),
}


@pytest.mark.parametrize("act", ACTS)
def test_each_act_of_the_chain_is_declared(act: str) -> None:
    """One row each: an act that loses its kind, or the form of its row, is missed here."""
    codes, form = ACTS[act]
    for code in codes:
        kind = BY_CODE[code]
        assert (kind.found is None) != (kind.ones is None)
        assert not form or form in {each.code for each in kind.acts}


def entries(world: World, person: str, code: str) -> list[Entry]:
    """The rows of a kind that await a person now."""
    inbox = Inbox(Reader(world.member(person), now=timezone.now()))
    return inbox.entries(Filters.read({"genre": code}), start=0, stop=100)


def readers(world: World, code: str) -> set[str]:
    """Whom a kind awaits, among everybody."""
    people = ("alice", "aline", "bob", "chloe", "emma", "zoe", "adam")
    return {person for person in people if entries(world, person, code)}


def test_a_vote_says_the_hour_after_which_it_is_too_late(world: World, sign_in: SignIn) -> None:
    """R441-9: a remote vote closes at an hour; the row leads to the item itself."""
    at = house(world)
    item = at.opened(mode="REMOTE")
    now = MORNING + 2 * HOUR
    open_ballot(item=item, lines=lines(item, "RANKED 1", "RANKED 2", "RANKED 3"), by=at.secretary, now=now)
    with time_machine.travel(now, tick=False):
        [vote] = entries(world, "bob", "voter")
        assert (vote.key, vote.due_at) == (item.pk, item.session.vote_closes_at)
        page = sign_in("bob").get(INBOX)
        assert f'href="{reverse("vote", args=[item.pk])}"' in page.content.decode()
        assert "26 nov., 9 h 00" in text_of(page)
        assert "après, il n’est plus possible de voter" in text_of(page)
        assert entries(world, "aline", "voter") == []


def test_a_session_whose_hour_is_past_awaits_its_secretary_alone(world: World, sign_in: SignIn) -> None:
    at = house(world)
    session = at.session()
    assert entries(world, "aline", "clore") == []
    with time_machine.travel(MORNING + 2 * HOUR, tick=False):
        assert [each.key for each in entries(world, "aline", "clore")] == [session.pk]
        assert entries(world, "alice", "clore") == []
        assert f'href="{reverse("session-detail", args=[session.pk])}"' in sign_in("aline").get(INBOX).content.decode()


def test_a_label_is_awaited_of_the_landlord_and_of_the_state(world: World, sign_in: SignIn) -> None:
    item = house(world).item()
    Proposal.objects.filter(pk=item.cases.order_by("pk")[0].proposal_id).update(has_priority=True)
    for person, there in (
        ("aline", reverse("session-detail", args=[item.session_id])),
        ("bob", reverse("session-list")),
    ):
        [label] = entries(world, person, "labelliser")
        assert label.due_at == item.session.held_at
        assert label.words is not None
        assert label.words.address == there
        assert "dossier A" in text_of(sign_in(person).get(INBOX))
    assert entries(world, "emma", "labelliser") == []


def test_balances_and_remarks_have_their_day(world: World, sign_in: SignIn) -> None:
    lived(world)
    with time_machine.travel(SENT, tick=False):
        [to_send] = entries(world, "alice", "bilan-envoyer")
        assert to_send.due_on is not None
        version = send_balance(world)
        contest(world, version)
        [remark] = entries(world, "alice", "remarque")
        assert remark.due_on is not None
        for person, code in (("alice", "bilan-signer"), ("emma", "bilan-lire")):
            [dispatch] = entries(world, person, code)
            assert dispatch.words is not None
            assert dispatch.words.title in text_of(sign_in(person).get(INBOX))
        assert entries(world, "alice", "bilan-lire") == []


@pytest.mark.parametrize("person", ["alice", "chloe", "bob", "emma"])
def test_what_is_there_is_what_each_part_reads(
    world: World, person: str, django_assert_num_queries: Callable[[int], Any]
) -> None:
    """One statement says which parts have rows: no part with rows is left out, and a reader of nothing asks no more."""
    lived(world)
    for is_sent in (False, True):
        with time_machine.travel(SENT, tick=False):
            if is_sent:
                contest(world, send_balance(world))
            reader = Reader(world.member(person), now=timezone.now())
            with django_assert_num_queries(1):
                there = reader.there
            asked = parts(reader.member, today=reader.today)
            assert there >= {code for code, rows in asked.items() if rows.exists()}
            assert reader.balances == balances_home(reader.member, set(Part), today=reader.today)
            assert bool(reader.balances) == bool(there & ({*Part} - {Part.HELD}))
    with django_assert_num_queries(0):
        assert (reader.marks, reader.sittings) == ({}, ())


def test_votes_are_asked_of_the_sessions_that_vote_now(
    world: World, django_assert_num_queries: Callable[[int], Any]
) -> None:
    """R441-9: a remote vote opens and closes at its hours; out of them a session is read, and no vote."""
    at = house(world)
    item = at.opened(mode="REMOTE")
    opens, closes = item.session.vote_opens_at, item.session.vote_closes_at
    bob = world.member("bob")
    for now, queries in ((opens, 3), (opens - HOUR, 1), (closes, 1), (closes - HOUR / 60, 3)):
        with django_assert_num_queries(queries):
            assert [each.session for each in sittings(bob, now=now)] == [item.session]


def test_a_unit_of_a_holder_that_delegates_awaits_its_delegate_alone(world: World) -> None:
    """CCH, L441-1: the préfet delegates to the city, which proposes for this unit, and he does not."""
    delegate(world, world.holders["priority"], "city")
    routing = send(world, "priority")
    assert [each.key for each in entries(world, "chloe", "proposer")] == [routing.vacancy_id]
    assert entries(world, "bob", "proposer") == []


def test_a_file_that_was_checked_awaits_its_import(world: World, sign_in: SignIn) -> None:
    alice = world.member("alice")
    kind = kind_of("conges")
    order = receive_file(organisation=alice.organisation, kind=kind, name="a.csv", content=b"a;b\n1;2\n", by=alice.user)
    assert entries(world, "alice", "import") == []
    FileImport.objects.filter(pk=order.pk).update(state=FileImport.State.CHECKED, new=3)
    page = text_of(sign_in("alice").get(INBOX))
    assert "Fichier vérifié à importer a.csv 3 lignes à importer" in page
    FileImport.objects.filter(pk=order.pk).update(written=3)
    assert entries(world, "alice", "import") == []


def test_who_runs_the_service_publishes_who_it_is(world: World, sign_in: SignIn) -> None:
    page = sign_in("adam").get(INBOX)
    assert "Mentions du service" in text_of(page)
    assert f'href="{reverse("service-notice")}"' in page.content.decode()


@pytest.mark.parametrize(("signed_on", "awaited"), [(date(2026, 12, 24), True), (date(2026, 11, 30), False)])
def test_an_allocation_known_by_its_lease_alone_awaits_its_day(
    world: World, sign_in: SignIn, signed_on: date, *, awaited: bool
) -> None:
    """R441-5-1: the balance of a year has what was allocated in it, which a lease of December does not say."""
    vacancy = routed(world).vacancy
    with time_machine.travel(MORNING.replace(year=2027, month=1, day=20), tick=False):
        record_outside_lease(vacancy=vacancy, signed_on=signed_on, facts={}, by=world.people["aline"])
        assert [each.key for each in entries(world, "aline", "dater")] == [vacancy.pk] * awaited
        assert entries(world, "zoe", "dater") == []
        if not awaited:
            return
        client, outcome = sign_in("aline"), reverse("vacancy-outcome", args=[vacancy.pk])
        assert "Attributions connues par leur seul bail" in text_of(client.get(INBOX))
        assert f'href="{outcome}"' in client.get(INBOX).content.decode()
        client.post(outcome, {"outcome": "DATED", "on": "24/12/2026"})
        assert entries(world, "aline", "dater") == []


def test_only_a_unit_of_the_flow_leaves_its_holder_by_silence(world: World, sign_in: SignIn) -> None:
    """docs/decisions/0019: a first letting keeps its holder, late, and nobody is asked whether it has no candidate."""
    agree(world.conventions["city"], proposal_days=10)
    routing = routed(world)
    chloe = sign_in("chloe")
    declined = f"ouvrir=rendre-{routing.vacancy_id}#agir"
    assert declined in chloe.get(INBOX).content.decode()
    assert "le logement repart la nuit suivante" in text_of(chloe.get(INBOX))
    [row] = entries(world, "chloe", "proposer")
    assert row.row is not None
    assert row.row.vacancy.kind == Vacancy.Kind.IN_FLOW
    assert row.due_on is not None
    with time_machine.travel(MORNING + timedelta(days=(row.due_on - MORNING.date()).days), tick=False):
        assert "la première échoit aujourd’hui" in text_of(sign_in("chloe").get(INBOX))
    with time_machine.travel(MORNING + timedelta(days=30), tick=False):
        assert "la date de la première est passée" in text_of(sign_in("chloe").get(INBOX))
    row.row.vacancy.kind = Vacancy.Kind.FIRST_LETTING
    [group] = groups([row], Seen(Reader(world.member("chloe"), now=MORNING), Filters()))
    [line] = group.table.lines
    assert "passé ce jour, il vous reste, en retard" in line.html
    assert declined not in line.html


def test_a_unit_that_goes_to_nobody_after_its_day_to_be_signalled_is_its_landlord_s(
    world: World, sign_in: SignIn
) -> None:
    """Once its destination is calculated, the same act decides it: its row is the one of what is to confirm."""
    for row in world.conventions.values():
        agree(row, signal_days=2)
    vacancy = world.vacancy(now=MORNING - timedelta(days=9))
    assert readers(world, "signaler") == {"alice", "aline"}
    [row] = entries(world, "alice", "signaler")
    assert (row.key, row.due_on < MORNING.date()) == (vacancy.pk, True)
    page = sign_in("alice").get(INBOX)
    assert "Logement à signaler hors délai" in text_of(page)
    assert f'href="{reverse("vacancy-detail", args=[vacancy.pk])}"' in page.content.decode()
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    assert (readers(world, "signaler"), readers(world, "orienter")) == (set(), {"alice", "aline"})


def test_a_unit_that_the_rule_cannot_route_is_its_landlord_s(world: World, sign_in: SignIn) -> None:
    promise_behind_the_acts(world.conventions["city"], 500_000)  # 106 % in Narbonne
    vacancy = world.vacancy()
    assert readers(world, "debloquer") == {"alice", "aline"}
    assert [each.key for each in entries(world, "alice", "debloquer")] == [vacancy.pk]
    page = sign_in("alice").get(INBOX)
    assert "Orientation impossible à débloquer" in text_of(page)
    assert f'href="{reverse("vacancy-detail", args=[vacancy.pk])}"' in page.content.decode()


def test_a_document_that_lapses_today_is_of_both_sides(world: World, sign_in: SignIn) -> None:
    """Whichever of them learns whether it came records it: without it, the candidacy ends (CCH, R441-3)."""
    due = MORNING.date() + timedelta(days=5)
    [proposal] = accepted(world, Case("CONDITIONAL", due=due))
    assert readers(world, "piece-expire") == set()
    with time_machine.travel(MORNING + timedelta(days=5), tick=False):
        assert readers(world, "piece-expire") == {"alice", "aline", "chloe"}
        for person in ("aline", "chloe"):
            [row] = entries(world, person, "piece-expire")
            assert row.due_on == due
            page = sign_in(person).get(INBOX)
            assert "Pièce de ménage dont le délai expire" in text_of(page)
            assert f'href="{reverse("file", args=[proposal.vacancy_id])}"' in page.content.decode()
