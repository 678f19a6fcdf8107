"""The screens of people, roles and passwords."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from reservations.models import Invitation, Membership, User
from reservations.operations.person import grant_membership, register_user
from tests.world import PASSWORD, World

SignIn = Callable[[str], Client]
Role = Membership.Role
LIST, NEW = reverse("person-list"), reverse("person-new")
GOOD_PASSWORD = "narbonne en novembre"
GOOD = {
    "email": "fanny@exemple.test",
    "full_name": "Fanny",
    "role": "LANDLORD_STAFF",
}


def messages_of(answer: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def revoke(membership: Membership) -> str:
    return reverse("membership-revoke", args=[membership.pk])


def password_of(person: User) -> str:
    return reverse("person-password", args=[person.pk])


class TestList:
    @pytest.mark.parametrize(
        ("name", "seen"),
        [
            ("alice", ["Alice", "Aline"]),
            ("zoe", ["Zoe"]),
            ("adam", ["Adam", "Alice", "Aline", "Bob", "Chloe", "Driss", "Emma", "Zoe"]),
        ],
    )
    def test_manager_sees_its_own_people_and_the_administrator_everybody(
        self, sign_in: SignIn, name: str, seen: list[str]
    ) -> None:
        answer = sign_in(name).get(LIST)
        assert [person.full_name for person in answer.context["page"]] == seen
        assert answer.context["total"] == len(seen)

    @pytest.mark.parametrize("name", ["aline", "bob", "chloe", "driss", "emma"])
    def test_others_do_not_see_people(self, sign_in: SignIn, name: str) -> None:
        client = sign_in(name)
        assert [client.get(LIST).status_code, client.get(NEW).status_code, client.post(NEW, GOOD).status_code] == [
            403
        ] * 3
        assert not User.objects.filter(email=GOOD["email"]).exists()

    def test_manager_does_not_see_the_other_roles_of_its_people(self, world: World, sign_in: SignIn) -> None:
        grant_membership(user=world.people["aline"], organisation=world.city, role=Role.HOLDER_STAFF)
        page = sign_in("alice").get(LIST).content.decode()
        assert "Ville de Narbonne" not in page
        assert "Ville de Narbonne" in sign_in("adam").get(LIST).content.decode()

    @pytest.mark.parametrize(
        ("words", "seen"), [("CHLO", ["Chloe"]), ("emma@", ["Emma"]), ("robine", ["Alice", "Aline"]), ("x\x00x", [])]
    )
    def test_words_find_a_name_an_address_or_an_organisation(
        self, sign_in: SignIn, words: str, seen: list[str]
    ) -> None:
        page = sign_in("adam").get(LIST, {"mots": words}).context["page"]
        assert [person.full_name for person in page] == seen

    @pytest.mark.parametrize("count", [1, 12])
    def test_list_costs_the_same_whatever_its_length(
        self, world: World, sign_in: SignIn, count: int, django_assert_num_queries
    ) -> None:
        client = sign_in("alice")
        for number in range(count):
            user = register_user(email=f"p{number}@exemple.test", full_name=f"P{number:02d}", password=GOOD_PASSWORD)
            grant_membership(user=user, organisation=world.landlord.organisation, role=Role.LANDLORD_STAFF)
        with django_assert_num_queries(9):
            answer = client.get(LIST)
        assert len(answer.context["page"].object_list) == 2 + count


class TestNew:
    def test_manager_cannot_choose_another_organisation(self, world: World, sign_in: SignIn) -> None:
        sign_in("alice").post(NEW, GOOD | {"organisation": world.other_landlord.organisation_id})
        assert Invitation.objects.get().organisation == world.landlord.organisation

    @pytest.mark.parametrize("role", ["ADMINISTRATOR", "HOLDER_STAFF", "STATE_OFFICER", "EPCI_OFFICER"])
    def test_manager_cannot_give_a_role_that_is_not_a_landlords(self, sign_in: SignIn, role: str) -> None:
        answer = sign_in("alice").post(NEW, GOOD | {"role": role})
        assert answer.status_code == 422
        assert answer.context["form"].errors == {"role": ["Choisissez un rôle de la liste."]}
        assert not Invitation.objects.exists()

    def test_administrator_chooses_the_organisation(self, world: World, sign_in: SignIn) -> None:
        sign_in("adam").post(NEW, GOOD | {"organisation": world.city.pk, "role": "HOLDER_STAFF"})
        assert Invitation.objects.get().organisation == world.city

    def test_role_out_of_place_is_refused_at_its_field(self, world: World, sign_in: SignIn) -> None:
        answer = sign_in("adam").post(NEW, GOOD | {"organisation": world.city.pk, "role": "LANDLORD_MANAGER"})
        assert answer.status_code == 422
        assert answer.context["form"].errors == {
            "role": [
                "Le rôle « responsable chez le bailleur » ne convient pas à cette organisation (commune). "
                "Choisissez un autre rôle."
            ]
        }
        assert not Invitation.objects.exists()

    @pytest.mark.parametrize(
        ("field", "typed", "sentence"),
        [
            ("email", "", "Écrivez l’adresse électronique de la personne."),
            ("email", "fanny", "Cette adresse n’est pas complète : nom@domaine.fr."),
            ("email", "aline@exemple.test", "Cette personne a déjà ce rôle dans cette organisation."),
            ("full_name", "", "Écrivez le nom de la personne ou du service."),
            ("role", "", "Choisissez un rôle."),
        ],
    )
    def test_bad_input_is_refused_at_its_field_and_nothing_is_written(
        self, sign_in: SignIn, field: str, typed: str, sentence: str
    ) -> None:
        answer = sign_in("alice").post(NEW, GOOD | {field: typed})
        assert answer.status_code == 422
        assert answer.context["form"].errors == {field: [sentence]}
        assert not Invitation.objects.exists()

    @pytest.mark.parametrize("organisation", ["", "x", "0"])
    def test_wrong_organisation_is_refused_at_its_field(self, world: World, sign_in: SignIn, organisation: str) -> None:
        answer = sign_in("adam").post(NEW, GOOD | {"organisation": organisation})
        assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"organisation"})


class TestRevoke:
    def test_role_is_taken_back_and_stated(self, world: World, sign_in: SignIn) -> None:
        answer = sign_in("alice").post(revoke(world.member("aline")))
        assert answer["Location"] == LIST
        assert messages_of(answer) == ["Aline n’agit plus pour Robine Habitat (chargé d’attribution)."]
        assert world.people["aline"].memberships.count() == 0

    def test_own_role_is_refused_with_what_to_do(self, world: World, sign_in: SignIn) -> None:
        answer = sign_in("adam").post(revoke(world.member("adam")))
        assert messages_of(answer) == [
            "Vous ne pouvez pas retirer votre propre rôle : demandez-le à une autre personne."
        ]
        assert world.people["adam"].memberships.count() == 1

    @pytest.mark.parametrize(
        ("name", "status"), [("aline", 404), ("zoe", 404), ("bob", 404), ("chloe", 404), ("emma", 404), ("driss", 404)]
    )
    def test_roles_of_others_are_out_of_reach(self, world: World, sign_in: SignIn, name: str, status: int) -> None:
        assert sign_in(name).post(revoke(world.member("alice"))).status_code == status
        assert world.people["alice"].memberships.count() == 1

    def test_manager_does_not_reach_a_role_elsewhere(self, world: World, sign_in: SignIn) -> None:
        elsewhere = grant_membership(user=world.people["aline"], organisation=world.city, role=Role.HOLDER_STAFF)
        assert sign_in("alice").post(revoke(elsewhere)).status_code == 404
        assert Membership.objects.filter(pk=elsewhere.pk).exists()

    def test_revoking_is_not_a_link(self, world: World, sign_in: SignIn) -> None:
        answer = sign_in("alice").get(revoke(world.member("aline")))
        assert (answer.status_code, answer["Location"]) == (302, reverse("person-list"))
        assert world.people["aline"].memberships.count() == 1

    def test_person_revoked_while_signed_in_acts_for_nobody(self, world: World, sign_in: SignIn) -> None:
        aline = sign_in("aline")
        sign_in("alice").post(revoke(world.member("aline")))
        assert aline.get(reverse("convention-detail", args=[world.conventions["city"].pk])).status_code == 404


class TestPassword:
    def test_one_changes_ones_own_and_stays_in(self, world: World, sign_in: SignIn) -> None:
        client = sign_in("chloe")
        answer = client.post(password_of(world.people["chloe"]), {"current": PASSWORD, "password": GOOD_PASSWORD})
        assert answer["Location"] == reverse("home")
        assert User.objects.get(pk=world.people["chloe"].pk).check_password(GOOD_PASSWORD)
        assert client.get(password_of(world.people["chloe"])).status_code == 200

    def test_person_of_no_organisation_changes_their_own(self, world: World, sign_in: SignIn) -> None:
        answer = sign_in("driss").post(
            password_of(world.people["driss"]), {"current": PASSWORD, "password": GOOD_PASSWORD}
        )
        assert answer.status_code == 302

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"current": "un autre mot de passe", "password": GOOD_PASSWORD}, "current"),
            ({"current": "", "password": GOOD_PASSWORD}, "current"),
            ({"current": PASSWORD, "password": ""}, "password"),
            ({"current": PASSWORD, "password": "court"}, "password"),
            ({"current": PASSWORD, "password": PASSWORD}, "password"),
        ],
    )
    def test_bad_input_is_refused_at_its_field_and_the_old_one_stays(
        self, world: World, sign_in: SignIn, given: dict[str, str], field: str
    ) -> None:
        answer = sign_in("chloe").post(password_of(world.people["chloe"]), given)
        assert (answer.status_code, set(answer.context["form"].errors)) == (422, {field})
        assert given["password"] == "" or f'value="{given["password"]}"' not in answer.content.decode()
        assert User.objects.get(pk=world.people["chloe"].pk).check_password(PASSWORD)

    def test_every_reason_of_a_refusal_is_stated_in_one_place(self, world: World, sign_in: SignIn) -> None:
        """Too short, and known of everybody: sentences apart, in the one element that the field names."""
        answer = sign_in("chloe").post(
            password_of(world.people["chloe"]), {"current": PASSWORD, "password": "azertyuiop"}
        )
        sentences = answer.context["form"].errors["password"]
        assert len(sentences) > 1
        [result] = re.findall(
            r'<p class="err" id="id_password_error">(.*?)</p>', html.unescape(answer.content.decode())
        )
        assert result == " ".join(sentences)

    @pytest.mark.parametrize("name", ["alice", "aline", "bob", "driss", "emma", "zoe"])
    def test_password_of_others_is_out_of_reach(self, world: World, sign_in: SignIn, name: str) -> None:
        client, url = sign_in(name), password_of(world.people["chloe"])
        assert [client.get(url).status_code, client.post(url).status_code] == [404, 404]
        assert User.objects.get(pk=world.people["chloe"].pk).check_password(PASSWORD)


def test_manager_reaches_people_programmes_and_mode_from_every_page(world: World, sign_in: SignIn) -> None:
    links = [f'href="{reverse(name)}"' for name in ("person-list", "programme-list", "routing-policy")]
    for name, sees in (("alice", True), ("aline", False), ("chloe", False)):
        page = sign_in(name).get(reverse("vacancy-list")).content.decode()
        assert [link in page for link in links] == [sees] * 3, name
