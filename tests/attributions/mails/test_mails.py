"""Who is notified by e-mail, of what, and until when; without a household, by links that open."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from attributions.bilan.operations.sending import sign_version
from attributions.households.models import Application, CommitteeSession
from attributions.households.operations.ballot import cast_vote
from attributions.households.operations.session import cancel_session
from attributions.mails import telling
from attributions.mails.clocks import watch_days, watch_votes
from attributions.mails.kinds import BY_CODE, KINDS, stands
from attributions.mails.telling import tell_people
from attributions.notices.models import Notice
from flux.models import AuditAlert, Unit
from flux.operations.routing import route_waiting_vacancies
from reservations.models import Convention, FileImport, LegalParameter, Mail, MailFact, MailItem, Membership, Quota
from reservations.models.ground import ShareGround
from reservations.operations.mail_sending import send_mails
from reservations.pages.people import link_of, message_of
from tests.attributions.bilan.balances import SENT, answer
from tests.attributions.households.candidates import agree, routed, sent
from tests.attributions.mails.lived import at, lived
from tests.flux.operations.test_returning import delegate
from tests.guards import unguarded
from tests.smtp import Server
from tests.world import MORNING

if TYPE_CHECKING:
    from django.test import Client

    from tests.world import World


def notified(code: str) -> set[str]:
    """To whom this was reported."""
    return set(MailItem.objects.filter(kind=code).values_list("user__full_name", flat=True))


def one(code: str) -> MailItem:
    return MailItem.objects.filter(kind=code).order_by("pk")[0]


def test_every_kind_is_reported_to_its_people_names_no_household_and_opens_for_its_reader(
    world: World, time_machine: Any, sign_in: Callable[[str], Client]
) -> None:
    there = lived(world, time_machine)
    answer(world, there.remark, "MAINTAINED")
    tell_people(now=SENT + timedelta(days=41))
    assert not MailFact.objects.filter(spread_at=None).exists()
    assert {kind: notified(kind) for kind in BY_CODE} == {
        "unit": {"Chloe"},
        "unit.half": {"Chloe"},
        "unit.days": {"Chloe"},
        "unit.delegated": {"Anna"},
        "lapsed": {"Alice", "Aline", "Chloe"},
        "session": {"Bob", "Emma", "Chloe"},
        "session.cancelled": {"Bob", "Emma", "Chloe", "Aline"},
        "vote": {"Bob", "Emma", "Chloe"},
        "vote.half": {"Bob", "Emma", "Chloe"},
        "vote.missing": {"Aline"},
        "convention": {"Anna"},
        "convention.signed": {"Alice"},
        "transfer": {"Zoe"},
        "signal.days": set(),  # no delay to state is agreed here: below
        "signal.late": set(),
        "convention.denounced": {"Alice"},
        "convention.renewal": {"Alice", "Eric"},
        "convention.paused": {"Alice", "Chloe"},
        "guarantee": set(),  # no loan is guaranteed here: below
        "balance.sign": {"Bob", "Anna", "Chloe", "Eric"},
        "balance.read": {"Aline", "Emma"},
        "remark": {"Alice", "Aline"},
        "remark.late": {"Alice", "Aline"},
        "remark.waits": {"Chloe"},
        "answer": {"Chloe"},
        "forecast": {"Alice", "Aline"},
        "alert": {"Alice", "Adam"},
        "ready": {"Aline"},
        "notice": {"Alice", "Aline"},
        "rule": {"Anna", "Bob", "Chloe", "Emma", "Eric"},
        "import": {"Alice"},
    }
    names = {word for name in Application.objects.values_list("name", flat=True) for word in name.split()} - {
        "01",
        "02",
    }
    numbers = set(Application.objects.values_list("number", flat=True))
    streets = set(Unit.objects.values_list("street_name", flat=True))
    assert names >= {"Durand", "Amina"}
    hidden = {each for each in names | numbers | streets if len(each) > 3}
    assert hidden >= {"Durand", "VOLTAIRE"}
    for item in MailItem.objects.select_related("user", "organisation"):
        message = message_of(Mail(user=item.user, address=item.user.email, made_at=MORNING), [item])
        result = message.message().as_string() + str(message.body) + str(message.alternatives[0].content) + item.subject
        assert [each for each in hidden if each in result] == [], result
        assert ("List-Unsubscribe" in message.extra_headers) == bool(BY_CODE[item.kind].family)
        client = sign_in(item.user.full_name.lower())
        page = client.get(urlsplit(link_of(item)).path, follow=True)
        assert page.status_code == 200, (item.kind, item.user, item.link)
        assert page.request["PATH_INFO"] == item.link.partition("#")[0]


def test_a_unit_to_state_is_notified_of_before_its_last_day_and_a_late_one_once(
    world: World, time_machine: Any
) -> None:
    """« Le délai de signalement » (arrêté of 10 March 2011, article 1, 4°): five calendar days after the notice."""
    for convention in world.conventions.values():
        agree(convention, day_unit="CALENDAR", signal_days=5)
    vacancy = world.vacancy()
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    at(time_machine, MORNING)
    watch_days(now=MORNING)
    assert notified("signal.days") == set(), "five days are left"
    for days in (3, 4):
        at(time_machine, MORNING + timedelta(days=days))
        watch_days(now=MORNING + timedelta(days=days))
    assert notified("signal.days") == {"Alice", "Aline"}
    assert MailItem.objects.filter(kind="signal.days").count() == 2, "once each"
    asked = one("signal.days")
    assert stands(asked)
    assert "le dimanche 29 novembre 2026 au plus tard" in " ".join(asked.says)
    late = MORNING + timedelta(days=6)
    at(time_machine, late)
    routing = routed(world, vacancy=vacancy, now=late)
    assert not stands(asked)
    for _ in range(2):
        watch_days(now=late)
    assert notified("signal.late") == {"Chloe"}
    [result] = MailItem.objects.filter(kind="signal.late")
    assert stands(result)
    assert "le dimanche 29 novembre 2026 au plus tard ; il vous a été signalé le lundi 30" in " ".join(result.says)
    assert result.about == f"routing:{routing.pk}"


def test_end_of_a_guarantee_is_notified_to_the_landlord_and_the_holder_before_it_and_on_its_day(
    world: World, time_machine: Any, sign_in: Callable[[str], Client], settings: Any
) -> None:
    """« Le droit prend fin » some years after the loan (CCH, R441-6): within the notice of ends, then on its last day,
    once each; nobody else reads it, and the mail that arrives says it."""
    quota = world.conventions["city"].quotas.get()
    loan = ShareGround("LOAN_GUARANTEE", 80_000, date(2021, 12, 31), 5)
    with unguarded("reservations_quota.kept_once_out_of_draft"):
        Quota.objects.filter(pk=quota.pk).update(
            grounds=[loan.as_json(), ShareGround("LAND", quota.share - 80_000).as_json()]
        )
    notice = int(LegalParameter.objects.get(code="EXPIRY_WARNING_DAYS").value)
    last = datetime(2026, 12, 31, 9, tzinfo=UTC)
    for days, items in ((notice + 1, 0), (notice, 3), (1, 3), (0, 6), (-1, 6)):
        now = last - timedelta(days=days)
        at(time_machine, now)
        watch_days(now=now)
        assert MailItem.objects.filter(kind="guarantee").count() == items, days
    assert notified("guarantee") == {"Alice", "Aline", "Chloe"}
    before, on_the_day = MailItem.objects.filter(kind="guarantee", user=world.people["chloe"]).order_by("pk")
    first, second = (" ".join(each.says).replace("\xa0", " ") for each in (before, on_the_day))
    assert "8 % du flux, prend fin le jeudi 31 décembre 2026" in first
    assert "prend fin aujourd’hui (CCH, R441-6) : il reste ensuite 4 %." in second
    assert sign_in("chloe").get(before.link).status_code == 200
    server = Server()
    settings.MAILERS, settings.SITE_URL = server.mailers, "https://equiflux.example"
    try:
        assert send_mails(stands=stands, now=last) > 0
    finally:
        server.close()
    read = [
        " ".join(part.get_content() for part in each.walk() if part.get_content_type() == "text/plain")
        for each in server.told(world.people["chloe"].email)
    ]
    [arrived] = [" ".join(text.replace("\xa0", " ").split()) for text in read if "garantie d’emprunt" in text]
    assert "prend fin aujourd’hui (CCH, R441-6) : il reste ensuite 4 %." in arrived
    assert re.search(rf"https://equiflux.example/ouvrir/\d+{before.link}", arrived)


def test_what_asks_for_an_act_vanishes_when_it_is_done(world: World, time_machine: Any) -> None:
    at(time_machine, MORNING)
    routing = routed(world)
    tell_people(now=MORNING)
    unit = one("unit")
    assert stands(unit)
    sent(world, routing, 1)
    assert not stands(unit)
    tell_people(now=MORNING)
    notice = one("notice")
    assert stands(notice)
    assert (notice.link, notice.label) == (reverse("file", args=[routing.vacancy_id]), "Voir le dossier du logement")
    Notice.objects.update(read_at=MORNING, read_by=world.people["alice"])
    assert not stands(notice)


def test_a_unit_of_the_state_is_reported_to_who_proposes_in_its_name(world: World, time_machine: Any) -> None:
    """The commune that the préfet delegated it to, and not his officers; one that is not delegated, to them."""
    delegate(world, world.holders["priority"], "city")
    at(time_machine, MORNING)
    delegated, own = routed(world, "priority"), routed(world, "agents")
    tell_people(now=MORNING)
    units = MailItem.objects.filter(kind="unit").values_list("about", "user__full_name")
    assert set(units) == {(f"routing:{delegated.pk}", "Chloe"), (f"routing:{own.pk}", "Bob")}


def test_what_happened_in_a_year_stands_until_it_is_done(world: World, time_machine: Any) -> None:
    there = lived(world, time_machine)
    remark, late, balance = one("remark"), one("remark.late"), one("balance.sign")
    assert stands(remark)
    assert stands(late)
    assert stands(balance)
    answer(world, there.remark, "MAINTAINED")
    assert not stands(remark)
    assert not stands(late)
    for name, organisation in (("bob", world.state), ("anna", world.als), ("chloe", world.city), ("eric", world.epci)):
        sign_version(version=there.version, organisation=organisation, by=world.people[name], now=timezone.now())
    assert not stands(balance)
    renewal = one("convention.renewal")
    assert not stands(renewal)  # its last day to say so is past
    time_machine.move_to(MORNING, tick=False)
    assert stands(renewal)
    with unguarded("reservations_convention.end_kept"):
        Convention.objects.filter(pk=world.conventions["epci"].pk).update(ends_on=date(2027, 2, 28))
    assert not stands(renewal)
    time_machine.move_to(SENT + timedelta(days=40), tick=False)
    alert, convened = one("alert"), one("session")
    assert stands(alert)
    AuditAlert.objects.update(acknowledged_at=MORNING, acknowledged_by=world.people["alice"], acknowledgement="Lu.")
    assert not stands(alert)
    assert stands(convened)
    cancel_session(session=there.convened, why="Reportée.", by=there.house.secretary, now=timezone.now())
    assert not stands(convened)
    time_machine.move_to(MORNING + timedelta(hours=3), tick=False)
    vote, missing = MailItem.objects.get(kind="vote", user=world.people["bob"]), one("vote.missing")
    assert stands(vote)
    assert stands(missing)
    cast_vote(ballot=there.ballot, member=there.house.members["Bob"], choice="FOR", by=world.people["bob"])
    assert not stands(vote)
    CommitteeSession.objects.filter(pk=there.ballot.item.session_id).update(vote_closes_at=MORNING + timedelta(hours=2))
    assert not stands(missing)
    given = one("import")
    assert stands(given)
    FileImport.objects.update(state=FileImport.State.DROPPED)
    assert not stands(given)
    Membership.objects.filter(user=world.people["aline"]).delete()
    assert not stands(MailItem.objects.filter(user=world.people["aline"], kind="session.cancelled").get())
    tell_people()
    before = MailItem.objects.count()
    watch_days()
    watch_votes()
    assert tell_people() == 0
    assert MailItem.objects.count() == before  # reported once
    assert {kind.code for kind in KINDS} == set(BY_CODE)
    assert all(re.match(r"[a-z.]{4,30}$", kind.code) for kind in KINDS)


def test_facts_that_cannot_be_reported_hold_no_other_back(
    world: World, time_machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them than one turn takes, of a kind that this release does not know: the unit is reported all the
    same."""
    time_machine.move_to(MORNING, tick=False)
    monkeypatch.setattr(telling, "BATCH", 2)
    unknown = [MailFact.objects.create(kind="of a later release", subject=1, at=MORNING).pk for _ in range(3)]
    routed(world)
    while tell_people(now=MORNING):
        pass
    assert notified("unit") == {"Chloe"}
    assert list(MailFact.objects.filter(spread_at=None).values_list("pk", flat=True)) == unknown
