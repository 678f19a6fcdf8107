"""How many times one may try to sign in: from one address, for one account, and never at the cost of a hash."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import LazySettings
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse

from attributions.mails.telling import tell_people
from config import settings as real
from config.costly import PACE_WINDOW
from config.throttle import counted, forget
from reservations.access.limits import account_tried, forget_sign_ins, locked_now
from reservations.management.commands.password_cost import LIMIT
from reservations.models import HistoryEntry, MailItem, User
from tests.flux.views.pages import text_of
from tests.reader import as_shown
from tests.world import PASSWORD, World

SIGN_IN = reverse("sign-in")
OFFICE, ELSEWHERE = "192.0.2.7", "198.51.100.7"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CHLOE = "chloe@exemple.test"


@pytest.fixture(autouse=True)
def noon(time_machine: Any) -> None:
    time_machine.move_to(NOON, tick=False)


def enter(email: str, password: str = PASSWORD, *, address: str = ELSEWHERE) -> HttpResponse:
    return Client(REMOTE_ADDR=address).post(SIGN_IN, {"email": email, "password": password})


def test_every_spelling_of_an_account_is_one_account_or_none(world: World) -> None:
    """« ſ » and « ı » are S and I in PostgreSQL's capitals, the kelvin sign is k in Python's small letters."""
    User.objects.filter(email=CHLOE).update(email="kassis@exemple.test")
    odd = ["kaſſis@exemple.test", "kassıs@exemple.test", "kassİs@exemple.test", "kaſsis@exemple.test"]
    assert [enter(spelt).status_code for spelt in odd] == [422] * 4  # the right password, of nobody
    assert enter("\u212aASSIS@Exemple.test").status_code == 302
    tried = ["kassis@exemple.test", "KASSIS@exemple.test", "\u212aassis@exemple.test", " Kassis@exemple.test "] * 2
    assert [enter(spelt, "faux", address=OFFICE).status_code for spelt in tried] == [422] * 7 + [429]
    assert enter("kassis@exemple.test", address=OFFICE).status_code == 429


def test_two_addresses_that_read_alike_keep_neither_of_them_out(world: World) -> None:
    """As they may be kept from before such an address was refused."""
    User.objects.filter(email="emma@exemple.test").update(email="ſmith@exemple.test")
    User.objects.filter(email=CHLOE).update(email="smith@exemple.test")
    assert [enter(email).status_code for email in ("smith@exemple.test", "ſmith@exemple.test")] == [302, 302]


def test_a_refusal_is_counted_however_long_the_address_grows_in_small_letters(world: World) -> None:
    """« İ » is two characters in small letters: 254 of them are longer than what is counted."""
    page = enter("İ" * 254, "faux")
    assert (page.status_code, page.context["form"].errors) == (
        422,
        {"email": ["Cette adresse est trop longue : vérifiez-la, puis recommencez."]},
    )
    assert [enter("İ" * 127, "faux").status_code for _ in range(8)] == [422] * 7 + [429]
    assert len(account_tried(HttpRequest(), {"email": "İ" * 254})) == 254


def spray(accounts: int, *, address: str = ELSEWHERE) -> list[int]:
    """One wrong password on each account."""
    return [enter(f"compte{n}@exemple.test", "faux", address=address).status_code for n in range(accounts)]


def surround(email: str, addresses: int) -> list[int]:
    """One wrong password from each address."""
    return [enter(email, "faux", address=f"203.0.113.{n}").status_code for n in range(addresses)]


def test_forty_accounts_tried_from_one_address_are_stopped_at_the_twentieth(world: World) -> None:
    assert spray(40) == [422] * 19 + [429] * 21
    page = enter(CHLOE)
    assert (page.status_code, page["Retry-After"]) == (429, "900")
    assert "Dans 15 minutes : 20 essais ont échoué depuis votre réseau, pour plusieurs comptes." in as_shown(
        page.content.decode()
    )
    assert enter(CHLOE, address=OFFICE).status_code == 302
    assert locked_now() == ([], [ELSEWHERE])


def test_one_account_tried_from_many_addresses_is_closed_to_addresses_it_does_not_know(world: World) -> None:
    assert surround(CHLOE, 40) == [422] * 29 + [429] * 11
    page = enter(CHLOE)
    assert page.status_code == 429
    assert "30 essais ont échoué pour chloe@exemple.test, depuis plusieurs endroits." in as_shown(page.content.decode())
    assert locked_now() == ([CHLOE], [])


def test_an_account_that_nobody_has_is_closed_like_any_other(world: World) -> None:
    """Who has an account is not read in who is stopped."""
    assert surround("personne@exemple.test", 31) == [422] * 29 + [429] * 2


def test_nobody_keeps_out_those_who_sign_in_from_their_usual_address(world: World, time_machine: Any) -> None:
    """Far away on their account, or from the next desk on everybody's."""
    assert enter(CHLOE, address=OFFICE).status_code == 302
    surround(CHLOE, 30)
    spray(20, address=OFFICE)
    assert enter(CHLOE, address=OFFICE).status_code == 302
    assert enter("emma@exemple.test", address=OFFICE).status_code == 429
    User.objects.filter(email=CHLOE).update(email="Chloe@Exemple.test")
    assert enter(CHLOE, address=OFFICE).status_code == 302
    time_machine.move_to(NOON + timedelta(days=91), tick=False)
    surround(CHLOE, 30)
    assert enter(CHLOE, address=OFFICE).status_code == 429


