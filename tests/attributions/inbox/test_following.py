"""A row is taken, given to a colleague or put off until a day; filters are named; single keys follow the person."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from attributions.inbox.declared import BY_CODE
from attributions.inbox.entries import MINE, NOBODY, PUT_OFF, Entry
from attributions.inbox.kinds import One, Words
from attributions.inbox.models import NamedFilter, RowMark
from attributions.inbox.operations import MOST_FILTERS, FollowRefused, follow, keep_filter, takers
from attributions.inbox.pages import OPEN
from attributions.inbox.queries import Inbox, _ones, put_off
from attributions.inbox.reader import Reader
from flux.operations.routing import route_waiting_vacancies
from reservations.models import DeskChoice, User
from reservations.words import day, near_day
from tests.attributions.home.test_to_do import one_at_each_stage
from tests.attributions.households.candidates import agree, routed
from tests.attributions.inbox.test_inbox import INBOX, to_confirm
from tests.flux.operations.test_returning import give_back
from tests.flux.views.pages import text_of
from tests.world import MORNING, World

SignIn = Callable[[str], Client]
TODAY = MORNING.date()


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


def address(kind: str, key: int) -> str:
    return reverse("inbox-follow", args=[kind, key])


def messages_of(answer: HttpResponse) -> list[str]:
    """What the next page says happened."""
    return [str(each) for each in get_messages(answer.wsgi_request)]  # type: ignore[attr-defined]


def keys(client: Client, **asked: str) -> list[int]:
    return [each.key for each in client.get(INBOX, asked).context["page"].object_list]


def user(world: World, person: str) -> User:
    return world.member(person).user


def test_a_row_is_taken_given_to_a_colleague_and_given_back(world: World, sign_in: SignIn) -> None:
    to_confirm(world, 3)
    aline = sign_in("aline")
    first, second, third = keys(aline, genre="orienter")
    drawn = text_of(aline.get(INBOX, {OPEN: f"suivre-orienter-{first}"}))
    assert "Pris par" in drawn
    assert "Enregistrer le suivi" in drawn
    answer = aline.post(f"{address('orienter', first)}?de=a-faire&rang=1", {"taken_by": user(world, "aline").pk})
    assert answer["Location"] == f"{INBOX}#rang-1"
    assert messages_of(answer) == [f"Pris par {user(world, 'aline')}."]
    aline.post(address("orienter", second), {"taken_by": user(world, "alice").pk})
    # Both read who takes what; the list keeps all of it, and each finds their own.
    for person in ("aline", "alice"):
        page = sign_in(person).get(INBOX, {"genre": "orienter"})
        assert f"Pris par {user(world, 'aline')}." in text_of(page)
        assert page.context["page"].paginator.count == 3
        assert "Pris par personne" in text_of(page)
    assert keys(sign_in("aline"), suivi=MINE, genre="orienter") == [first]
    assert keys(sign_in("alice"), suivi=MINE, genre="orienter") == [second]
    assert keys(sign_in("aline"), suivi=NOBODY, genre="orienter") == [third]
    aline = sign_in("aline")
    assert messages_of(aline.post(address("orienter", first), {})) == ["Personne ne suit plus cette ligne."]
    assert keys(aline, suivi=MINE) == []
    assert set(RowMark.objects.values_list("key", flat=True)) == {second}


def test_nobody_of_another_organisation_reads_follows_or_takes_a_row(world: World, sign_in: SignIn) -> None:
    """From both sides: the landlord's row is in no other list, and its colleague is not a person of elsewhere."""
    to_confirm(world, 1)
    [key] = keys(sign_in("aline"), genre="orienter")
    for person in ("zoe", "chloe", "bob", "emma"):
        client = sign_in(person)
        assert client.get(address("orienter", key)).status_code == 404
        assert client.post(address("orienter", key), {}).status_code == 404
    refused = sign_in("aline").post(address("orienter", key), {"taken_by": user(world, "chloe").pk})
    assert refused.status_code == 422
    assert not RowMark.objects.exists()
    entry = Inbox.find(Reader(world.member("aline"), now=MORNING), BY_CODE["orienter"], key)
    assert entry is not None
    with pytest.raises(FollowRefused, match="choisissez une personne qui peut le faire"):
        follow(entry=entry, by=world.member("aline"), taken_by=user(world, "chloe"), now=MORNING)


