"""E-mail: written with the act, sent by a worker, once to each, whatever the server does."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.fernet import InvalidToken
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from reservations.models import Mail, MailAttempt, MailChoice, MailItem, RefusedAddress
from reservations.models.guards import sealed
from reservations.models.mail import Family
from reservations.operations import mail_sending
from reservations.operations.history import choose_mails, post
from reservations.operations.mail_sending import KEPT, STALE, STALE_ACT, TAKEN, gather, purge_mails, send_mails
from reservations.pages.people import link_of
from tests.smtp import Server

if TYPE_CHECKING:
    from tests.world import World

State, Rhythm = Mail.State, MailChoice.Rhythm


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    opened = Server()
    settings.MAILERS = opened.mailers
    settings.SITE_URL = "https://equiflux.example"
    yield opened
    opened.close()


def later(**time: float) -> Any:
    return timezone.now() + timedelta(**time)


def tell(to: Any, **given: Any) -> None:
    post(**{"to": to, "kind": "test", "subject": "Un logement vous est proposé", "says": ["Il attend."], **given})


def test_told_with_its_act_in_both_writings_and_nothing_when_it_is_undone(world: World, server: Server) -> None:
    """RFC 5322 and 3834: one identifier, a text that a terminal shows, and no answer by a machine."""
    alice = world.member("alice").user
    with transaction.atomic():
        tell(alice, subject="Jamais")
        transaction.set_rollback(True)
    tell(alice, says=["L’accès à « Narbonne » : " + "un long mot " * 20], link="/logements/", label="Voir le logement")
    assert send_mails() == 1
    assert send_mails() == 0
    [(address, message)] = server.taken
    assert address == alice.email
    mail = Mail.objects.get()
    assert (mail.state, mail.tries) == (State.SENT, 1)
    assert message["Message-ID"] == f"<{mail.identifier}@equiflux.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"] == "Un logement vous est proposé"
    text, page = [part.get_content().replace("\r\n", "\n") for part in message.iter_parts()]
    assert "Voir le logement :\nhttps://equiflux.example/logements/\n" in text
    assert max(map(len, text.splitlines())) <= 78
    assert '<html lang="fr">' in page
    assert '<a href="https://equiflux.example/logements/">Voir le logement</a>' in page
    assert "L’accès à « Narbonne »" in text
    assert "L’accès à « Narbonne »" in page


def test_what_a_server_refuses_is_stated_and_what_it_puts_off_comes_back(world: World, server: Server) -> None:
    """RFC 5321, 4.2.1: 5yz is for good, 4yz is for now; a refusal of the address is known, one of the text is not."""
    alice, bob = world.member("alice").user, "bob@invite.example"
    server.ways = {alice.email: ["full", "nobody"], bob: ["refused"]}
    tell(alice)
    tell(bob)
    assert send_mails() == 0
    rows = Mail.objects.order_by("pk")
    assert [each.state for each in rows] == [State.PENDING, State.REFUSED]
    assert send_mails(now=later(minutes=1)) == 0
    assert [each.state for each in rows.all()] == [State.REFUSED, State.REFUSED]
    assert [each.status for each in MailAttempt.objects.order_by("pk")] == [452, 554, 550]
    [bad] = RefusedAddress.objects.all()
    assert (bad.address, bad.said) == (alice.email, "5.1.1 No such user here")
    tell(alice, family=Family.FILES)
    assert gather(now=timezone.now()) == 0  # an information is not worth another refusal
    tell(alice)
    assert send_mails() == 1  # an act to do is: the address may be right again
    assert not RefusedAddress.objects.exists()


def test_server_that_hangs_answers_twice_or_loses_its_answer_states_each_once(world: World, server: Server) -> None:
    """An answer that did not come is asked again under the same Message-ID; one too many is nobody else’s."""
    people = [f"p{number}@invite.example" for number in range(8)]
    ways = ["hangs", "twice", "cut", "again", "mute", "", "full", "again"]
    server.ways = {address: [way] for address, way in zip(people, ways, strict=True)}
    for address in people:
        tell(address)
    for turn in range(6):
        send_mails(now=later(minutes=10 * turn))
    assert [len(server.told(address)) for address in people] == [1] * 8
    assert set(Mail.objects.values_list("state", flat=True)) == {State.SENT}
    twice = [message["Message-ID"] for to, message in server.taken if to == people[2]]
    assert len(twice) == 2  # taken, then asked again since nobody knew
    assert len(set(twice)) == 1


def test_killed_worker_loses_nothing_and_its_message_waits_for_its_term(world: World, server: Server) -> None:
    tell(world.member("alice").user)
    gather(now=timezone.now())
    assert mail_sending._take(timezone.now()) is not None  # and dies
    assert send_mails() == 0
    assert send_mails(now=later(seconds=TAKEN.total_seconds() + 1)) == 1
    assert len(server.taken) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_take_each_message_once(world: World, server: Server) -> None:
    """FOR UPDATE SKIP LOCKED: what one has taken, the other does not see."""
    for number in range(30):
        tell(f"p{number}@invite.example")

    def work() -> None:
        try:
            send_mails()
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    send_mails()
    assert sorted(to for to, _ in server.taken) == sorted(f"p{number}@invite.example" for number in range(30))


def test_information_is_gathered_at_the_hour_of_each_person_and_what_is_done_is_not_reported(
    world: World, server: Server
) -> None:
    alice = world.member("alice").user
    MailChoice.objects.create(user=alice, units=Rhythm.WEEKLY, balances=Rhythm.NEVER, hour=7, day=4)
    monday = timezone.make_aware(timezone.datetime(2026, 3, 2, 12, 0))
    for number in range(3):
        tell(alice, family=Family.UNITS, about=f"unit:{number}", subject=f"Avis {number}", now=monday)
    tell(alice, family=Family.UNITS, about="unit:0", now=monday)  # reported once
    tell(alice, family=Family.BALANCES, now=monday)  # unwanted
    assert send_mails(now=monday) == 0
    friday = timezone.make_aware(timezone.datetime(2026, 3, 6, 7, 0))
    assert send_mails(now=friday, stands=lambda item: item.about != "unit:1") == 1
    [(_, message)] = server.taken
    assert message["Subject"] == "2 informations d’Équiflux"
    text, page = [part.get_content() for part in message.iter_parts()]
    assert "* Avis 0" in text
    assert "Avis 1" not in text
    assert "<h2" in page
    assert MailItem.objects.get(about="unit:1").dropped == MailItem.Dropped.DONE
    for number in range(3):
        tell(alice, about=f"act:{number}")
    assert send_mails() == 1
    assert server.taken[1][1]["Subject"] == "Un logement vous est proposé, et 2 autres"
    tell(alice, about="later")
    assert send_mails(stands=lambda item: False) == 0
    assert Mail.objects.first().state == State.DROPPED  # type: ignore[union-attr]


@pytest.mark.parametrize(("month", "in_utc"), [(1, 7), (7, 6)])
def test_the_hour_of_a_person_is_of_paris_in_winter_and_in_summer(month: int, in_utc: int) -> None:
    """A server counts in universal time: eight o’clock was nine, or ten."""
    choice = MailChoice(units=Rhythm.DAILY, hour=8)
    night = timezone.datetime(2026, month, 5, 1, 0, tzinfo=UTC)
    assert choice.due(Family.UNITS, night) == night.replace(hour=in_utc)


def test_another_hour_moves_what_waits_for_the_digest(world: World, server: Server) -> None:
    """« the hour and rhythm each person chooses »: what waits already follows the new choice."""
    alice = world.member("alice").user
    daily = dict.fromkeys(Family.values, Rhythm.DAILY)
    monday = timezone.make_aware(timezone.datetime(2026, 3, 2, 12, 0))
    choose_mails(user=alice, rhythms=daily, hour=8, day=0, now=monday)
    tell(alice, family=Family.UNITS, about="unit:1", now=monday)
    choose_mails(user=alice, rhythms=daily, hour=18, day=0, now=monday)
    assert send_mails(now=monday.replace(hour=17, minute=59)) == 0
    assert send_mails(now=monday.replace(hour=18)) == 1
    tell(alice, family=Family.UNITS, about="unit:2", now=monday.replace(hour=18))
    choose_mails(user=alice, rhythms=daily, hour=7, day=0, now=monday.replace(hour=19))
    assert send_mails(now=monday.replace(hour=23)) == 0, "the hour of seven is over for today"
    assert send_mails(now=monday.replace(day=3, hour=7)) == 1


def test_many_rows_of_one_act_wake_the_worker_once(
    world: World, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    """And a row whose savepoint is undone takes its own call with it."""
    alice = world.member("alice").user
    connection.run_on_commit.clear()  # as after a commit
    with django_capture_on_commit_callbacks() as woken:
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            tell(alice, about="act:0")
            raise ZeroDivisionError
        for number in range(1, 40):
            tell(alice, about=f"act:{number}")
    assert [call.task for call in woken] == ["attributions.send_mails"]


def test_without_a_server_nothing_is_sent_and_what_is_too_old_never_is(world: World, settings: Any) -> None:
    settings.MAILERS = {}
    alice = world.member("alice").user
    tell(alice)
    assert send_mails() == 0
    tell(alice, family=Family.FILES)
    assert gather(now=later(days=STALE.days, seconds=60)) == 1  # an act is still to do; an information is old
    assert MailItem.objects.get(family=Family.FILES).dropped == MailItem.Dropped.OLD
    tell(alice)
    assert gather(now=later(days=STALE_ACT.days, seconds=60)) == 0
    assert purge_mails(now=later(days=KEPT.days + STALE_ACT.days)) == 2


def test_key_is_erased_once_handed_over_and_a_closed_account_is_notified_nothing(world: World, server: Server) -> None:
    alice = world.member("alice").user
    tell("bob@invite.example", secret=True, link="/invitation/cle/", label="Entrer")
    waiting = MailItem.objects.get(secret=True)
    assert "cle" not in waiting.link, "who reads the row that waits reads no key"
    assert link_of(waiting).endswith("/invitation/cle/")
    tell(alice)
    alice.is_active = False
    alice.save()
    assert send_mails() == 1
    assert "/invitation/cle/" in server.taken[0][1].as_string()
    item = MailItem.objects.get(secret=True)
    assert (item.says, item.link) == ([], "")
    assert purge_mails(now=later(days=KEPT.days + 1)) >= 2
    assert not MailItem.objects.exists()


def test_a_secret_that_is_reported_to_nobody_is_forgotten(world: World) -> None:
    """« Its row forgets it », whatever became of it; and what another key sealed is not sent without its link."""
    tell("bob@invite.example", secret=True, link="/invitation/cle/", label="Entrer")
    MailItem.objects.update(dropped=MailItem.Dropped.OLD)
    purge_mails()
    item = MailItem.objects.get()
    assert (item.says, item.link) == ([], "")
    item.link = sealed("/invitation/cle/")[:-4]
    with pytest.raises(InvalidToken):
        link_of(item)


def test_silent_server_ends_the_turn(world: World, settings: Any) -> None:
    """Nobody listens there: three are tried, the others keep their place."""
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 1, "timeout": 1},
        }
    }
    for number in range(5):
        tell(f"p{number}@invite.example")
    assert send_mails() == 0
    assert sorted(Mail.objects.values_list("tries", flat=True)) == [0, 0, 1, 1, 1]


REPORT = b"""From: MAILER-DAEMON@relais.exemple.fr
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relais.exemple.fr

Final-Recipient: rfc822; %s
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such user

--b--
"""


def test_report_of_a_server_marks_an_address_that_we_wrote_to_and_no_other(
    world: World, server: Server, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """RFC 3464: a delivery status, « failed » for good, of a recipient; anybody may forge one."""
    alice = world.member("alice").user
    tell(alice)
    assert send_mails() == 1
    for address, text in (("bob@exemple.test", "Aucune adresse"), (alice.email, alice.email)):
        report = tmp_path / "report.eml"
        report.write_bytes(REPORT % address.encode())
        call_command("read_bounces", str(report))
        assert text in capsys.readouterr().out
    assert [each.said for each in RefusedAddress.objects.all()] == ["550 5.1.1 No such user"]
    assert Mail.objects.get().state == State.REFUSED
