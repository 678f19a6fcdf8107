"""Signing in and out, and changing organisation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from reservations.middleware import SESSION_KEY
from reservations.models import Membership, Organisation, SignIn, User
from reservations.operations.party import register_organisation
from reservations.operations.person import grant_membership, revoke_membership
from tests.reader import Reader
from tests.world import MORNING, PASSWORD, World, siren

SIGN_IN = reverse("sign-in")
WRONG = "Cette adresse et ce mot de passe ne vont pas ensemble"


def enter(client: Client, email: str = "chloe@exemple.test", password: str = PASSWORD, **more: str) -> HttpResponse:
    return client.post(SIGN_IN, {"email": email, "password": password} | more)


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("email", ["chloe@exemple.test", " CHLOE@Exemple.test "])
def test_right_password_opens_the_home_page(world: World, email: str) -> None:
    client = Reader()
    answer = enter(client, email)
    assert (answer.status_code, answer["Location"]) == (302, reverse("home"))
    assert client.session["_auth_user_id"] == str(world.people["chloe"].pk)


@pytest.mark.parametrize(
    ("email", "password"),
    [("chloe@exemple.test", "un autre mot de passe"), ("personne@exemple.test", PASSWORD)],
)
def test_wrong_address_and_wrong_password_get_the_same_answer(world: World, email: str, password: str) -> None:
    client = Reader()
    answer = enter(client, email, password)
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors() == [
        "Cette adresse et ce mot de passe ne vont pas ensemble. Vérifiez les deux, majuscules comprises, puis "
        "recommencez."
    ]
    assert f'value="{email}"' in answer.content.decode()
    assert "<title>Erreur : Se connecter" in answer.content.decode()
    assert not signed_in(client)


def test_tests_open_the_session_that_the_sign_in_page_opens(
    world: World, sign_in: Callable[[str], Client], time_machine: Any
) -> None:
    """What every other test of a page begins with (tests/signing_in.py), and what it stands for."""
    time_machine.move_to(MORNING, tick=False)
    by_the_page, by_the_tests = Reader(), sign_in("chloe")
    rows = list(SignIn.objects.values("user", "at", "door", "factor", "address", "browser"))
    enter(by_the_page)
    assert dict(by_the_tests.session.items()) == dict(by_the_page.session.items())
    assert list(SignIn.objects.values(*rows[0])) == rows * 2
    assert User.objects.get(email="chloe@exemple.test").last_login == MORNING


def test_person_who_may_no_longer_sign_in_gets_the_same_answer(world: World) -> None:
    User.objects.filter(pk=world.people["chloe"].pk).update(is_active=False)
    client = Reader()
    assert WRONG in enter(client).content.decode()
    assert not signed_in(client)


def test_empty_form_says_what_to_write_at_each_field(world: World) -> None:
    answer = enter(Reader(), "", "")
    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "email": ["Écrivez votre adresse électronique."],
        "password": ["Écrivez votre mot de passe."],
    }


def test_null_character_is_refused_at_its_field(world: World) -> None:
    answer = enter(Reader(), "chloe\x00@exemple.test", "mot\x00")
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"email", "password"})


def test_person_of_no_organisation_signs_in(world: World) -> None:
    client = Reader()
    assert enter(client, "driss@exemple.test")["Location"] == reverse("home")
    assert signed_in(client)


def test_eighth_wrong_trial_locks_and_says_for_how_long(world: World) -> None:
    client = Reader()
    assert [enter(client, password="faux").status_code for _ in range(7)] == [422] * 7
    locked = enter(client, password="faux")
    assert locked.status_code == 429
    assert "Dans 15 minutes : 8 essais ont échoué d’ici pour chloe@exemple.test." in locked.content.decode()
    assert locked["Retry-After"] == "900"
    assert enter(client).status_code == 429
    assert not signed_in(client)
    assert enter(Reader(), "emma@exemple.test").status_code == 302


def test_trials_are_counted_whatever_the_case_of_the_address(world: World) -> None:
    spellings = ["chloe@exemple.test", "CHLOE@exemple.test", " Chloe@exemple.test"]
    codes = [enter(Reader(), spellings[trial % 3], "faux").status_code for trial in range(8)]
    assert codes == [422] * 7 + [429]


def test_success_forgets_the_trials_before_it(world: World) -> None:
    for _ in range(7):
        enter(Reader(), password="faux")
    assert enter(Reader()).status_code == 302
    assert enter(Reader(), password="faux").status_code == 422


def test_next_page_is_kept_from_the_address_to_the_form_and_followed(world: World) -> None:
    client = Reader()
    wanted = reverse("convention-detail", args=[world.conventions["city"].pk])
    sent_here = client.get(wanted)
    assert sent_here["Location"] == f"{SIGN_IN}?next={wanted}"
    assert f'name="next" value="{wanted}"' in client.get(sent_here["Location"]).content.decode()
    assert f'name="next" value="{wanted}"' in enter(client, password="faux", next=wanted).content.decode()
    assert enter(client, next=wanted)["Location"] == wanted


@pytest.mark.parametrize(
    "evil", ["https://ailleurs.example/", "//ailleurs.example", "javascript:alert(1)", "http:///ailleurs.example"]
)
def test_next_page_elsewhere_is_ignored(world: World, evil: str) -> None:
    client = Reader()
    assert client.get(SIGN_IN, {"next": evil}).context["next"] == ""
    assert enter(client, next=evil)["Location"] == reverse("home")


def test_whoever_is_already_in_goes_on(sign_in: Callable[[str], Client]) -> None:
    client = sign_in("chloe")
    assert client.get(SIGN_IN)["Location"] == reverse("home")
    assert client.get(SIGN_IN, {"next": reverse("convention-list")})["Location"] == reverse("convention-list")


def test_page_shows_the_example_and_the_way_to_the_rule(world: World) -> None:
    page = Reader().get(SIGN_IN).content.decode()
    assert page.count('<svg class="gap"') == 4
    assert f'href="{reverse("rule")}"' in page
    assert "Demandez un lien au responsable de votre organisation, ou à l’administrateur d’Équiflux" in page


def test_demonstration_lists_its_accounts_and_each_opens(world: World, settings: LazySettings) -> None:
    from reservations.queries.parties import DEMO_PASSWORD

    settings.DEMO = True
    chloe = world.people["chloe"]
    chloe.email = "logement@narbonne.example"
    chloe.set_password(DEMO_PASSWORD)
    chloe.save()
    client = Reader()
    answer = client.get(SIGN_IN)
    assert [(account.login, purpose) for account, purpose in answer.context["accounts"]] == [
        ("logement@narbonne.example", "Réservataire : reçoit des logements, vérifie son compte")
    ]
    assert 'Entrer<span class="vh"> comme Chloe, Ville de Narbonne</span>' in answer.content.decode()
    assert enter(client, "logement@narbonne.example", DEMO_PASSWORD).status_code == 302


def test_without_the_demonstration_no_account_and_no_password_is_shown(world: World) -> None:
    User.objects.filter(pk=world.people["chloe"].pk).update(email="logement@narbonne.example")
    page = Reader().get(SIGN_IN).content.decode()
    assert "demonstration-2026" not in page
    assert "narbonne.example" not in page


def test_sign_out_closes_the_session_and_says_so(sign_in: Callable[[str], Client]) -> None:
    client = sign_in("chloe")
    answer = client.post(reverse("sign-out"), follow=True)
    assert answer.redirect_chain == [(SIGN_IN, 302)]
    assert "Votre session est fermée." in answer.content.decode()
    assert not signed_in(client)
    left = sign_in("chloe").post(reverse("sign-out"))
    assert left["Clear-Site-Data"] == '"cache", "storage"', "OWASP ASVS 5.0, 14.3.1"


def test_sign_out_of_a_session_that_has_expired_is_no_error(world: World) -> None:
    assert Reader().post(reverse("sign-out"))["Location"] == SIGN_IN


@pytest.mark.parametrize(("name", "back"), [("sign-out", "sign-in"), ("switch-organisation", "home")])
def test_acts_are_not_links(sign_in: Callable[[str], Client], name: str, back: str) -> None:
    client = sign_in("chloe")
    answer = client.get(reverse(name))
    assert (answer.status_code, answer["Location"]) == (302, reverse(back))
    assert signed_in(client)


@pytest.mark.parametrize("person", ["chloe", None])
def test_page_opened_before_the_last_sign_in_says_so_in_french(world: World, person: str | None) -> None:
    """Its token is of another session; whoever is signed in keeps their navigation."""
    client = Reader(enforce_csrf_checks=True)
    if person:
        client.force_login(world.people[person], backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(reverse("switch-organisation"), {"csrfmiddlewaretoken": "a" * 64})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Cette page a été ouverte avant votre dernière connexion : rien n’est enregistré." in page
    assert "Revenez à la page précédente, rechargez-la, puis recommencez." in page
    assert f'<a class="btn" href="{reverse("home")}">' in page
    assert ("Navigation principale" in page) is (person is not None)


def test_page_of_somebody_else_says_whom_to_ask(sign_in: Callable[[str], Client]) -> None:
    answer = sign_in("chloe").get(reverse("organisation-list"))
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Cette page, ou cet acte, revient à une autre organisation ou à un autre rôle." in page
    assert "demandez le rôle au responsable de votre organisation, ou à l’administrateur d’Équiflux" in page


def test_page_that_another_of_ones_organisations_may_open_says_to_change(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    """Emma acts for the EPCI; she is an administrator too."""
    own = world.member("emma")
    grant_membership(user=own.user, organisation=world.operator, role=Membership.Role.ADMINISTRATOR)
    client = sign_in("emma")
    client.post(reverse("switch-organisation"), {"membership": own.pk})
    page = client.get(reverse("legal-parameter-list"))
    assert page.status_code == 403
    assert "Si elle revient à une autre de vos organisations, ouvrez-la pour elle." in page.content.decode()
    assert "demandez le rôle au responsable" not in page.content.decode()


def test_a_link_to_a_page_of_another_of_ones_organisations_is_opened_for_it(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    """Emma signs in from a link of a mail to the landlord, and acts for the EPCI first: the page stated that it does
    not exist, and changing organisation led home."""
    own = world.member("emma")
    other = grant_membership(
        user=own.user, organisation=world.landlord.organisation, role=Membership.Role.LANDLORD_MANAGER
    )
    there = f"{reverse('unit-detail', args=[world.unit().pk])}?de=courriel"
    client = Reader()
    answer = enter(client, "emma@exemple.test", next=there)
    assert answer["Location"] == there
    client.post(reverse("switch-organisation"), {"membership": own.pk})
    page = client.get(there)
    html = page.content.decode()
    assert page.status_code == 404
    assert "elle n’est pas pour le Grand Narbonne, pour qui vous agissez" in html
    assert f'<input type="hidden" name="next" value="{there}">' in html
    assert html.count('name="next"') == 1, "one of two organisations: the other"
    on = client.post(reverse("switch-organisation"), {"membership": other.pk, "next": there}, follow=True)
    assert (on.status_code, on.redirect_chain) == (200, [(there, 302)])


def test_a_page_that_does_not_exist_offers_nothing_to_who_acts_for_one(sign_in: Callable[[str], Client]) -> None:
    page = sign_in("chloe").get("/nulle-part/").content.decode()
    assert "Cette page n’existe pas, ou elle n’est pas pour vous." in page
    assert "Ouvrir cette page pour une autre organisation" not in page


def test_person_of_two_organisations_changes_hat(world: World, sign_in: Callable[[str], Client]) -> None:
    other = grant_membership(user=world.people["emma"], organisation=world.epci, role=Membership.Role.HOLDER_STAFF)
    client = sign_in("emma")
    answer = client.post(reverse("switch-organisation"), {"membership": other.pk})
    assert answer["Location"] == reverse("home")
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "Vous agissez maintenant pour le Grand Narbonne (réservataire)."
    ]
    assert client.session[SESSION_KEY] == other.pk
    assert client.get(reverse("convention-list")).context["counts"].in_force == 1


@pytest.mark.parametrize("given", ["someone else's", "", "x", "999999999999999999999"])
def test_hat_of_somebody_else_is_refused(world: World, sign_in: Callable[[str], Client], given: str) -> None:
    if given == "someone else's":
        given = str(world.member("alice").pk)
    client = sign_in("emma")
    assert client.post(reverse("switch-organisation"), {"membership": given}).status_code == 403
    assert client.session[SESSION_KEY] == world.member("emma").pk


def test_open_session_is_not_captured_by_a_membership_added_by_somebody_else(world: World) -> None:
    """« AAA » sorts before the prefecture: it would be Bob's first membership."""
    bob, own = world.people["bob"], world.member("bob")
    client = Reader()
    enter(client, "bob@exemple.test")
    assert client.session[SESSION_KEY] == own.pk
    another = register_organisation(siren=siren(60), name="AAA", kind=Organisation.Kind.OTHER)
    grant_membership(user=bob, organisation=another, role=Membership.Role.HOLDER_STAFF)
    assert client.get(reverse("home")).context["member"] == own
    assert client.session[SESSION_KEY] == own.pk