def test_a_mark_of_one_organisation_hides_no_row_of_another(world: World, sign_in: SignIn) -> None:
    """The holder puts off its unit: the landlord, whose list has the same vacancy, still reads it."""
    routed(world)
    [key] = keys(sign_in("chloe"), genre="proposer")
    before = keys(sign_in("aline"))
    tomorrow = TODAY + timedelta(days=1)
    answer = sign_in("chloe").post(
        address("proposer", key), {"put_off_until": f"{tomorrow:%d/%m/%Y}", "reason": "Absente."}
    )
    assert answer.status_code == 302
    assert keys(sign_in("chloe"), genre="proposer") == []
    assert keys(sign_in("aline")) == before


@pytest.mark.parametrize("whose", ["", MINE, PUT_OFF])
def test_a_mark_is_of_the_organisation_that_noted_it_whatever_others_note_of_the_same_row(
    world: World, sign_in: SignIn, whose: str
) -> None:
    """Two parties may await one another's act about the same thing: each has its own marks of it."""
    one_at_each_stage(world)
    aline, landlord = sign_in("aline"), world.member("aline").organisation_id
    put_off, other = keys(aline, genre="instruire")[0], world.member("chloe")
    mine = {"put_off_until": TODAY + timedelta(days=1), "reason": "Absente.", "at": MORNING}
    RowMark.objects.create(organisation_id=landlord, kind="bail", key=0, taken_by=user(world, "aline"), at=MORNING)
    before = keys(aline, suivi=whose)
    RowMark.objects.create(organisation=other.organisation, kind="instruire", key=put_off, **mine)
    assert keys(aline, suivi=whose) == before
    taken = user(world, "aline")
    RowMark.objects.filter(organisation=other.organisation).update(put_off_until=None, reason="", taken_by=taken)
    assert keys(aline, suivi=whose) == before


def test_a_row_put_off_is_in_its_own_list_with_its_reason_and_comes_back_on_its_day(
    world: World, sign_in: SignIn
) -> None:
    one_at_each_stage(world)
    aline = sign_in("aline")
    key = keys(aline, genre="instruire")[0]
    before = aline.get(INBOX).context
    until = TODAY + timedelta(days=3)
    given = {"put_off_until": f"{until:%d/%m/%Y}", "reason": "Le dossier arrive lundi."}
    assert "Reporté au" in messages_of(aline.post(address("instruire", key), given))[0]
    page = aline.get(INBOX)
    # The counts of the menu, of the answer and of the filters are those of the list.
    assert page.context["awaiting"] == before["awaiting"] - 1 == page.context["page"].paginator.count
    assert key not in keys(aline, genre="instruire")
    counted = Inbox(Reader(world.member("aline"), now=MORNING)).counted()
    assert sum(each.number for each in counted) == page.context["awaiting"]
    assert keys(aline, suivi=PUT_OFF) == [key]
    text = text_of(aline.get(INBOX, {"suivi": PUT_OFF}))
    assert "Le dossier arrive lundi." in text
    assert "lundi.." not in text
    with time_machine.travel(MORNING + timedelta(days=3), tick=False):
        back = sign_in("aline")
        assert key in keys(back, genre="instruire")
        assert keys(back, suivi=PUT_OFF) == []


