"""People: registering them, and saying for whom they act."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from reservations.models import Membership, Organisation, User
from reservations.refusals import Refusal


@transaction.atomic
def register_user(*, email: str, full_name: str, password: str) -> User:
    """Record a person who may sign in.

    Raises ValidationError when the address is taken or malformed, or the password too weak.
    """
    user = User(email=email.strip(), full_name=full_name.strip())
    validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    user.save()
    return user


class RoleOutOfPlace(Refusal):
    """The role has no meaning in that kind of organisation."""


@transaction.atomic
def grant_membership(*, user: User, organisation: Organisation, role: str) -> Membership:
    """Let a person act for an organisation in a role.

    Raises RoleOutOfPlace, or ValidationError when the person already has it.
    """
    if organisation.kind not in Membership.ORGANISATION_KINDS[Membership.Role(role)]:
        raise RoleOutOfPlace(
            f"Le rôle « {Membership.Role(role).label} » ne convient pas à cette organisation "
            f"({organisation.get_kind_display()}). Choisissez un autre rôle.",
            field="role",
        )
    membership = Membership(user=user, organisation=organisation, role=role)
    membership.full_clean()
    membership.save()
    return membership