@pytest.mark.parametrize("closed", ["address", "account"])
def test_a_wrong_password_is_answered_the_same_whoever_signs_in_from_there(world: World, closed: str) -> None:
    """Who has an account is not read in who may still try."""
    assert enter(CHLOE, address=OFFICE).status_code == 302
    if closed == "address":
        spray(20, address=OFFICE)
    else:
        surround(CHLOE, 30)
        surround("personne@exemple.test", 30)
    answers = [enter(email, "faux", address=OFFICE) for email in (CHLOE, "personne@exemple.test")]
    assert [answer.status_code for answer in answers] == [429, 429]
    assert [answer["Retry-After"] for answer in answers] == ["900", "900"]
    pages = [text_of(answer).replace(CHLOE, "personne@exemple.test") for answer in answers]
    assert pages[0] == pages[1]
    assert enter(CHLOE, address=OFFICE).status_code == 302, "the right one still lets in"


def test_even_there_eight_wrong_passwords_on_one_account_wait(world: World) -> None:
    assert enter(CHLOE, address=OFFICE).status_code == 302
    assert [enter(CHLOE, "faux", address=OFFICE).status_code for _ in range(9)] == [422] * 7 + [429] * 2


def test_the_current_password_is_guessed_in_an_open_session_no_more_than_at_the_door(
    world: World, time_machine: Any
) -> None:
    """The right one is not even tried once too many failed; the session itself stays open."""
    client = Client(REMOTE_ADDR=OFFICE)
    client.post(SIGN_IN, {"email": CHLOE, "password": PASSWORD})
    own = reverse("person-password", args=[world.people["chloe"].pk])

    def guess(current: str) -> HttpResponse:
        return client.post(own, {"current": current, "password": "cheval agrafe pile correct"})

    wrong = ["Ce n’est pas votre mot de passe actuel. Écrivez celui de cette session."]
    stop = ["Trop d’essais ont échoué : rien n’est essayé avant 15 minutes. Recommencez ensuite."]
    asked = [guess("faux") for _ in range(8)] + [guess(PASSWORD)]
    assert [page.context["form"].errors["current"] for page in asked] == [wrong] * 7 + [stop] * 2
    assert "rien n’est essayé avant 15 minutes" in asked[-1].content.decode()
    assert enter(CHLOE, address=OFFICE).status_code == 429
    time_machine.move_to(NOON + timedelta(minutes=15, seconds=1), tick=False)
    assert guess(PASSWORD)["Location"] == reverse("home")


def test_slow_guesses_add_up(world: World, time_machine: Any) -> None:
    """The row of an account, an address and a browser counts until a quarter of an hour after its last failure."""
    found = []
    for turn in range(8):
        time_machine.move_to(NOON + timedelta(minutes=10 * turn), tick=False)
        found.append(enter(CHLOE, "faux").status_code)
    assert found == [422] * 7 + [429]


def test_ones_own_success_does_not_forget_what_one_tried_on_others(world: World) -> None:
    spray(19)
    assert enter(CHLOE).status_code == 302
    assert spray(1) == [429]


def test_the_wait_that_is_reported_is_the_wait(world: World, time_machine: Any) -> None:
    """What is tried meanwhile does not make it longer."""
    surround(CHLOE, 30)
    time_machine.move_to(NOON + timedelta(minutes=5, seconds=1), tick=False)
    assert "Dans 10 minutes :" in enter(CHLOE).content.decode()
    time_machine.move_to(NOON + timedelta(minutes=15, seconds=1), tick=False)
    assert enter(CHLOE).status_code == 302
    assert locked_now() == ([], [])


def test_a_closed_account_is_written_and_reported_by_mail_once_a_day(world: World, time_machine: Any) -> None:
    chloe = world.people["chloe"]
    rows = HistoryEntry.objects.about(chloe).filter(act=HistoryEntry.Act.LOCKED)
    for minutes in (0, 20, 40):
        time_machine.move_to(NOON + timedelta(minutes=minutes), tick=False)
        surround(CHLOE, 32)
    assert [(entry.by, entry.organisations) for entry in rows] == [(None, [world.city.pk])]
    tell_people()
    [mail] = MailItem.objects.filter(user=chloe)
    assert (mail.kind, mail.family) == ("account-locked", ""), "at once, and nobody switches it off"
    assert mail.says[0].startswith("Beaucoup d’essais de connexion à votre compte ont échoué")
    time_machine.move_to(NOON + timedelta(days=1, minutes=1), tick=False)
    surround(CHLOE, 30)
    assert rows.all().count() == 2