def test_what_lapses_first_is_never_hidden(world: World, sign_in: SignIn) -> None:
    """CCH, R441-9-1 leaves a holder its delay: a row put off comes back before it is over, or is refused."""
    agree(world.conventions["city"], proposal_days=10)
    routed(world)
    chloe = sign_in("chloe")
    [entry] = chloe.get(INBOX, {"genre": "proposer"}).context["page"].object_list
    assert entry.due_on is not None
    late = entry.due_on + timedelta(days=1)
    refused = chloe.post(address("proposer", entry.key), {"put_off_until": f"{late:%d/%m/%Y}", "reason": "Congés."})
    assert refused.status_code == 422
    assert "la reporter au-delà la cacherait ; choisissez le" in text_of(refused)
    kept = {"put_off_until": f"{entry.due_on:%d/%m/%Y}", "reason": "Congés."}
    assert chloe.post(address("proposer", entry.key), kept).status_code == 302
    assert keys(chloe, genre="proposer") == []
    # Its day comes nearer than the one on which it would come back: it is in the list at once.
    RowMark.objects.update(put_off_until=late)
    assert keys(chloe, genre="proposer") == [entry.key]
    page = text_of(chloe.get(INBOX, {"genre": "proposer"}))
    assert f"Revenue avant le {near_day(late)}, son échéance étant plus proche : Congés." in page
    assert "Reporté au" not in page
    assert keys(chloe, suivi=PUT_OFF) == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"put_off_until": f"{TODAY:%d/%m/%Y}", "reason": "x"}, "Choisissez un jour à venir, ou laissez vide."),
        ({"put_off_until": f"{TODAY + timedelta(days=2):%d/%m/%Y}"}, "Écrivez pourquoi cette ligne est reportée."),
    ],
)
def test_a_day_past_and_a_report_without_reason_are_refused(
    world: World, sign_in: SignIn, given: dict[str, str], sentence: str
) -> None:
    one_at_each_stage(world)
    aline = sign_in("aline")
    refused = aline.post(address("instruire", keys(aline, genre="instruire")[0]), given)
    assert refused.status_code == 422
    assert sentence in text_of(refused)
    assert not RowMark.objects.exists()


def test_rows_that_no_query_finds_are_put_off_alike(world: World) -> None:
    """The mentions of the service, balances and forecasts are values: the same sides keep them."""
    reader = Reader(world.member("adam"), now=MORNING)
    inbox = Inbox(reader)
    kind, found = next((kind, found) for kind, found in inbox.ones.items() if found)
    entry = Inbox.find(reader, kind, found[0].key)
    assert entry is not None
    until = min(entry.due_on or TODAY + timedelta(days=2), TODAY + timedelta(days=2))
    follow(entry=entry, by=reader.member, taken_by=None, put_off_until=until, reason="Plus tard.", now=MORNING)
    for whose, there in (("", False), (PUT_OFF, True)):
        rows = Inbox(Reader(reader.member, now=MORNING), whose=whose).ones[kind]
        assert (found[0].key in [one.key for one in rows]) is there


def put_off_of(world: World, person: str, kind: str, key: int, *, days: int, now: datetime = MORNING) -> None:
    reader = Reader(world.member(person), now=now)
    entry = Inbox.find(reader, BY_CODE[kind], key)
    assert entry is not None
    until = now.date() + timedelta(days=days)
    follow(
        entry=entry, by=reader.member, taken_by=reader.member.user, put_off_until=until, reason="Plus tard.", now=now
    )


