"""Leaving an e-mail address for another: whoever holds the account says so at both."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.urls import reverse

from reservations.access.sessions import end_sessions
from reservations.models import AddressChange, HistoryEntry, User
from reservations.models.acting import atomic
from reservations.models.invitation import digest_of, new_key
from reservations.operations.history import record
from reservations.operations.mail import post
from reservations.queries.address_changes import change_of
from reservations.queries.people import organisations_of
from reservations.refusals import Refusal

#: How long both keys are worth.
LASTS = timedelta(hours=24)


class ChangeRefused(Refusal):
    """The address does not change."""


@atomic
def ask_address_change(*, person: User, new: str, now: datetime) -> AddressChange:
    """Send a key to each of the two addresses; nothing changes until both are given back. What was asked before is
    dropped. Whether the new address is somebody's is not said here: the key that it receives would tell its holder.

    Raises ValidationError (« email ») for an address that cannot be one, or is one's own.
    """
    User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    new = new.strip()
    if new.lower() == person.email.lower():
        raise ValidationError({"email": "C’est déjà votre adresse."})
    if not new.isascii():
        raise ValidationError({"email": "Écrivez cette adresse sans accent, en lettres simples : nom@domaine.fr."})
    AddressChange.objects.filter(user=person, done_at=None, dropped_at=None).update(dropped_at=now)
    keys = new_key(), new_key()
    change = AddressChange.objects.create(
        user=person,
        old=person.email,
        new=new,
        old_digest=digest_of(keys[0]),
        new_digest=digest_of(keys[1]),
        asked_at=now,
        ends_at=now + LASTS,
    )
    addressees: tuple[User | str, str] = person, new
    for to, key in zip(addressees, keys, strict=True):
        post(
            to=to,
            kind="address-change",
            subject="Confirmez un changement d’adresse",
            says=[
                f"{person.full_name} demande que son compte Équiflux passe de {change.old} à {change.new}.",
                "Il faut le confirmer aux deux adresses, dans les 24 heures.",
                "Ce n’était pas vous ? N’ouvrez pas le lien, et changez de mot de passe.",
            ],
            link=f"{reverse('address-confirm')}?cle={key}",
            label="Confirmer",
            secret=True,
            now=now,
        )
    return change


@atomic
def confirm_address(*, key: str, now: datetime) -> tuple[AddressChange, bool]:
    """Give back one of the two keys. With the other one given, the account has its new address, and its sessions end.

    Return the change, and whether it is done. Raises ChangeRefused for a key that is worth nothing, or when another
    account has the address meanwhile.
    """
    found = change_of(key, now=now)
    if found is None:
        raise ChangeRefused("Ce lien ne vaut plus rien. Demandez le changement de nouveau, depuis votre compte.")
    change = AddressChange.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if digest_of(key) == change.old_digest:
        change.old_said_at = change.old_said_at or now
    else:
        change.new_said_at = change.new_said_at or now
    done = change.old_said_at is not None and change.new_said_at is not None and change.done_at is None
    if done:
        change.done_at = now
        _move(change)
    change.save(update_fields=["old_said_at", "new_said_at", "done_at"])
    return change, done


def _move(change: AddressChange) -> None:
    person = User.objects.select_for_update(of=("self",)).get(pk=change.user_id)
    if person.email != change.old or User.objects.at(change.new).exclude(pk=person.pk).exists():
        raise ChangeRefused("Le changement n’a pas pu se faire : demandez à l’administrateur d’Équiflux.")
    person.email = change.new
    person.full_clean()
    person.save(update_fields=["email"])
    end_sessions(person)
    told = {"email": [change.old, change.new]}
    entry = record(person, HistoryEntry.Act.ADDRESS, by=person, details=told, organisations=organisations_of(person))
    post(
        to=change.old,
        kind="account-address",
        subject="Votre compte a une autre adresse",
        says=[
            f"Votre compte Équiflux est passé de {change.old} à {change.new}.",
            "Ce n’était pas vous ? Prévenez l’administrateur.",
        ],
        now=entry.at,
    )
