"""People enter by a link: shown once, for 72 hours, to choose a password that nobody else knows."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reservations.models import Invitation, Membership, Organisation, User
from reservations.operations.invitation import InvitationRefused, invite, offer_new_password, take_invitation
from reservations.operations.party import register_organisation
from reservations.operations.person import close_account, grant_membership
from tests.reader import Reader
from tests.world import PASSWORD, World, siren

SignIn = Callable[[str], Client]
Role = Membership.Role
NEW, LIST, LINK, DOOR, HOME = (
    reverse(name) for name in ("person-new", "person-list", "invitation-link", "invitation", "home")
)
FANNY = {"email": "fanny@exemple.test", "full_name": "Fanny", "role": "LANDLORD_STAFF"}
OWN = "cheval agrafe pile correct"


def address_of(page: str) -> str:
    [address] = re.findall(r'value="https?://[^/]+(/invitation/\?cle=[^"]+)"', html.unescape(page))
    return address


def invited(client: Client, **given: Any) -> str:
    """The address that the manager reads, once."""
    answer = client.post(NEW + given.pop("query", ""), FANNY | given)
    assert answer["Location"] == LINK, answer.content.decode()
    assert client.head(LINK).status_code == 200
    return address_of(client.get(LINK).content.decode())


def test_a_manager_invites_and_the_person_alone_knows_the_password(world: World, sign_in: SignIn) -> None:
    """Shown once; taken once; a common password is refused at its field; the person is in, in its role."""
    alice = sign_in("alice")
    address = invited(alice)
    assert alice.get(LINK)["Location"] == LIST
    assert "fanny@exemple.test" in alice.get(LIST).content.decode()
    fanny = Reader()
    assert fanny.head(address)["Location"] == DOOR
    page = fanny.get(address, follow=True).content.decode()
    assert "Alice vous invite à agir pour Robine Habitat" in page
    assert address.partition("=")[2] not in page
    weak = fanny.post(DOOR, {"password": "motdepasse123"})
    assert (weak.status_code, list(weak.context["form"].errors)) == (422, ["password"])
    assert fanny.post(DOOR, {"password": OWN})["Location"] == HOME
    assert fanny.get(reverse("vacancy-list")).status_code == 200
    user = User.objects.get(email="fanny@exemple.test")
    assert (user.check_password(OWN), user.must_change_password) == (True, False)
    assert [(each.organisation, each.role) for each in user.memberships.all()] == [
        (world.landlord.organisation, "LANDLORD_STAFF")
    ]
    assert Reader().get(address, follow=True).status_code == 404
    assert "Liens transmis" not in alice.get(LIST).content.decode()


def test_a_link_is_worth_nothing_after_72_hours_nor_once_withdrawn_or_replaced(
    world: World, sign_in: SignIn, time_machine: Any
) -> None:
    alice = sign_in("alice")
    first, second = invited(alice), invited(alice)
    assert Reader().get(first, follow=True).status_code == 404
    assert Reader().get(second, follow=True).status_code == 200
    alice.post(reverse("invitation-withdraw", args=[Invitation.objects.latest("pk").pk]))
    gone = Reader().get(second, follow=True)
    assert (gone.status_code, "Ce lien ne vaut plus rien" in gone.content.decode()) == (404, True)
    third = invited(alice)
    opened = Reader()
    opened.get(third)
    time_machine.move_to(timezone.now() + timedelta(hours=72, minutes=1))
    assert opened.post(DOOR, {"password": OWN}).status_code == 404
    assert not User.objects.filter(email="fanny@exemple.test").exists()


def test_all_the_links_that_wait_are_taken_in_one_file_and_made_anew(world: World, sign_in: SignIn) -> None:
    """Thirty people come from a directory: their links are passed on at once, and those given before end."""
    alice = sign_in("alice")
    before = invited(alice)
    invited(alice, email="gil@exemple.test", full_name="Gil")
    answer = alice.post(reverse("invitation-links"))
    assert answer["Content-Type"].startswith("text/csv")
    rows = [line.split(";") for line in answer.content.decode("utf-8-sig").splitlines()]
    assert [(row[0], row[1], row[3]) for row in rows[1:]] == [
        ("Fanny", "fanny@exemple.test", "chargé d’attribution"),
        ("Gil", "gil@exemple.test", "chargé d’attribution"),
    ]
    assert Reader().get(before, follow=True).status_code == 404
    assert Reader().get(rows[1][4], follow=True).status_code == 200


def test_somebody_known_signs_in_and_accepts_and_nobody_takes_the_link_for_them(world: World, sign_in: SignIn) -> None:
    """Emma keeps her account; whoever holds the link without it is asked to sign in, and no role is given."""
    address = invited(sign_in("alice"), email="emma@exemple.test")
    other = Reader()
    page = other.get(address, follow=True).content.decode()
    assert "J’ai déjà un compte" in page
    refused = other.post(DOOR, {"password": OWN})
    assert refused.context["form"].non_field_errors() == [
        "Un compte existe déjà à cette adresse : connectez-vous avec lui, puis acceptez l’invitation."
    ]
    emma = sign_in("emma")
    assert "Vous gardez votre compte" in emma.get(address, follow=True).content.decode()
    assert emma.post(DOOR)["Location"] == HOME
    assert world.people["emma"].memberships.count() == 2
    assert emma.get(HOME).context["member"].organisation == world.landlord.organisation
    assert User.objects.get(pk=world.people["emma"].pk).check_password(PASSWORD)


def test_a_lost_password_is_chosen_anew_by_its_person_through_a_link(world: World, sign_in: SignIn) -> None:
    """Nobody types the password of another; sessions open with the old one close."""
    chloe, adam = sign_in("chloe"), sign_in("adam")
    renew = reverse("person-password", args=[world.people["chloe"].pk])
    assert "Personne ne tape le mot de passe d’un autre" in adam.get(renew).content.decode()
    assert adam.post(renew)["Location"] == LINK
    address = address_of(adam.get(LINK).content.decode())
    assert "nouveau mot de passe" in adam.get(LIST).content.decode()
    opened = Reader()
    assert "Quel sera votre nouveau mot de passe" in opened.get(address, follow=True).content.decode()
    assert opened.post(DOOR, {"password": OWN})["Location"] == HOME
    assert chloe.get(HOME).status_code == 302
    assert User.objects.get(pk=world.people["chloe"].pk).check_password(OWN)


def test_a_closed_account_is_out_at_once_and_comes_back_by_a_link(world: World, sign_in: SignIn) -> None:
    aline, alice = sign_in("aline"), sign_in("alice")
    close = reverse("account-close", args=[world.people["aline"].pk])
    page = alice.post(close, follow=True).content.decode()
    assert "Aline n’agit plus pour Robine Habitat : son compte est fermé." in html.unescape(page)
    assert aline.get(HOME).status_code == 302
    assert "compte fermé" in sign_in("adam").get(LIST).content.decode()
    back = Reader()
    back.get(invited(alice, email="aline@exemple.test", full_name="Aline"))
    assert back.post(DOOR, {"password": OWN})["Location"] == HOME
    assert aline.get(HOME).status_code == 302
    assert world.people["aline"].memberships.get().role == "LANDLORD_STAFF"


def test_closing_takes_back_what_one_gives_and_leaves_what_others_gave(world: World, sign_in: SignIn) -> None:
    """Emma also works for Robine: Alice closes that, and she still acts for her EPCI. Nobody closes oneself."""
    Membership.objects.create(
        user=world.people["emma"], organisation=world.landlord.organisation, role=Role.LANDLORD_STAFF
    )
    alice = sign_in("alice")
    page = alice.post(reverse("account-close", args=[world.people["emma"].pk]), follow=True).content.decode()
    assert "son compte reste ouvert pour ses autres organisations" in page
    assert [each.organisation for each in world.people["emma"].memberships.all()] == [world.epci]
    assert alice.post(reverse("account-close", args=[world.people["alice"].pk])).status_code == 403
    last = sign_in("adam")
    assert not close_account(person=world.people["emma"], organisation=world.city, by=world.people["adam"])
    page = last.post(reverse("account-close", args=[world.people["emma"].pk]), follow=True).content.decode()
    assert "Emma n’agit plus pour personne" in page


def test_a_role_is_changed_in_place_and_only_for_one_that_the_reader_gives(world: World, sign_in: SignIn) -> None:
    alice, aline = sign_in("alice"), world.member("aline")
    change = reverse("membership-role", args=[aline.pk])
    page = alice.post(change, {"role": "LANDLORD_MANAGER"}, follow=True).content.decode()
    assert "Aline agit maintenant pour Robine Habitat comme responsable chez le bailleur." in page
    assert alice.post(change, {"role": "ADMINISTRATOR"}).status_code == 403
    assert "Choisissez un rôle de la liste." in alice.post(change, {"role": "?"}, follow=True).content.decode()
    own = alice.post(reverse("membership-role", args=[world.member("alice").pk]), {"role": "LANDLORD_STAFF"})
    assert (own.status_code, world.member("alice").role) == (302, "LANDLORD_MANAGER")
    assert world.member("aline").role == "LANDLORD_MANAGER"


def manager_of_the_city(world: World) -> None:
    """Chloé answers for her city."""
    Membership.objects.filter(user=world.people["chloe"]).update(role=Role.HOLDER_MANAGER)


def test_a_holders_manager_keeps_its_own_people_and_gives_no_overseeing_role(world: World, sign_in: SignIn) -> None:
    """Whoever reads every account of a territory is let in by the operator first."""
    manager_of_the_city(world)
    chloe = sign_in("chloe")
    assert f'href="{LIST}"' in chloe.get(HOME).content.decode()
    assert chloe.post(NEW, FANNY | {"role": "EPCI_OFFICER"}).status_code == 422
    invited(chloe, role="HOLDER_STAFF")
    assert Invitation.objects.get().organisation == world.city
    Membership.objects.filter(user=world.people["emma"]).update(role=Role.HOLDER_MANAGER)
    emma = sign_in("emma")
    assert [value for value, _ in emma.get(NEW).context["form"].fields["role"].choices] == [
        "HOLDER_STAFF",
        "HOLDER_MANAGER",
    ]
    Membership.objects.create(user=world.people["driss"], organisation=world.epci, role=Role.EPCI_OFFICER)
    assert len(emma.get(NEW).context["form"].fields["role"].choices) == 3
    lost = reverse("person-password", args=[world.people["driss"].pk])
    assert [emma.get(lost).status_code, chloe.get(lost).status_code] == [200, 404]


def test_a_landlord_records_a_holder_from_the_directory_and_invites_its_first_person(
    world: World, sign_in: SignIn
) -> None:
    """Sigean: its SIREN is in the directory. Its manager then invites its own people, and the landlord no longer."""
    alice = sign_in("alice")
    new = reverse("holder-new")
    given = {"kind": "COMMUNE", "territory": "Sigean", "email": "maire@exemple.test", "full_name": "Mairie"}
    assert alice.post(new, given)["Location"] == LINK
    address = address_of(alice.get(LINK).content.decode())
    sigean = Organisation.objects.get(territory=world.places["Sigean"])
    assert (sigean.name, sigean.siren) == ("Ville de Sigean", "211103791")
    listed = alice.get(reverse("holder-list")).content.decode()
    assert ("maire@exemple.test" in listed, f"?pour={sigean.pk}" in listed) == (True, True)
    assert alice.get(f"{NEW}?pour={sigean.pk}").context["own"] == sigean
    assert alice.get(reverse("organisation-correct", args=[sigean.pk])).status_code == 200
    first = Reader()
    first.get(address)
    assert first.post(DOOR, {"password": OWN})["Location"] == HOME
    assert first.get(NEW).status_code == 200
    assert alice.get(f"{NEW}?pour={sigean.pk}").status_code == 404
    assert alice.get(reverse("organisation-correct", args=[sigean.pk])).status_code == 403
    again = alice.post(new, given, follow=True).content.decode()
    assert "Ville de Sigean est déjà enregistrée, avec ce SIREN" in again


def test_a_holder_that_the_directory_does_not_give_wants_its_siren_and_its_name(world: World, sign_in: SignIn) -> None:
    zoe = sign_in("zoe")
    new, holders = reverse("holder-new"), reverse("holder-list")
    assert "Aucun réservataire encore" in zoe.get(holders).content.decode()
    for given, fields in (
        ({"kind": "OTHER"}, {"siren", "name"}),
        ({"kind": "COMMUNE"}, {"territory"}),
        ({"kind": "DEPARTEMENT", "territory": "Hérault"}, {"siren"}),
        ({"kind": "EPCI", "territory": "Béziers Méditerranée", "email": "x@exemple.test"}, {"full_name"}),
        ({"kind": "OTHER", "siren": "123456789", "name": "X"}, {"siren"}),
    ):
        assert set(zoe.post(new, given).context["form"].errors) == fields, given
    assert zoe.post(new, {"kind": "DEPARTEMENT", "territory": "34", "siren": siren(61)})["Location"] == holders
    assert zoe.post(new, {"kind": "EPCI", "territory": "243400769"})["Location"] == holders
    assert sorted(
        Organisation.objects.filter(
            territory__in=[world.places["Hérault"], world.places["Béziers Méditerranée"]]
        ).values_list("name", "siren")
    ) == [
        ("CA de Béziers-Méditerranée", "243400769"),
        ("Département (Hérault)", siren(61)),
    ]


def test_nobody_is_let_into_a_holder_that_another_landlord_deals_with(world: World, sign_in: SignIn) -> None:
    """Robine signed with the city: whoever Zoé would let in would read what is between them."""
    Membership.objects.filter(organisation=world.city).delete()
    assert sign_in("zoe").get(f"{NEW}?pour={world.city.pk}").status_code == 404
    assert sign_in("alice").get(f"{NEW}?pour={world.city.pk}").status_code == 200


def test_a_link_into_an_organisation_that_closed_meanwhile_is_refused(world: World) -> None:
    other = register_organisation(siren=siren(62), name="Hôpital", kind=Organisation.Kind.OTHER)
    _, key = invite(
        email="x@exemple.test",
        full_name="X",
        organisation=other,
        role=Role.HOLDER_STAFF,
        by=world.people["adam"],
        now=timezone.now(),
    )
    Organisation.objects.filter(pk=other.pk).update(closed_on=timezone.localdate())
    client = Reader()
    client.get(f"{DOOR}?cle={key}")
    assert "est fermée depuis" in html.unescape(client.post(DOOR, {"password": OWN}).content.decode())
    assert not User.objects.filter(email="x@exemple.test").exists()


def test_a_link_kept_back_opens_nothing_that_the_person_received_since(world: World) -> None:
    """Whoever made a link for a new password may use it: not to act for an organisation joined in the meantime."""
    aline, now = world.people["aline"], timezone.now()
    _, key = offer_new_password(person=aline, by=world.people["alice"], now=now - timedelta(hours=1))
    grant_membership(user=aline, organisation=world.city, role=Role.HOLDER_STAFF, by=world.people["adam"])
    with pytest.raises(InvitationRefused, match="Vous avez reçu un rôle depuis"):
        take_invitation(key=key, now=now, password=OWN)
    close_account(person=aline, organisation=None, by=world.people["adam"])
    grant_membership(user=aline, organisation=world.city, role=Role.HOLDER_STAFF)
    _, key = invite(
        email=aline.email,
        full_name="Aline",
        organisation=world.landlord.organisation,
        role=Role.LANDLORD_STAFF,
        by=world.people["alice"],
        now=now,
    )
    with pytest.raises(InvitationRefused, match="agit encore pour une autre organisation"):
        take_invitation(key=key, now=now, password=OWN)