def test_what_is_noted_of_a_round_hides_nothing_of_the_next(world: World, sign_in: SignIn) -> None:
    """CCH, R441-5-2: a unit given back is recommended again, to a landlord that has never put that off; the next holder
    has its own delay to propose (R441-9-1)."""
    fresh = world.vacancy()
    route_waiting_vacancies(ledger_id=fresh.ledger_id, now=MORNING)
    put_off_of(world, "aline", "orienter", fresh.pk, days=20)
    assert keys(sign_in("aline"), genre="orienter") == []
    routing = routed(world, vacancy=fresh, now=MORNING + timedelta(minutes=1))
    put_off_of(world, "chloe", "proposer", fresh.pk, days=8, now=MORNING + timedelta(minutes=2))
    chloe = sign_in("chloe")
    assert keys(chloe, genre="proposer") == []
    # The same, noted before the routing that awaits: it is of another one, given back since.
    RowMark.objects.filter(kind="proposer").update(at=MORNING)
    [again] = chloe.get(INBOX, {"genre": "proposer"}).context["page"].object_list
    assert (again.key, again.mark) == (fresh.pk, None)
    later = MORNING + timedelta(hours=1)
    give_back(world, routing, now=later)
    with time_machine.travel(later, tick=False):
        route_waiting_vacancies(ledger_id=fresh.ledger_id, now=later)
        aline = sign_in("aline")
        [again] = aline.get(INBOX, {"genre": "orienter"}).context["page"].object_list
        assert (again.key, again.mark) == (fresh.pk, None)
        # Of no list is it the row that was put off, or taken, in the first round.
        assert keys(aline, suivi=PUT_OFF) == keys(aline, suivi=MINE) == []
        assert keys(aline, suivi=NOBODY, genre="orienter") == [fresh.pk]
        given = aline.get(INBOX, {OPEN: f"suivre-orienter-{fresh.pk}"})
        assert "Plus tard." not in given.content.decode()


def test_what_takes_more_than_a_query_comes_back_alike(world: World) -> None:
    """What was noted before the day since which a remark waits is of another round."""
    words = Words("Bilan 2025", "", "/")
    reader = Reader(world.member("aline"), now=MORNING)
    kind = BY_CODE["remarque"] if "remarque" in BY_CODE else next(each for each in BY_CODE.values() if each.ones)
    until = TODAY + timedelta(days=2)
    RowMark.objects.create(
        organisation_id=reader.organisation, kind=kind.code, key=1, put_off_until=until, reason="Plus tard.", at=MORNING
    )
    before, since = One(1, words, since=TODAY), One(1, words, since=TODAY + timedelta(days=1))
    assert _ones(kind, [before], reader, "") == []
    assert _ones(kind, [since], reader, "") == [since]


def test_a_row_that_came_back_states_until_when_it_was_put_off(world: World, sign_in: SignIn) -> None:
    one_at_each_stage(world)
    key = keys(sign_in("aline"), genre="instruire")[0]
    put_off_of(world, "aline", "instruire", key, days=3)
    assert "Reporté au" in text_of(sign_in("aline").get(INBOX, {"suivi": PUT_OFF}))
    with time_machine.travel(MORNING + timedelta(days=4), tick=False):
        page = text_of(sign_in("aline").get(INBOX, {"genre": "instruire"}))
        assert f"Report échu le {near_day(TODAY + timedelta(days=3))} : Plus tard." in page
        assert "Reporté au" not in page


def test_a_row_that_is_late_is_no_longer_put_off(world: World) -> None:
    [key] = [routed(world).vacancy_id]
    member = world.member("chloe")
    late = Entry(BY_CODE["proposer"], key, TODAY - timedelta(days=1), None, None)
    with pytest.raises(FollowRefused, match=f"échue depuis le {day(TODAY - timedelta(days=1))} : elle ne se reporte"):
        follow(entry=late, by=member, taken_by=None, put_off_until=TODAY + timedelta(days=2), reason="x", now=MORNING)


def test_only_who_has_the_row_is_offered_it(world: World) -> None:
    """A colleague who may do acts of this kind, and does not have this one, is refused: never offered."""
    [key] = [routed(world).vacancy_id]
    entry = Inbox.find(Reader(world.member("chloe"), now=MORNING), BY_CODE["proposer"], key)
    assert entry is not None
    offered = takers(entry, world.member("chloe"), now=MORNING)
    assert offered[0] == user(world, "chloe")
    for each in offered:
        assert follow(entry=entry, by=world.member("chloe"), taken_by=each, now=MORNING)
    gone = replace(entry, key=0)
    assert takers(gone, world.member("chloe"), now=MORNING) == [user(world, "chloe")]