def test_a_limit_that_is_reached_spares_the_processor(world: World, settings: LazySettings, hashed: list[str]) -> None:
    settings.PASSWORD_HASHERS = real.PASSWORD_HASHERS
    for _ in range(8):
        enter(CHLOE, "faux", address=OFFICE)
    assert hashed == ["argon2"] * 8
    hashed.clear()
    enter(CHLOE, "faux", address=OFFICE)
    assert hashed == []


def test_what_is_kept_of_sign_ins_is_forgotten(world: World, time_machine: Any) -> None:
    enter(CHLOE, address=OFFICE)
    enter(CHLOE, "faux")
    assert forget_sign_ins(before=NOON) == 0
    assert forget_sign_ins(before=NOON + timedelta(seconds=1)) == 3, "who came, by both counts, and who did not"


@pytest.fixture
def pace(settings: LazySettings) -> Iterator[None]:
    """As in production; the window of this test begins with it."""
    settings.SIGN_IN_PAUSE, settings.SIGN_IN_PACE = real.SIGN_IN_PAUSE, real.SIGN_IN_PACE
    forget("sign-in.installation", "everybody")
    yield
    forget("sign-in.installation", "everybody")


@pytest.mark.usefixtures("pace")
def test_after_three_failures_each_attempt_waits_and_costs_no_hash(
    world: World, settings: LazySettings, hashed: list[str], time_machine: Any
) -> None:
    """« A cheap challenge after three failures »: a wait, read by anybody, that holds no thread of the site."""
    settings.PASSWORD_HASHERS = real.PASSWORD_HASHERS
    User.objects.update(password=make_password(PASSWORD))
    assert [enter(CHLOE, "faux").status_code for _ in range(3)] == [422] * 3
    hashed.clear()
    page = enter(CHLOE)  # the right one, too soon
    assert (page.status_code, page["Retry-After"], hashed) == (429, "5", [])
    shown = as_shown(page.content.decode())
    assert "Dans 5 secondes : 3 essais ont échoué d’ici pour chloe@exemple.test" in shown
    assert "si vous avez perdu votre mot de passe" in shown.lower()
    time_machine.move_to(NOON + timedelta(seconds=4), tick=False)
    page = enter(CHLOE, "faux")
    assert (page["Retry-After"], "Dans 1 seconde :" in as_shown(page.content.decode())) == ("1", True)
    assert enter("emma@exemple.test").status_code == 302, "another account from the same office does not wait"
    assert enter(CHLOE, address=OFFICE).status_code == 302, "nor the same one from elsewhere"
    time_machine.move_to(NOON + timedelta(seconds=5), tick=False)
    assert enter(CHLOE).status_code == 302, "what was refused was not counted"


@pytest.mark.usefixtures("pace")
def test_the_password_of_an_open_session_waits_as_well_and_says_it_in_its_form(world: World) -> None:
    client = Client(REMOTE_ADDR=OFFICE)
    client.post(SIGN_IN, {"email": CHLOE, "password": PASSWORD})
    own = reverse("person-password", args=[world.people["chloe"].pk])
    asked = [client.post(own, {"current": "faux", "password": "cheval agrafe pile correct"}) for _ in range(4)]
    assert asked[-1].context["form"].errors["current"] == [
        "Trop d’essais ont échoué : rien n’est essayé avant 5 secondes. Recommencez ensuite."
    ]


@pytest.mark.usefixtures("pace")
def test_passwords_tried_from_everywhere_take_a_fifth_of_a_core(
    world: World, settings: LazySettings, hashed: list[str]
) -> None:
    """« Eight connections that try passwords take at most a fifth of a core in all »: twenty in ten seconds, of the
    100 ms at most that `password_cost` holds, whatever the accounts and the addresses."""
    assert real.SIGN_IN_PACE is not None
    assert real.SIGN_IN_PACE * LIMIT <= PACE_WINDOW * 1000 / 5
    settings.PASSWORD_HASHERS = real.PASSWORD_HASHERS
    User.objects.update(password=make_password(PASSWORD))
    assert enter(CHLOE, address=OFFICE).status_code == 302
    assert counted("sign-in.installation", "everybody")[1] <= PACE_WINDOW
    forget("sign-in.installation", "everybody")
    settings.SIGN_IN_PACE = 4
    assert counted("sign-in.installation", "everybody", window=600)[0] == 1, "however slow this machine is"
    hashed.clear()
    tried = [enter(f"compte{n}@exemple.test", "faux", address=f"203.0.113.{n}").status_code for n in range(8)]
    assert (tried, len(hashed)) == ([422] * 3 + [429] * 5, 3)
    page = enter(CHLOE)
    assert page.status_code == 429
    assert 1 <= int(page["Retry-After"]) <= 600
    assert "beaucoup de mots de passe sont essayés en ce moment" in as_shown(page.content.decode())
    assert (locked_now(), AccessAttempt.objects.count()) == (([], []), 3), "what is refused so is no failure"
    wrong = [enter(email, "faux", address=OFFICE) for email in (CHLOE, "personne@exemple.test")]
    assert [answer.status_code for answer in wrong] == [429, 429], "who has an account is not read in it"
    assert enter(CHLOE, address=OFFICE).status_code == 302, "those who are known there are not kept out"
