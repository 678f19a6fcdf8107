"""The acts on identity.

* Who an agent that ProConnect sends is here.
* A password that its person lost: asked from the door, answered by a worker, to whoever has the address.
* Are the controls of the database those of the source? Its triggers, its functions and the tables that it imprints.
* Leaving an e-mail address for another: whoever holds the account says so at both.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cache

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse

from reservations.access.proconnect import Agent, ProConnectRefused
from reservations.access.sessions import end_sessions
from reservations.models import (
    AddressChange,
    HistoryEntry,
    Identity,
    ImprintedTable,
    Invitation,
    PasswordRequest,
    TaskFailure,
    User,
)
from reservations.models.person import spelling
from reservations.models.session import digest_of, new_key
from reservations.models.wall import atomic
from reservations.operations.apart import each_apart
from reservations.operations.history import post, record
from reservations.operations.invitation import offer_new_password, take_invitation
from reservations.queries.imprints import described
from reservations.queries.people import change_of, organisations_of
from reservations.refusals import Refusal
from reservations.rules import APPEND_ONLY, WITHOUT_IMPRINT
from reservations.wakeups import wake


@atomic
def recognise(*, agent: Agent, now: datetime) -> User:
    """The person of this agent: met before under the same identity, else the account of the same address, which has
    this identity from now on. Raises ProConnectRefused for nobody, and for an account that is closed."""
    known = Identity.objects.filter(issuer=agent.issuer, subject=agent.subject).select_related("user").first()
    person = known.user if known is not None else _by_address(agent)
    if person is None or not person.is_active:
        raise ProConnectRefused(
            "Aucun compte ouvert ne correspond à votre identité ProConnect. Le responsable de votre organisation vous "
            "invite, à la même adresse ; à défaut, l’exploitant d’Équiflux."
        )
    if known is None:
        Identity.objects.create(user=person, issuer=agent.issuer, subject=agent.subject, added_at=now)
    return person


def may_join(agent: Agent, link: Invitation | None) -> bool:
    """Is this link theirs to take without a password: at the address that the provider gives, where nobody is yet?"""
    if link is None or link.organisation is None or spelling(agent.email) != spelling(link.email):
        return False
    return not User.objects.at(link.email).filter(is_active=True).exists()


@atomic
def join(*, agent: Agent, key: str, now: datetime) -> User:
    """Somebody invited comes in by ProConnect under the address of the link: its role is theirs, no password is asked.

    Raises InvitationRefused, ProConnectRefused or ValidationError."""
    take_invitation(key=key, now=now, proved=agent.email)
    return recognise(agent=agent, now=now)


def _by_address(agent: Agent) -> User | None:
    """Of somebody who has no other identity at this provider: another agent who is given the address is not them."""
    if not (agent.email and agent.email.isascii()):
        return None
    person = (
        User.objects.select_for_update(of=("self",)).filter(pk__in=User.objects.at(agent.email).values("pk")).first()
    )
    other = person is not None and Identity.objects.filter(user=person, issuer=agent.issuer).exists()
    return None if other else person


#: Links for one person, at most, in an hour.
MOST, HOUR = 3, timedelta(hours=1)
#: A request is forgotten after that.
KEPT = timedelta(days=1)
#: Requests answered at once.
TOGETHER = 50
#: How the task is called, where a request cannot be answered.
TASK = "people.lost_passwords"


def ask_new_password(*, email: str, now: datetime) -> None:
    """Write that somebody lost the password of this address. The same row, in the same time, whoever has it."""
    PasswordRequest.objects.create(email=email.strip(), asked_at=now)
    wake("reservations.answer_password_requests")


def answer_password_requests(*, now: datetime) -> int:
    """Send a link to each person who has one of the addresses asked for, three an hour at most; the others receive
    nothing, for nobody is there. How many links were sent. Safe to run twice at once."""
    PasswordRequest.objects.filter(done_at__lt=now - KEPT).delete()
    out = TaskFailure.objects.left_out(TASK, now)  # which do not keep the others from being among the first
    waiting = PasswordRequest.objects.filter(done_at=None).order_by("pk").values_list("pk", flat=True)
    found = list(waiting[: TOGETHER + len(out)])
    return each_apart(TASK, found, lambda pk: _answer_one(pk, now), name="request:{}".format, now=now)


def _answer_one(pk: int, now: datetime) -> bool:
    waiting = PasswordRequest.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk, done_at=None)
    request = waiting.first()
    if request is None:
        return False
    sent = _answer(request.email, now)
    request.done_at = now
    request.save(update_fields=["done_at"])
    return sent


def _answer(email: str, now: datetime) -> bool:
    person = User.objects.at(email).filter(is_active=True).first() if email.isascii() else None
    if person is None:
        return False
    lately = Invitation.objects.filter(made_by=person, organisation=None, email=person.email, made_at__gt=now - HOUR)
    if lately.count() >= MOST:
        return False
    offer_new_password(person=person, by=person, now=now)
    return True


#: The schema of this version, as a new database has it (`manage.py schema`).
SOURCE = settings.BASE_DIR / "docs/schema.txt"
TRIGGER = re.compile(r"    trigger (\w+): (.+)")
FUNCTION = re.compile(r"CREATE OR REPLACE FUNCTION public\.(\w+\(.*)")
#: What PostgreSQL writes of a type in a condition: not the same before and after a backup is put back.
CAST = re.compile(r"::(?:text|character varying)(?:\(\d+\))?(?:\[\])?")
#: The trigger by which the rows of a table are imprinted.
IMPRINTED = "imprinted"


def disarmed() -> list[str]:
    """The controls that are missing, disabled or written otherwise: « flux_flowentry.append_only »,
    « reservations_altered(kept name) »; and the tables that are no longer in the list of those that are imprinted. What
    a database has beside is its own. Three statements."""
    source, held = _source(), controls(described())
    changed = [name for name, says in source.items() if held.get(name) != says]
    listed = set(ImprintedTable.objects.values_list("name", flat=True))
    imprinted = {name.partition(".")[0] for name in source if name.endswith(f".{IMPRINTED}")}
    return sorted(changed + [f"{ImprintedTable._meta.db_table} : {name}" for name in imprinted - listed])


def controls(schema: str) -> dict[str, str]:
    """{« table.trigger » or « function(arguments) »: how it is written}. Of a function its body alone: what goes before
    is written by PostgreSQL, in the words of its version."""
    found: dict[str, str] = {}
    table, function = "", ""
    for line in schema.splitlines():
        if line.startswith("table "):
            table = line.removeprefix("table ")
        elif trigger := TRIGGER.fullmatch(line):
            found[f"{table}.{trigger[1]}"] = CAST.sub("", trigger[2])
        elif begun := FUNCTION.fullmatch(line):
            function = begun[1]
        elif function and (function in found or line.startswith("AS $")):
            found[function] = f"{found.get(function, '')}{line}\n"
            if line.endswith("$function$") and line != "AS $function$":
                function = ""
    return found


@cache
def written_once() -> frozenset[str]:
    """The tables whose rows are written once and have imprints; but those of which an erasure at the legal term takes a
    part back, by a function of the owner that sets their rule aside."""
    tables = {model._meta.db_table for model in apps.get_models() if APPEND_ONLY in getattr(model, "triggers", ())}
    erased = re.findall(rf"'(\w+)\.{APPEND_ONLY.name}'", SOURCE.read_text(encoding="utf-8"))
    return frozenset(tables - WITHOUT_IMPRINT.keys() - set(erased))


@cache
def _source() -> dict[str, str]:
    return controls(SOURCE.read_text(encoding="utf-8"))


#: How long both keys are worth.
LASTS = timedelta(hours=24)


class ChangeRefused(Refusal):
    """The address does not change."""


@atomic
def ask_address_change(*, person: User, new: str, now: datetime) -> AddressChange:
    """Send a key to each of the two addresses; nothing changes until both are given back. What was asked before is
    dropped. Whether the new address is somebody's is not stated here: the key that it receives would state its holder.

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
    details = {"email": [change.old, change.new]}
    entry = record(person, HistoryEntry.Act.ADDRESS, by=person, details=details, organisations=organisations_of(person))
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
