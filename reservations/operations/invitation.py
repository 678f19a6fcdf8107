"""Letting people in by a link: made by whoever answers for the organisation, taken by the person, who alone knows the
password."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.urls import reverse

from reservations.access.passwords import refuse_weak
from reservations.access.sessions import end_sessions
from reservations.models import HistoryEntry, Invitation, Membership, Organisation, User
from reservations.models.person import spelling
from reservations.models.session import LASTS, OWN_LASTS, digest_of, new_key
from reservations.models.wall import atomic
from reservations.operations.history import post, record
from reservations.operations.person import check_place, grant_membership, register_known_elsewhere, register_user
from reservations.queries.people import organisations_of
from reservations.refusals import Refusal
from reservations.words import towards

Act = HistoryEntry.Act


def link_path(key: str) -> str:
    """The address, in this site, of a link."""
    return f"{reverse('invitation')}?cle={key}"


class InvitationRefused(Refusal):
    """The link cannot be made, or taken, as asked."""


@atomic
def invite(
    *, email: str, full_name: str, organisation: Organisation, role: str, by: User, now: datetime
) -> tuple[Invitation, str]:
    """Make the link by which somebody will act for an organisation. Return it with its key, which is kept nowhere.

    A link of the same role for the same address, not taken yet, is replaced.
    Raises RoleOutOfPlace, InvitationRefused (closed organisation, role already given), or ValidationError by field.
    """
    check_place(organisation, role)
    if organisation.closed_on is not None:
        raise InvitationRefused(
            f"{organisation} est fermée : personne n’agit plus pour elle. Choisissez une autre organisation.",
            field="organisation",
        )
    if Membership.objects.filter(user__in=User.objects.at(email), organisation=organisation, role=role).exists():
        raise InvitationRefused("Cette personne a déjà ce rôle dans cette organisation.", field="email")
    same = Invitation.objects.awaiting(now).filter(email=email.strip(), organisation=organisation, role=role)
    same.update(withdrawn_at=now)
    made = _made(email=email, full_name=full_name, organisation=organisation, role=role, by=by, now=now)
    post(
        to=made[0].email,
        kind="invitation",
        subject=f"{by.full_name} vous invite dans Équiflux",
        says=[
            f"{by.full_name} vous invite à agir pour {towards(organisation)} : {Membership.Role(role).label}.",
            "Le lien sert une fois, pendant 72 heures. Vous choisirez votre mot de passe.",
        ],
        link=link_path(made[1]),
        label="Accepter l’invitation",
        organisation=organisation,
        secret=True,
        now=now,
    )
    details = {"email": [None, made[0].email], "role": [None, role]}
    record(organisation, Act.INVITED, by=by, details=details, organisations=[organisation.pk])
    return made


@atomic
def offer_new_password(*, person: User, by: User, now: datetime) -> tuple[Invitation, str]:
    """Make the link by which a person chooses a new password, and send it; the one they have works until then. The one
    that they asked for themselves (`by`) lasts two hours."""
    Invitation.objects.awaiting(now).filter(email=person.email, organisation=None).update(withdrawn_at=now)
    own = by.pk == person.pk
    made = _made(email=person.email, full_name=person.full_name, organisation=None, role="", by=by, now=now, own=own)
    lasts = "deux heures" if own else "72 heures"
    who = "Quelqu’un, vous sans doute, a dit avoir perdu" if own else f"{by.full_name} vous propose de changer"
    post(
        to=person,
        kind="new-password",
        subject="Choisir un nouveau mot de passe",
        says=[
            f"{who} le mot de passe de votre compte. Le lien sert une fois, pendant {lasts}.",
            "Vous n’avez rien demandé ? N’ouvrez pas le lien : votre mot de passe reste le même.",
        ],
        link=link_path(made[1]),
        label="Choisir un mot de passe",
        secret=True,
        now=now,
    )
    record(person, Act.INVITED, by=by, organisations=organisations_of(person))
    return made


def _made(
    *,
    email: str,
    full_name: str,
    organisation: Organisation | None,
    role: str,
    by: User,
    now: datetime,
    own: bool = False,
) -> tuple[Invitation, str]:
    key = new_key()
    invitation = Invitation(
        email=email.strip(),
        full_name=full_name.strip(),
        organisation=organisation,
        role=role,
        digest=digest_of(key),
        made_by=by,
        made_at=now,
        ends_at=now + (OWN_LASTS if own else LASTS),
    )
    if not invitation.email.isascii():
        raise ValidationError({"email": "Écrivez cette adresse sans accent, en lettres simples : nom@domaine.fr."})
    invitation.full_clean()
    invitation.save()
    return invitation, key


@atomic
def renew_links(*, invitations: Iterable[int], by: User, now: datetime) -> list[tuple[Invitation, str]]:
    """New keys, for 72 hours from now, of links (ids) that wait still: those given before are worth nothing. For many
    people at once, whose links are then passed on from one file."""
    held = Invitation.objects.awaiting(now).select_for_update(of=("self",)).filter(pk__in=list(invitations))
    renewed = []
    for link in held.select_related("organisation").order_by("full_name", "pk"):
        key = new_key()
        link.digest, link.made_by, link.made_at, link.ends_at = digest_of(key), by, now, now + LASTS
        link.save(update_fields=["digest", "made_by", "made_at", "ends_at"])
        renewed.append((link, key))
    return renewed


@atomic
def withdraw_invitation(*, invitation: Invitation, now: datetime) -> bool:
    """The link is worth nothing any more. False when it was taken, withdrawn or over already."""
    return bool(Invitation.objects.awaiting(now).filter(pk=invitation.pk).update(withdrawn_at=now))


@atomic
def take_invitation(
    *, key: str, now: datetime, password: str = "", signed_in: User | None = None, proved: str = ""
) -> User:
    """Use a link, once: the person acts for the organisation from now on. Return who it is.

    Somebody new, whose account was closed, or whose link is for a new password, gives the `password` that they chose;
    somebody known is `signed_in` as themselves. `proved`: the address that an identity provider says to be theirs; who
    has that of the link gives no password, and has none.
    Raises InvitationRefused when the link is worth nothing or is another person's; ValidationError (« password »).
    """
    links = Invitation.objects.select_for_update(of=("self",)).select_related("organisation", "made_by")
    link = links.filter(digest=digest_of(key)).first()
    if link is None or link.taken_at or link.withdrawn_at or link.ends_at <= now:
        raise InvitationRefused("Ce lien ne vaut plus rien. Demandez-en un autre à qui vous l’a transmis.")
    known = User.objects.select_for_update(of=("self",)).filter(pk__in=User.objects.at(link.email).values("pk")).first()
    if link.organisation is None:
        assert known is not None  # only a person who is known is given such a link
        _check_same_place(link, known)
        _choose(known, password)
        # Whoever made the link may have used it: the person is notified at the next sign-in, with a name.
        by_link = {"link": [None, link.pk]}
        record(known, Act.PASSWORD, by=link.made_by, details=by_link, organisations=organisations_of(known))
        person = known
    else:
        person = _person(link, known, password, signed_in, proved=spelling(proved) == spelling(link.email))
        if link.organisation.closed_on is not None:
            raise InvitationRefused(f"{link.organisation} est fermée depuis : personne n’agit plus pour elle.")
        grant_membership(user=person, organisation=link.organisation, role=link.role, by=link.made_by)
    link.taken_at, link.taken_by = now, person
    link.save(update_fields=["taken_at", "taken_by"])
    return person


def _check_same_place(link: Invitation, person: User) -> None:
    """A manager who held the link back would otherwise act for the organisation that the person has joined since."""
    joined = HistoryEntry.objects.filter(
        subject=User._meta.label_lower, subject_id=person.pk, act=Act.GRANTED, at__gt=link.made_at
    )
    if joined.exists():
        raise InvitationRefused(
            "Vous avez reçu un rôle depuis que ce lien existe : demandez-en un autre à qui vous l’a transmis."
        )


def _person(link: Invitation, known: User | None, password: str, signed_in: User | None, *, proved: bool) -> User:
    """Who takes this link: registered now, let in again, or signed in already."""
    if known is None and proved:
        assert link.organisation is not None  # only a person who is known is given another link
        return register_known_elsewhere(email=link.email, full_name=link.full_name, organisation=link.organisation)
    if known is None:
        return register_user(
            email=link.email, full_name=link.full_name, password=password, organisation=link.organisation, by=None
        )
    if known.is_active:
        if signed_in is None or signed_in.pk != known.pk:
            raise InvitationRefused(
                "Un compte existe déjà à cette adresse : connectez-vous avec lui, puis acceptez l’invitation."
            )
        return known
    if known.memberships.exists():
        raise InvitationRefused(
            "Ce compte est fermé, et agit encore pour une autre organisation : demandez à l’exploitant de le rouvrir."
        )
    if proved:
        known.set_unusable_password()
        known.save(update_fields=["password"])
    else:
        _choose(known, password)
    known.is_active = True
    known.save(update_fields=["is_active"])
    record(known, Act.RECORDED, by=known, organisations=[link.organisation_id] if link.organisation_id else [])
    return known


def _choose(person: User, password: str) -> None:
    """The person's own password: nobody else typed it, and the sessions opened with another one close."""
    refuse_weak(password, person)
    person.set_password(password)
    person.must_change_password = False
    person.save(update_fields=["password", "must_change_password"])
    end_sessions(person)