def test_membership_taken_by_a_session_without_one_is_kept(world: World) -> None:
    bob, own = world.people["bob"], world.member("bob")
    client = Reader()
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session.pop(SESSION_KEY, None)
    session.save()
    assert client.get(reverse("home")).context["member"] == own
    another = register_organisation(siren=siren(60), name="AAA", kind=Organisation.Kind.OTHER)
    grant_membership(user=bob, organisation=another, role=Membership.Role.HOLDER_STAFF)
    assert client.get(reverse("home")).context["member"] == own


def test_act_after_the_acting_membership_was_taken_back_is_refused_and_home_asks_for_whom(world: World) -> None:
    """Alice manages two landlords; her role at the first is revoked between two clicks."""
    alice, acting = world.people["alice"], world.member("alice")
    other = grant_membership(
        user=alice, organisation=world.other_landlord.organisation, role=Membership.Role.LANDLORD_MANAGER
    )
    client = Reader()
    enter(client, "alice@exemple.test")
    assert client.session[SESSION_KEY] == acting.pk
    revoke_membership(membership=acting, by=world.people["adam"])
    before = User.objects.count()
    newcomer = {"email": "n@exemple.test", "full_name": "N", "role": "LANDLORD_STAFF", "password": PASSWORD}
    assert client.post(reverse("person-new"), newcomer).status_code == 403
    assert User.objects.count() == before
    page = client.get(reverse("home"))
    assert page.context["member"] is None
    assert "Pour qui voulez-vous agir" in page.content.decode()
    assert page.content.decode().count(f'value="{other.pk}"') == 2  # on the page, and under the hat
    client.post(reverse("switch-organisation"), {"membership": other.pk})
    assert client.get(reverse("home")).context["member"] == other


@pytest.mark.parametrize("place", ["abc", "99999", "-1", "🏠"])
def test_next_that_is_no_path_leads_home(world: World, place: str) -> None:
    client = Reader()
    client.force_login(world.people["chloe"], backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("sign-in"), {"next": place})
    assert (page.status_code, page["Location"]) == (302, reverse("home"))
