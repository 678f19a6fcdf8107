"""People, roles and passwords."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from reservations.models import Membership, Organisation, User
from reservations.operations.person import (
    AdmissionRefused,
    RevocationRefused,
    RoleOutOfPlace,
    admit_person,
    grant_membership,
    register_user,
    revoke_membership,
    set_password,
)
from tests.world import PASSWORD, World

Role = Membership.Role
Kind = Organisation.Kind
GOOD = "narbonne en novembre"


def admit(world: World, **given: object) -> Membership:
    return admit_person(
        **{
            "email": "fanny@exemple.test",
            "full_name": "Fanny",
            "password": GOOD,
            "organisation": world.city,
            "role": Role.HOLDER_STAFF,
            "by": None,
        }
        | given
    )


@pytest.mark.django_db
def test_registered_person_may_sign_in_whatever_the_case_of_the_address() -> None:
    register_user(email=" Fanny@exemple.test ", full_name=" Fanny ", password=GOOD)
    user = User.objects.get_by_natural_key("FANNY@exemple.test")
    assert (user.full_name, user.check_password(GOOD), user.is_active) == ("Fanny", True, True)


@pytest.mark.django_db
@pytest.mark.parametrize("weak", ["court", "fanny@exemple.test", "123456789987654321"])
def test_weak_password_is_refused_at_its_field(weak: str) -> None:
    with pytest.raises(ValidationError) as refused:
        register_user(email="fanny@exemple.test", full_name="Fanny", password=weak)
    assert set(refused.value.error_dict) == {"password"}
    assert not User.objects.exists()


@pytest.mark.django_db
def test_malformed_address_is_refused_at_its_field() -> None:
    with pytest.raises(ValidationError) as refused:
        register_user(email="fanny", full_name="Fanny", password=GOOD)
    assert set(refused.value.error_dict) == {"email"}


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["ſmith@exemple.test", "smıth@exemple.test", "smith@exemplé.test"])
def test_an_address_out_of_ascii_is_refused_at_its_field(email: str) -> None:
    """« ſ » is an S in PostgreSQL's capitals: two accounts would read alike."""
    with pytest.raises(ValidationError) as refused:
        register_user(email=email, full_name="Fanny", password=GOOD)
    assert refused.value.message_dict == {
        "email": ["Écrivez cette adresse sans accent, en lettres simples (a à z) : nom@domaine.fr."]
    }


def test_every_role_has_its_kinds_of_organisation() -> None:
    assert set(Membership.ROLES) == set(Role)


@pytest.mark.parametrize(
    ("organisation", "allowed"),
    [
        ("landlord", {Role.LANDLORD_STAFF, Role.LANDLORD_MANAGER}),
        ("state", {Role.STATE_OFFICER, Role.HOLDER_STAFF, Role.HOLDER_MANAGER}),
        ("city", {Role.HOLDER_STAFF, Role.HOLDER_MANAGER}),
        ("epci", {Role.EPCI_OFFICER, Role.HOLDER_STAFF, Role.HOLDER_MANAGER}),
        ("als", {Role.HOLDER_STAFF, Role.HOLDER_MANAGER}),
        ("operator", {Role.ADMINISTRATOR}),
    ],
)
def test_roles_have_a_meaning_in_some_organisations_only(world: World, organisation: str, allowed: set[str]) -> None:
    where = world.landlord.organisation if organisation == "landlord" else getattr(world, organisation)
    for role in allowed:
        assert grant_membership(user=world.people["driss"], organisation=where, role=role).role == role
    for role in set(Role) - allowed:
        with pytest.raises(RoleOutOfPlace) as refused:
            grant_membership(user=world.people["driss"], organisation=where, role=role)
        assert refused.value.field == "role"
        assert str(refused.value).startswith(f"Le rôle « {role.label} » ne convient pas à cette organisation")


def test_same_role_twice_is_refused(world: World) -> None:
    with pytest.raises(ValidationError, match=r"a déjà ce rôle dans cette organisation"):
        grant_membership(user=world.people["chloe"], organisation=world.city, role=Role.HOLDER_STAFF)


def test_newcomer_is_registered_and_given_the_role(world: World) -> None:
    membership = admit(world)
    assert (membership.user.email, membership.organisation, membership.role) == (
        "fanny@exemple.test",
        world.city,
        "HOLDER_STAFF",
    )
    assert membership.user.check_password(GOOD)


def test_known_person_keeps_name_and_password_and_gets_one_more_role(world: World) -> None:
    membership = admit(world, email="EMMA@exemple.test", full_name="Autre", password="", organisation=world.epci)
    emma = world.people["emma"]
    emma.refresh_from_db()
    assert membership.user == emma
    assert (emma.full_name, emma.check_password(PASSWORD), emma.memberships.count()) == ("Emma", True, 2)


def test_password_for_a_known_person_is_refused(world: World) -> None:
    with pytest.raises(AdmissionRefused, match=r"a déjà un compte") as refused:
        admit(world, email="emma@exemple.test", organisation=world.epci)
    assert refused.value.field == "password"
    assert world.people["emma"].memberships.count() == 1


def test_newcomer_without_password_is_refused(world: World) -> None:
    with pytest.raises(AdmissionRefused, match=r"donnez un premier mot de passe") as refused:
        admit(world, password="")
    assert refused.value.field == "password"


def test_role_out_of_place_leaves_no_newcomer_behind(world: World) -> None:
    with pytest.raises(RoleOutOfPlace):
        admit(world, role=Role.LANDLORD_MANAGER)
    assert not User.objects.filter(email="fanny@exemple.test").exists()


def test_revoked_role_is_gone_and_the_person_stays(world: World) -> None:
    revoke_membership(membership=world.member("aline"), by=world.people["alice"])
    aline = User.objects.get(pk=world.people["aline"].pk)
    assert (aline.memberships.count(), aline.is_active) == (0, True)


def test_own_role_is_not_revoked(world: World) -> None:
    with pytest.raises(RevocationRefused, match=r"^Vous ne pouvez pas retirer votre propre rôle"):
        revoke_membership(membership=world.member("alice"), by=world.people["alice"])
    assert world.people["alice"].memberships.count() == 1


def test_last_administrator_stays(world: World) -> None:
    with pytest.raises(RevocationRefused, match=r"^C’est le dernier administrateur"):
        revoke_membership(membership=world.member("adam"), by=world.people["alice"])
    assert world.people["adam"].memberships.count() == 1


def test_one_administrator_of_two_may_go(world: World) -> None:
    grant_membership(user=world.people["driss"], organisation=world.operator, role=Role.ADMINISTRATOR)
    revoke_membership(membership=world.member("adam"), by=world.people["driss"])
    assert world.people["adam"].memberships.count() == 0


def test_role_already_revoked_is_no_error(world: World) -> None:
    membership = world.member("aline")
    revoke_membership(membership=membership, by=world.people["alice"])
    revoke_membership(membership=membership, by=world.people["alice"])


def test_new_password_replaces_the_old(world: World) -> None:
    set_password(user=world.people["chloe"], password=GOOD, by=world.people["chloe"])
    chloe = User.objects.get(pk=world.people["chloe"].pk)
    assert (chloe.check_password(GOOD), chloe.check_password(PASSWORD)) == (True, False)


def test_weak_new_password_is_refused_and_the_old_one_stays(world: World) -> None:
    with pytest.raises(ValidationError) as refused:
        set_password(user=world.people["chloe"], password="court", by=world.people["chloe"])
    assert set(refused.value.error_dict) == {"password"}
    assert User.objects.get(pk=world.people["chloe"].pk).check_password(PASSWORD)
