"""One's own account: sessions listed and closed, the journal of sign-ins, the yearly review; whoever leaves is out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from attributions.tasks import clear_sessions
from reservations.models import HistoryEntry, PeopleReview, Session, SignIn, User
from reservations.operations.people_review import close_dormant
from reservations.operations.person import close_account, set_password
from reservations.queries.people import open_sessions
from tests.world import MORNING, PASSWORD, World

SignInAs = Callable[[str], Client]
ACCOUNT, HOME, REVIEW = reverse("own-account"), reverse("home"), reverse("people-review")
Act = HistoryEntry.Act
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def enter(name: str, browser: str = FIREFOX) -> Client:
    client = Client(headers={"user-agent": browser})
    assert client.post(reverse("sign-in"), {"email": f"{name}@exemple.test", "password": PASSWORD}).status_code == 302
    return client


def test_a_person_reads_their_sessions_and_closes_the_others_at_once(world: World) -> None:
    here, lost, phone = enter("chloe"), enter("chloe", "curl/8"), enter("chloe")
    page = here.get(ACCOUNT).content.decode()
    assert "3 sessions ouvertes" in page
    assert "Firefox, Windows, depuis le 24 novembre 2026 à 9 h 00" in page
    assert "navigateur inconnu" in page
    assert here.session.session_key not in page, "a key opens the session: it is written nowhere"
    assert lost.session.session_key not in page
    handles = re.findall(r'name="session" value="(\w{16})"', page)
    assert len(handles) == 2
    here.post(reverse("session-end"), {"session": handles[0]})
    assert sorted(each.get(HOME).status_code for each in (lost, phone)) == [200, 302]
    here.post(reverse("session-end"), {"session": "autres"})
    assert [each.get(HOME).status_code for each in (lost, phone, here)] == [302, 302, 200]
    again = here.post(reverse("session-end"), {"session": handles[0]}, follow=True).content.decode()
    assert "Cette session était déjà fermée." in again
    stranger = enter("bob")
    [theirs] = open_sessions(world.people["bob"], this_one=None, now=timezone.now())
    here.post(reverse("session-end"), {"session": theirs.handle})
    assert stranger.get(HOME).status_code == 200, "one closes one's own"


def test_a_password_changed_or_an_account_closed_leaves_no_session(world: World) -> None:
    here, elsewhere, colleague = enter("chloe"), enter("chloe"), enter("aline")
    new = {"current": PASSWORD, "password": "cheval agrafe pile correct"}
    here.post(reverse("person-password", args=[world.people["chloe"].pk]), new)
    assert [here.get(HOME).status_code, elsewhere.get(HOME).status_code] == [200, 302]
    assert Session.objects.filter(user=world.people["chloe"]).count() == 1
    enter("alice").post(reverse("account-close", args=[world.people["aline"].pk]))
    assert colleague.get(HOME).status_code == 302
    assert not Session.objects.filter(user=world.people["aline"]).exists()
    set_password(user=world.people["chloe"], password="une autre phrase", by=None)
    assert not Session.objects.filter(user=world.people["chloe"]).exists()


def test_sign_ins_are_kept_six_months_and_rewritten_by_nobody(world: World) -> None:
    client = enter("chloe")
    assert "mot de passe" in client.get(ACCOUNT).content.decode()
    [row] = SignIn.objects.filter(user=world.people["chloe"])
    assert (row.door, row.factor, row.address, row.browser) == ("PASSWORD", "NONE", "127.0.0.1", FIREFOX)
    for change in (
        lambda: SignIn.objects.update(browser=""),
        lambda: SignIn.objects.all().delete(),
    ):
        with pytest.raises(ProgrammingError, match="never_"), transaction.atomic():
            change()
    SignIn.objects.create(user=row.user, at=MORNING - timedelta(days=190), door="PASSWORD")
    clear_sessions()
    assert list(SignIn.objects.filter(user=row.user)) == [row]


@pytest.fixture
def clock(time_machine) -> Callable[[int], datetime]:  # type: ignore[no-untyped-def]
    """`clock(30)`: thirty days after the morning on which everybody came."""

    def at(days: int) -> datetime:
        moment = MORNING + timedelta(days=days)
        time_machine.move_to(moment, tick=False)
        return moment

    at(0)
    return at


def test_an_account_that_nobody_uses_is_warned_then_closed(world: World, clock: Callable[[int], datetime]) -> None:
    """LegalParameter DORMANT_MONTHS: twelve; DORMANT_WARNING_DAYS: thirty."""
    User.objects.update(last_login=MORNING)
    chloe, bob, adam = (world.people[name] for name in ("chloe", "bob", "adam"))
    assert close_dormant(now=clock(330)) == (0, 0)
    everybody = User.objects.filter(is_active=True).count()
    assert close_dormant(now=clock(340)) == (everybody, 0)
    assert close_dormant(now=clock(341)) == (0, 0), "warned once"
    back = enter("bob")
    assert "Votre compte devait être fermé le 29 novembre 2027" in back.get(HOME).content.decode()
    warned, closed = close_dormant(now=clock(370))
    assert (warned, closed) == (0, everybody - 2), "neither who came back, nor the last administrator"
    assert [User.objects.get(pk=each.pk).is_active for each in (chloe, bob, adam)] == [False, True, True]
    story = HistoryEntry.objects.about(chloe)
    assert [entry.act for entry in story][-2:] == [Act.REVOKED, Act.CLOSED]
    assert story.last().organisations == [world.city.pk]
    answer = Client().post(reverse("sign-in"), {"email": "chloe@exemple.test", "password": PASSWORD})
    assert answer.status_code == 422
    page = enter("adam").get(reverse("people-history")).content.decode()
    assert "Compte fermé : personne ne s’en servait" in page
    assert "Avertissement : sans connexion, le compte sera fermé" in page
    assert "le délai d’un compte sans usage" in page


def test_each_manager_reviews_its_people_once_a_year(
    world: World, sign_in: SignInAs, clock: Callable[[int], datetime]
) -> None:
    alice = sign_in("alice")
    assert "revue annuelle" not in alice.get(HOME).content.decode()
    clock(366 * 2)
    adam, text = sign_in("adam"), "Personne n’a relu depuis un an qui agit comme exploitant"
    assert text in adam.get(HOME).content.decode(), "the operator’s own review is on its home too"
    own = re.findall(r'name="seen" value="(\d+)"', adam.get(REVIEW).content.decode())
    adam.post(REVIEW, {"seen": own})
    assert text not in adam.get(HOME).content.decode()
    alice = sign_in("alice")
    assert "revue annuelle des personnes" in alice.get(HOME).content.decode()
    page = alice.get(REVIEW).content.decode()
    assert "Aucune revue n’a encore été faite." in page
    assert "Aline" in page
    assert "jamais" in page, "Aline never came"
    seen = re.findall(r'name="seen" value="(\d+)"', page)
    assert "relisez-la" in alice.post(REVIEW, {"seen": seen[:1]}).content.decode()
    assert not PeopleReview.objects.exclude(organisation=world.operator).exists()
    assert alice.post(REVIEW, {"seen": seen})["Location"] == reverse("person-list")
    review = PeopleReview.objects.exclude(organisation=world.operator).get()
    names = {(each["person"], each["role"]) for each in review.reviewed}
    people = world.people
    assert names == {(people["alice"].pk, "LANDLORD_MANAGER"), (people["aline"].pk, "LANDLORD_STAFF")}
    for change in (lambda: PeopleReview.objects.update(reviewed=[]), review.delete):
        with pytest.raises(ProgrammingError, match="append_only"), transaction.atomic():
            change()
    assert "revue annuelle" not in alice.get(HOME).content.decode()
    assert "Revue annuelle : chacun garde son rôle" in alice.get(reverse("people-history")).content.decode()
    close_account(person=people["aline"], organisation=None, by=people["adam"])
    assert "par Alice" in alice.get(REVIEW).content.decode()


def test_a_holders_manager_closes_and_reviews_as_a_landlords_does(world: World, sign_in: SignInAs) -> None:
    chloe = world.member("chloe")
    chloe.role = "HOLDER_MANAGER"
    chloe.save()
    assert sign_in("chloe").get(REVIEW).status_code == 200
    assert sign_in("aline").get(REVIEW).status_code == 403
