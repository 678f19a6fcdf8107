"""People: registering them, and saying for whom they act."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from reservations.access.strength import refuse_names
from reservations.models import Membership, Organisation, User
from reservations.refusals import Refusal


@transaction.atomic
def register_user(*, email: str, full_name: str, password: str, organisation: Organisation | None = None) -> User:
    """Record a person who may sign in; the password is not the name of the `organisation` they come to act for.

    Raises ValidationError, by field, when the address is taken or malformed, or the password too weak.
    """
    user = User(email=email.strip(), full_name=full_name.strip())
    _check_strength(password, user, organisation)
    user.set_password(password)
    user.full_clean()
    user.save()
    return user


def _check_strength(password: str, user: User, organisation: Organisation | None = None) -> None:
    """Raise ValidationError on the field « password » when it is too weak for this person."""
    try:
        validate_password(password, user)
        if organisation is not None:
            refuse_names(password, organisation.name)
    except ValidationError as weak:
        raise ValidationError({"password": weak.messages}) from weak


class RoleOutOfPlace(Refusal):
    """The role has no meaning in that kind of organisation."""


@transaction.atomic
def grant_membership(*, user: User, organisation: Organisation, role: str) -> Membership:
    """Let a person act for an organisation in a role.

    Raises RoleOutOfPlace (field « role »), or ValidationError when the person already has it.
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


class AdmissionRefused(Refusal):
    """The person cannot be admitted as asked."""


@transaction.atomic
def admit_person(
    *, email: str, full_name: str, password: str, organisation: Organisation, role: str, attach: bool = True
) -> Membership:
    """Let somebody act for an organisation: registered with a first password, or known already and given one more role.

    An empty `password` says that the person is known; their name and password are then left alone.
    Without `attach` (whoever admits is no administrator), somebody known out of this organisation is refused in one
    sentence, whatever the password. Raises AdmissionRefused, RoleOutOfPlace, or ValidationError by field.
    """
    known = User.objects.filter(email__iexact=email.strip()).first()
    if known is not None and not attach and not known.memberships.filter(organisation=organisation).exists():
        raise AdmissionRefused(
            "Cette adresse ne peut pas être ajoutée ici : demandez à l’administrateur d’Équiflux de rattacher cette "
            "personne.",
            field="email",
        )
    if known is None and not password:
        raise AdmissionRefused(
            "Personne n’a encore de compte à cette adresse : donnez un premier mot de passe, ou corrigez l’adresse.",
            field="password",
        )
    if known is not None and password:
        raise AdmissionRefused(
            "Cette personne a déjà un compte : laissez le mot de passe vide, elle garde le sien.", field="password"
        )
    user = known or register_user(email=email, full_name=full_name, password=password, organisation=organisation)
    return grant_membership(user=user, organisation=organisation, role=role)


class RevocationRefused(Refusal):
    """Taking this role back would lock somebody out."""


@transaction.atomic
def revoke_membership(*, membership: Membership, by: User) -> None:
    """Take a role back. What the person did stays under their name; the person may still sign in.

    Raises RevocationRefused for one's own role, and for the last administrator. A role already gone is no error.
    """
    if membership.user_id == by.pk:
        raise RevocationRefused("Vous ne pouvez pas retirer votre propre rôle : demandez-le à une autre personne.")
    if membership.is_administrator:
        # All of them, in one order: two administrators cannot take each other's role at the same time.
        administrators = Membership.objects.select_for_update(of=("self",)).filter(role=membership.role).order_by("pk")
        if not any(other.user_id != membership.user_id for other in administrators):
            raise RevocationRefused("C’est le dernier administrateur : nommez-en un autre d’abord.")
    Membership.objects.filter(pk=membership.pk).delete()


@transaction.atomic
def set_password(*, user: User, password: str) -> None:
    """Give a person a new password; their other sessions close. Raises ValidationError when it is too weak."""
    _check_strength(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
