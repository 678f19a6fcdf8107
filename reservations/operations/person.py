"""People: registering them, and saying for whom they act."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from reservations.access.strength import refuse_names
from reservations.models import HistoryEntry, Membership, Organisation, User
from reservations.operations.history import record
from reservations.queries.people import organisations_of
from reservations.refusals import Refusal

Act = HistoryEntry.Act


@transaction.atomic
def register_user(
    *, email: str, full_name: str, password: str, organisation: Organisation | None = None, by: User | None = None
) -> User:
    """Record a person who may sign in; the password is not the name of the `organisation` they come to act for.

    A password that somebody typed (`by`) is theirs too, and must be changed; None is a command of the server.

    Raises ValidationError, by field, when the address is taken or malformed, or the password too weak.
    """
    user = User(email=email.strip(), full_name=full_name.strip(), must_change_password=by is not None)
    _check_strength(password, user, organisation)
    user.set_password(password)
    user.full_clean()
    user.save()
    record(user, Act.RECORDED, by=by, organisations=[] if organisation is None else [organisation.pk])
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
def grant_membership(*, user: User, organisation: Organisation, role: str, by: User | None = None) -> Membership:
    """Let a person act for an organisation in a role; `by` None is a command of the server.

    Raises RoleOutOfPlace (field « role »), or ValidationError when the person already has it.
    """
    if organisation.kind not in Membership.ROLES[Membership.Role(role)].kinds:
        raise RoleOutOfPlace(
            f"Le rôle « {Membership.Role(role).label} » ne convient pas à cette organisation "
            f"({organisation.get_kind_display()}). Choisissez un autre rôle.",
            field="role",
        )
    membership = Membership(user=user, organisation=organisation, role=role)
    membership.full_clean()
    membership.save()
    _record_role(membership, Act.GRANTED, by=by)
    return membership


def _record_role(membership: Membership, act: HistoryEntry.Act, *, by: User | None) -> None:
    """In the person's history, for the people of that organisation: those of another do not learn of it."""
    given = {"organisation": membership.organisation.name, "role": membership.role}
    details = {name: [None, value] if act == Act.GRANTED else [value, None] for name, value in given.items()}
    record(membership.user, act, by=by, details=details, organisations=[membership.organisation_id])


class AdmissionRefused(Refusal):
    """The person cannot be admitted as asked."""


@transaction.atomic
def admit_person(
    *,
    email: str,
    full_name: str,
    password: str,
    organisation: Organisation,
    role: str,
    by: User | None,
    attach: bool = True,
) -> Membership:
    """Let somebody act for an organisation: registered with a first password, or known already and given one more role.

    An empty `password` says that the person is known; their name and password are then left alone.
    Without `attach` (whoever admits is no administrator), somebody known out of this organisation is refused in one
    sentence, whatever the password. Raises AdmissionRefused, RoleOutOfPlace, or ValidationError by field.
    """
    known = User.objects.at(email).first()
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
    user = known or register_user(email=email, full_name=full_name, password=password, organisation=organisation, by=by)
    return grant_membership(user=user, organisation=organisation, role=role, by=by)


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
    gone, _ = Membership.objects.filter(pk=membership.pk).delete()
    if gone:
        _record_role(membership, Act.REVOKED, by=by)


@transaction.atomic
def set_password(*, user: User, password: str, by: User | None) -> None:
    """Give a person a new password; their other sessions close. One typed by somebody else must then be changed.

    `by` None is a command of the server.
    Raises ValidationError when it is too weak, one’s own already, or still the one that somebody else typed.
    """
    own = by is not None and by.pk == user.pk
    if own and user.must_change_password and user.check_password(password):
        raise ValidationError({"password": "C’est celui qui vous a été donné : quelqu’un d’autre le connaît."})
    if own and user.check_password(password):
        raise ValidationError({"password": "C’est votre mot de passe actuel : choisissez-en un autre."})
    _check_strength(password, user)
    user.set_password(password)
    user.must_change_password = not own
    user.save(update_fields=["password", "must_change_password"])
    record(user, Act.PASSWORD, by=by, organisations=organisations_of(user))


@transaction.atomic
def record_first_sign_in(*, user: User) -> None:
    """Somebody enters with a password that somebody else typed: it is written once, whoever it really is."""
    last = HistoryEntry.objects.about(user).filter(act__in=[Act.RECORDED, Act.PASSWORD, Act.SIGNED_IN]).last()
    if user.must_change_password and (last is None or last.act != Act.SIGNED_IN):
        record(user, Act.SIGNED_IN, by=user, organisations=organisations_of(user))


def acknowledge_history(*, user: User, up_to: int) -> None:
    """The person says to have read what was done on their account, up to that act. It never goes back."""
    User.objects.filter(pk=user.pk, told_up_to__lt=up_to).update(told_up_to=up_to)
