"""A paper that awaits an answer has its row, for whom it awaits and for nobody else: what it says, where it leads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from flux.models import AuditAlert, Ledger, WebhookEndpoint
from flux.operations.stock_transfers import Given, propose_transfer
from flux.operations.webhooks import give_endpoint
from reservations.models import Convention
from tests.attributions.inbox.test_kinds import INBOX, entries, readers
from tests.flux.views.pages import text_of
from tests.flux.views.test_opening import proposed as proposed_opening
from tests.house.test_states import redraft
from tests.pauses import proposed as proposed_pause
from tests.world import MORNING, World

SignIn = Callable[[str], Client]
TODAY = MORNING.date()


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


def asked_to_sign(world: World) -> str:
    """Each party reads it, and signs."""
    drafted = redraft(world, None)
    Convention.objects.filter(pk=drafted.pk).update(status="PROPOSED", proposed_on=TODAY)
    return reverse("convention-detail", args=[drafted.pk])


def asked_to_suspend(world: World) -> str:
    pause = proposed_pause(world, world.conventions["city"])
    return f"{reverse('convention-detail', args=[pause.convention_id])}#suspensions"


def asked_to_take(world: World) -> str:
    """CCH, L443-7: programmes pass to another landlord, which answers before the day that it takes effect."""
    given = Given(world.other_landlord, [world.unit().programme], TODAY + timedelta(days=10), "acte notarié")
    transfer = propose_transfer(giver=world.landlord, given=given, by=world.people["alice"])
    return reverse("transfer-detail", args=[transfer.pk])


def asked_to_open(world: World) -> str:
    world.unit()
    return reverse("opening-detail", args=[proposed_opening(world).pk])


def alerted(world: World) -> str:
    world.vacancy()
    about = {"ledger": Ledger.objects.ordinary().get(), "expected": 1, "found": 2, "found_at": MORNING}
    return reverse("audit-alert", args=[AuditAlert.objects.create(check_code="LINE", difference="0" * 64, **about).pk])


def software_stopped(world: World) -> str:
    given = give_endpoint(member=world.member("alice"), url="http://127.0.0.1:9/faits", kinds=["vacancy.declared"])
    WebhookEndpoint.objects.filter(pk=given.pk).update(stopped="FAILING", stopped_at=MORNING)
    return reverse("webhook-detail", args=[given.pk])


#: {kind: (what brings its row, who reads it, a word of it, its last day)}.
PAPERS = {
    "convention": (asked_to_sign, {"alice", "bob"}, "Convention à lire et à signer", None),
    "suspension": (asked_to_suspend, {"chloe"}, "Suspension ou fin de convention à accepter ou refuser", None),
    "cession": (asked_to_take, {"zoe"}, "Cession de programmes à accepter ou refuser", TODAY + timedelta(days=10)),
    "ouverture": (asked_to_open, {"chloe"}, "Solde d’ouverture à traiter", None),
    "alerte": (alerted, {"alice", "adam"}, "Alerte des contrôles du compte à lire", None),
    "logiciel": (software_stopped, {"alice"}, "Logiciel qui ne répond plus", None),
}


@pytest.mark.parametrize("code", PAPERS)
def test_a_paper_awaits_those_who_answer_it(world: World, sign_in: SignIn, settings: Any, code: str) -> None:
    settings.WEBHOOKS_ON_THIS_MACHINE = True
    bring, theirs, words, last = PAPERS[code]
    assert readers(world, code) == set()
    address = bring(world)
    assert readers(world, code) == theirs
    for person in theirs:
        [row] = entries(world, person, code)
        assert row.due_on == last
        page = sign_in(person).get(INBOX)
        assert words in text_of(page)
        assert f'href="{address}"' in page.content.decode()


def test_a_year_after_the_last_one_a_manager_reviews_who_acts(world: World, sign_in: SignIn) -> None:
    assert entries(world, "alice", "revue") == []
    with time_machine.travel(MORNING + timedelta(days=366), tick=False):
        assert [each.key for each in entries(world, "alice", "revue")] == [world.landlord.organisation_id]
        assert entries(world, "aline", "revue") == []  # its staff manage nobody
        page = sign_in("alice").get(INBOX)
        assert "Personne n’a relu depuis un an qui agit." in text_of(page)
        assert f'href="{reverse("people-review")}"' in page.content.decode()


def test_a_forecast_awaits_its_landlord_before_its_last_day(world: World, sign_in: SignIn) -> None:
    """CCH, R441-5: it is sent before 28 February, of each département where the landlord has units."""
    world.unit()
    with time_machine.travel(datetime(2027, 2, 1, 9, tzinfo=ZoneInfo("Europe/Paris")), tick=False):
        [row] = entries(world, "alice", "previsionnel")
        assert (row.key, row.due_on) == (world.places["Aude"].pk, date(2027, 2, 27))
        assert readers(world, "previsionnel") == {"alice", "aline"}
        page = sign_in("alice").get(INBOX)
        assert "Prévisionnel 2027, Aude" in text_of(page)
        assert f'href="{reverse("forecast-list")}"' in page.content.decode()


def test_communes_without_a_convention_are_of_their_landlord(world: World, sign_in: SignIn) -> None:
    """CCH, L441-1: the whole of a département, or a part of it, each its own row."""
    world.unit(landlord=world.other_landlord, commune="Béziers")
    [row] = entries(world, "zoe", "sans-convention")
    assert row.key == world.places["Hérault"].pk
    assert readers(world, "sans-convention") == {"zoe"}
    assert entries(world, "zoe", "convention-partielle") == []
    page = sign_in("zoe").get(INBOX)
    assert "1 commune sans convention" in text_of(page)
    assert f'href="{reverse("compliance")}"' in page.content.decode()