def test_home_reports_what_is_put_off(world: World, sign_in: SignIn) -> None:
    """Both sides of « nothing awaits »: a row put off is somebody's, and its list is one link away."""
    fresh = world.vacancy()
    route_waiting_vacancies(ledger_id=fresh.ledger_id, now=MORNING)
    [key] = keys(sign_in("aline"), genre="orienter")
    put_off_of(world, "aline", "orienter", key, days=3)
    aline = sign_in("aline")
    home = aline.get(reverse("home"))
    assert f'<a href="{INBOX}?suivi=reporte">1 ligne reportée</a>' in home.content.decode()
    assert "n’est attendu de personne" not in text_of(home)
    with time_machine.travel(MORNING + timedelta(days=3), tick=False):
        assert put_off(Reader(world.member("aline"), now=MORNING + timedelta(days=3))) == 0
        assert "reportée" not in text_of(sign_in("aline").get(reverse("home")))


def test_what_was_noted_last_of_a_row_is_undone_once(world: World, sign_in: SignIn) -> None:
    """The next list offers to note what was noted before; the one after, no more: others may have followed since."""
    to_confirm(world, 2)
    aline = sign_in("aline")
    key, _ = keys(aline, genre="orienter")
    mine, colleague = user(world, "aline"), user(world, "alice")
    until = TODAY + timedelta(days=1)
    aline.post(address("orienter", key), {"taken_by": colleague.pk})
    aline.get(INBOX)
    come = f"{address('orienter', key)}?de=a-faire&genre=orienter&rang=1"
    aline.post(come, {"taken_by": mine.pk, "put_off_until": f"{until:%d/%m/%Y}", "reason": "Clés perdues."})
    undo = aline.get(INBOX, {"genre": "orienter"}).context["undo"]
    assert undo == {"address": come, "before": {"taken_by": str(colleague.pk)}}
    assert aline.get(INBOX).context["undo"] is None
    assert aline.post(undo["address"], undo["before"])["Location"] == f"{INBOX}?genre=orienter#rang-1"
    mark = RowMark.objects.get()
    assert (mark.taken_by, mark.put_off_until, mark.reason) == (colleague, None, "")
    # Undone again, the row is put off as it was.
    again = aline.get(INBOX).context["undo"]
    aline.post(again["address"], again["before"])
    mark = RowMark.objects.get()
    assert (mark.taken_by, mark.put_off_until, mark.reason) == (mine, until, "Clés perdues.")


def test_a_day_that_is_over_is_not_noted_again(world: World, sign_in: SignIn) -> None:
    one_at_each_stage(world)
    key = keys(sign_in("aline"), genre="instruire")[0]
    put_off_of(world, "aline", "instruire", key, days=3)
    with time_machine.travel(MORNING + timedelta(days=4), tick=False):
        aline = sign_in("aline")
        aline.post(address("instruire", key), {"taken_by": user(world, "aline").pk})
        undo = aline.get(INBOX).context["undo"]
        assert "put_off_until" not in undo["before"]
        assert aline.post(undo["address"], undo["before"]).status_code == 302


