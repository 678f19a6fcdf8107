"""The acts on history.

* Having somebody notified by e-mail: a row in the transaction of the act that states, and nothing else.
* `post` is the one entry point: what is rolled back is not sent, what commits is sent whatever becomes of this
  process.
* Writing who did what, when and why. Called inside the transaction of the act itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from reservations.models import HistoryEntry, MailChoice, MailItem, Organisation, User
from reservations.models.guards import sealed
from reservations.models.mail import Family
from reservations.models.wall import atomic
from reservations.pages.imprints import notice
from reservations.refusals import Refusal
from reservations.wakeups import wake


class MailChoiceRefused(Refusal):
    """Mails cannot be sent so."""


@atomic
def post(
    *,
    to: User | str,
    kind: str,
    subject: str,
    says: Sequence[str],
    link: str = "",
    label: str = "",
    organisation: Organisation | None = None,
    family: str = "",
    about: str = "",
    secret: bool = False,
    now: datetime | None = None,
) -> None:
    """Have a person (or an address, of somebody without an account) notified of something, once the transaction
    commits.

    `kind`: a code of the caller's, at most 30 characters. `says`: French sentences, one a paragraph, without anything
    personal of an applicant; `link`: a path of the site and `label`, what one does there. `organisation`: for whom the
    person acts behind the link. `family`: of an information (`models.mail.Family`), sent when the person chose, or
    never; without it, sent at once, and nobody switches it off. `about`: what it is about, for instance « routing:12 »:
    sent once to each person for each kind. `secret`: a key is in the link, which waits sealed
    (`reservations.models.guards`; in clear where a demonstration shows every mail) and is erased with the sentences
    once the message is handed over, or dropped.
    """
    now = now or timezone.now()
    user = to if isinstance(to, User) else None
    due = MailChoice.of(user).due(family, now) if family and user is not None else now
    if due is None:
        return
    item = MailItem(
        user=user,
        address="" if user is not None else str(to).strip(),
        organisation=organisation,
        kind=kind,
        family=family,
        about=about,
        subject=subject,
        says=list(says),
        link=sealed(link) if secret and not settings.MAILBOX else link,
        label=label,
        secret=secret,
        made_at=now,
        due_at=due,
    )
    MailItem.objects.bulk_create([item], ignore_conflicts=True)
    if due == now:
        wake("attributions.send_mails")


@atomic
def choose_mails(
    *, user: User, rhythms: Mapping[str, str], hour: int, day: int, now: datetime | None = None
) -> MailChoice:
    """Settle when a person receives what is only information: {family: rhythm}, an hour from 0 to 23, a day from 0
    (Monday) to 6. What waits already follows.

    Raises MailChoiceRefused: another rhythm, hour or day.
    """
    now = now or timezone.now()
    if any(family not in Family.values or rhythm not in MailChoice.Rhythm.values for family, rhythm in rhythms.items()):
        raise MailChoiceRefused("Choisissez un rythme de la liste.")
    if hour not in range(24) or day not in range(7):
        raise MailChoiceRefused("Choisissez une heure de 0 à 23, et un jour de la semaine.")
    choice, _ = MailChoice.objects.update_or_create(user=user, defaults={**rhythms, "hour": hour, "day": day})
    for family in Family.values:
        waiting = MailItem.objects.waiting().filter(user=user, family=family)
        due = choice.due(family, now)
        if due is None:
            waiting.update(dropped=MailItem.Dropped.UNWANTED)
        else:
            waiting.update(due_at=due)
    return choice


def unsubscribe(*, user: User, now: datetime | None = None) -> MailChoice:
    """Send this person no information any more; what it must receive is still sent."""
    choice = MailChoice.of(user)
    never = dict.fromkeys(Family.values, MailChoice.Rhythm.NEVER)
    return choose_mails(user=user, rhythms=never, hour=choice.hour, day=choice.day, now=now)


Act = HistoryEntry.Act

#: The acts on an account of which its person is notified by e-mail.
NOTIFIED = frozenset(
    {
        *(Act.PASSWORD, Act.GRANTED, Act.REVOKED, Act.CLOSED, Act.WARNED, Act.LOCKED),
        *(Act.ADDRESS, Act.FACTOR, Act.FACTOR_GONE),
    }
)


def record(
    subject: models.Model,
    act: HistoryEntry.Act,
    *,
    by: User | None,
    why: str = "",
    details: Mapping[str, Any] | None = None,
    organisations: Iterable[int] | None = None,
) -> HistoryEntry:
    """Add one act to the story of a row. `details`: {field: [before, after]}, plain values only.

    `by` is None when a delay ran out, or a command of the server acted. `organisations`: those whose people read it,
    by id, for an act on a person or an organisation.
    Written in the caller's transaction, so that no act is without its entry, nor an entry without its act. Of an act on
    their account, the person is notified by e-mail.
    """
    entry = HistoryEntry.objects.create(
        subject=subject._meta.label_lower,
        subject_id=subject.pk,
        act=act,
        by=by,
        why=why.strip(),
        details=dict(details or {}),
        organisations=None if organisations is None else sorted(organisations),
    )
    if isinstance(subject, User):
        tell_person(subject, entry)
    return entry


def tell_person(person: User, entry: HistoryEntry) -> None:
    """Whoever did it: what one did not do oneself is seen at once. Of a role that the server gives with the account,
    there is nothing to state."""
    if entry.act not in NOTIFIED or (entry.act == Act.GRANTED and entry.by_id is None):
        return
    subject, result = notice(entry)
    doubt = "Ce n’était pas vous ? Changez de mot de passe, fermez vos autres sessions, et prévenez l’administrateur."
    closed = entry.act == Act.CLOSED
    post(
        to=person.email if closed else person,
        kind=f"account-{entry.act.lower()}",
        subject=subject,
        says=[result] if closed or entry.act == Act.WARNED else [result, doubt],
        link=reverse("sign-in" if closed else "own-account"),
        label="Se connecter" if closed else "Voir votre compte",
    )


def record_each(
    acts: Iterable[tuple[models.Model, Mapping[str, Any]]], act: HistoryEntry.Act, *, by: User | None, why: str = ""
) -> None:
    """Add the same act, for the same reason, to the story of many rows of one import, each with its own details: one
    write for 1,000."""
    HistoryEntry.objects.bulk_create(
        (
            HistoryEntry(
                subject=subject._meta.label_lower, subject_id=subject.pk, act=act, by=by, why=why, details=dict(details)
            )
            for subject, details in acts
        ),
        batch_size=1000,
    )
