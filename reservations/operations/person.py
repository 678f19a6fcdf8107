"""People: registering them, and saying for whom they act."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError

from reservations.access.passwords import refuse_weak
from reservations.access.sessions import end_sessions
from reservations.models import HistoryEntry, Membership, Organisation, User
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.queries.people import organisations_of
from reservations.refusals import Refusal

Act = HistoryEntry.Act


@atomic
def register_user(
    *, email: str, full_name: str, password: str, organisation: Organisation | None = None, by: User | None = None
) -> User:
    """Record a person who may sign in; the password is not the name of the `organisation` they come to act for.

    A password that somebody typed (`by`) is theirs too, and must be changed; None is a command of the server.

    Raises ValidationError, by field, when the address is taken or malformed, or the password too weak.
    """
    user = User(email=email.strip(), full_name=full_name.strip(), must_change_password=by is not None)
    refuse_weak(password, user, *([] if organisation is None else [organisation.name]))
    user.set_password(password)
    user.full_clean()
    user.save()
    record(user, Act.RECORDED, by=by, organisations=[] if organisation is None else [organisation.pk])
    return user


@atomic
def register_known_elsewhere(*, email: str, full_name: str, organisation: Organisation) -> User:
    """Record a person who signs in through an identity provider, and has no password here.

    Raises ValidationError, by field, when the address is taken or malformed.
    """
    user = User(email=email.strip(), full_name=full_name.strip())
    user.set_unusable_password()
    user.full_clean()
    user.save()
    record(user, Act.RECORDED, by=None, organisations=[organisation.pk])
    return user


class RoleOutOfPlace(Refusal):
    """The role has no meaning in that kind of organisation."""


def check_place(organisation: Organisation, role: str) -> None:
    """Raise RoleOutOfPlace (field « role ») unless the role has a meaning in that organisation."""
    if organisation.kind not in Membership.ROLES[Membership.Role(role)].kinds:
        raise RoleOutOfPlace(
            f"Le rôle « {Membership.Role(role).label} » ne convient pas à cette organisation "
            f"({organisation.get_kind_display()}). Choisissez un autre rôle.",
            field="role",
        )


@atomic
def grant_membership(*, user: User, organisation: Organisation, role: str, by: User | None = None) -> Membership:
    """Let a person act for an organisation in a role; `by` None is a command of the server.

    Raises RoleOutOfPlace (field « role »), or ValidationError when the person already has it.
    """
    check_place(organisation, role)
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


@atomic
def admit_person(
    *,
    email: str,
    full_name: str,
    password: str,
    organisation: Organisation,
    role: str,
    by: User | None,
) -> Membership:
    """Let somebody act for an organisation: registered with a first password, or known already and given one more role.

    An empty `password` says that the person is known; their name and password are then left alone.
    A command of the server; on the screens people come in by a link (`operations/invitation.py`).
    Raises AdmissionRefused, RoleOutOfPlace, or ValidationError by field.
    """
    known = User.objects.at(email).first()
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


@atomic
def revoke_membership(*, membership: Membership, by: User) -> None:
    """Take a role back. What the person did stays under their name; the person may still sign in.

    Raises RevocationRefused for one's own role, and for the last administrator. A role already gone is no error.
    """
    _check_not_own(membership.user_id, by)
    _check_not_last(membership)
    gone, _ = Membership.objects.filter(pk=membership.pk).delete()
    if gone:
        _record_role(membership, Act.REVOKED, by=by)


def _check_not_own(person: int, by: User) -> None:
    if person == by.pk:
        raise RevocationRefused("Vous ne pouvez pas retirer votre propre rôle : demandez-le à une autre personne.")


def _check_not_last(membership: Membership) -> None:
    if membership.is_administrator:
        # All of them, in one order: two administrators cannot take each other's role at the same time.
        administrators = Membership.objects.select_for_update(of=("self",)).filter(role=membership.role).order_by("pk")
        if not any(other.user_id != membership.user_id for other in administrators):
            raise RevocationRefused("C’est le dernier administrateur : nommez-en un autre d’abord.")


@atomic
def change_role(*, membership: Membership, role: str, by: User) -> Membership:
    """Give a person another role in the same organisation, in the place of the one they have.

    Raises RevocationRefused (one's own, the last administrator, gone meanwhile), RoleOutOfPlace, or ValidationError
    when the person has that role too.
    """
    row = Membership.objects.select_for_update(of=("self",)).filter(pk=membership.pk).first()
    if row is None:
        raise RevocationRefused("Ce rôle a été retiré entre-temps : donnez-en un autre à la personne.")
    if row.role == role:
        return row
    _check_not_own(row.user_id, by)
    _check_not_last(row)
    check_place(row.organisation, role)
    _record_role(row, Act.REVOKED, by=by)
    row.role = role
    row.full_clean()
    row.save(update_fields=["role"])
    _record_role(row, Act.GRANTED, by=by)
    return row


@atomic
def close_account(*, person: User, organisation: Organisation | None, by: User) -> bool:
    """Take back every role of a person in an organisation (None: everywhere); without any left, nobody signs in with
    that account, and the sessions open under it are worth nothing. What the person did stays under their name.

    Return whether the account itself closed. Raises RevocationRefused for oneself, and for the last administrator.
    """
    if person.pk == by.pk:
        raise RevocationRefused("Vous ne pouvez pas fermer votre propre compte : demandez-le à une autre personne.")
    return _close(person, organisation, by=by)


def _close(person: User, organisation: Organisation | None, *, by: User | None) -> bool:
    """The act itself; `by` None: nobody used the account, and all of its organisations read it."""
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    concerned = organisations_of(person) if by is None else [] if organisation is None else [organisation.pk]
    roles = person.memberships.select_related("organisation").order_by("pk")
    for membership in roles if organisation is None else roles.filter(organisation=organisation):
        _check_not_last(membership)
        membership.delete()
        _record_role(membership, Act.REVOKED, by=by)
    end_sessions(person)
    if not person.is_active or person.memberships.exists():
        return False
    person.is_active = False
    person.set_unusable_password()  # a session is worth what the password was when it was opened
    person.save(update_fields=["is_active", "password"])
    record(person, Act.CLOSED, by=by, organisations=concerned)
    return True


@atomic
def close_unused(*, person: User, since: datetime) -> bool:
    """Close an account that nobody has used since that moment; False when its person came meanwhile.

    Raises RevocationRefused for the last administrator.
    """
    held = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if held.last_login is not None and held.last_login > since:
        return False
    return _close(held, None, by=None)


@atomic
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
    refuse_weak(password, user)
    user.set_password(password)
    user.must_change_password = not own
    user.save(update_fields=["password", "must_change_password"])
    end_sessions(user)
    record(user, Act.PASSWORD, by=by, organisations=organisations_of(user))


@atomic
def record_first_sign_in(*, user: User) -> None:
    """Somebody enters with a password that somebody else typed: it is written once, whoever it really is."""
    last = HistoryEntry.objects.about(user).filter(act__in=[Act.RECORDED, Act.PASSWORD, Act.SIGNED_IN]).last()
    if user.must_change_password and (last is None or last.act != Act.SIGNED_IN):
        record(user, Act.SIGNED_IN, by=user, organisations=organisations_of(user))


def acknowledge_history(*, user: User, up_to: int) -> None:
    """The person says to have read what was done on their account, up to that act. It never goes back."""
    User.objects.filter(pk=user.pk, told_up_to__lt=up_to).update(told_up_to=up_to)