def test_filters_are_kept_by_name_and_their_address_stays_the_truth(world: World, sign_in: SignIn) -> None:
    to_confirm(world, 2)
    aline = sign_in("aline")
    kept = {"nom": "Mes orientations", "filtres": "genre=orienter&page=2&inconnu=1"}
    answer = aline.post(reverse("inbox-filter"), kept)
    assert answer["Location"] == f"{INBOX}?genre=orienter"
    assert NamedFilter.objects.get().kept == "genre=orienter"
    page = aline.get(INBOX, {"genre": "orienter"})
    assert 'href="/a-faire/?genre=orienter" aria-current="true"' in page.content.decode()
    assert "Mes orientations" not in text_of(sign_in("alice").get(INBOX))
    aline = sign_in("aline")
    aline.post(reverse("inbox-filter"), {"nom": "Mes orientations", "filtres": "par=commune"})
    named = NamedFilter.objects.get()
    assert named.kept == "par=commune"
    sign_in("alice").post(reverse("inbox-filter"), {"retirer": str(named.pk)})
    assert NamedFilter.objects.exists(), "a colleague forgets no filter of another"
    sign_in("aline").post(reverse("inbox-filter"), {"retirer": str(named.pk)})
    assert not NamedFilter.objects.exists()


def test_enter_in_the_name_of_a_filter_keeps_it(world: World, sign_in: SignIn) -> None:
    """HTML, 4.10.21.2: a form is sent by its first button when one presses Enter in a field of it."""
    to_confirm(world, 1)
    keep_filter(by=world.member("aline"), name="Mes orientations", kept="genre=orienter")
    page = sign_in("aline").get(INBOX, {"par": "commune"}).content.decode()
    [form] = [each for each in re.findall(r"<form.*?</form>", page, re.DOTALL) if 'name="nom"' in each]
    assert re.findall(r'<button[^>]*type="submit"[^>]*>([^<]*)<', form) == ["Garder"]
    assert 'name="retirer"' in page


def test_filters_without_a_name_or_too_many_are_refused(world: World, sign_in: SignIn) -> None:
    to_confirm(world, 1)
    aline, act = sign_in("aline"), reverse("inbox-filter")
    assert messages_of(aline.post(act, {"nom": "x", "filtres": ""})) == [
        "Choisissez d’abord un filtre, puis donnez-lui un nom."
    ]
    for wrong in ("Nar\x00bonne", "N" * 41):
        result = messages_of(aline.post(act, {"nom": wrong, "filtres": "genre=orienter"}))[-1]
        assert "un nom de 40 signes au plus" in result
    assert not NamedFilter.objects.exists()
    assert "Donnez un nom" in messages_of(aline.post(act, {"nom": " ", "filtres": "genre=orienter"}))[-1]
    for number in range(MOST_FILTERS):
        keep_filter(by=world.member("aline"), name=f"Filtre {number}", kept="genre=orienter")
    assert "retirez-en un d’abord" in messages_of(aline.post(act, {"nom": "Un de trop", "filtres": "par=genre"}))[-1]
    assert NamedFilter.objects.count() == MOST_FILTERS


def test_single_keys_follow_the_person(world: World, sign_in: SignIn) -> None:
    """WCAG 2.1.4: single keys are turned off, here on every device."""
    to_confirm(world, 1)
    box = '<input type="checkbox" name="touches"{} autocomplete="off">'
    aline = sign_in("aline")
    assert box.format(" checked") in " ".join(aline.get(INBOX).content.decode().split())
    assert messages_of(aline.post(reverse("inbox-keys"), {})) == [
        "Les touches seules n’agissent plus, sur tous vos postes."
    ]
    assert not DeskChoice.of(user(world, "aline")).single_keys
    # From a list with filters, one comes back to it.
    page = aline.get(INBOX, {"genre": "orienter", "par": "commune"}).content.decode()
    [act] = re.findall(r'action="(/[^"]*)" method="post">\s*<input[^>]*>\s*<label class="pick">', page)
    assert aline.post(html.unescape(act), {})["Location"] == f"{INBOX}?genre=orienter&par=commune"
    elsewhere = sign_in("aline")
    assert box.format("") in " ".join(elsewhere.get(INBOX).content.decode().split())
    assert DeskChoice.of(user(world, "alice")).single_keys
    elsewhere.post(reverse("inbox-keys"), {"touches": "on"})
    assert DeskChoice.of(user(world, "aline")).single_keys
