"""Having somebody told by e-mail: a row in the transaction of the act that tells, and nothing else.

`post` is the one door: what is undone was not told, what is done is told whatever becomes of this process.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from reservations.models import MailChoice, MailItem, Organisation, User
from reservations.wakeups import wake


@transaction.atomic
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
    """Have a person (or an address, of somebody without an account) told something, once the transaction commits.

    `kind`: a code of the caller's, at most 30 characters. `says`: French sentences, one a paragraph, without anything
    personal of an applicant; `link`: a path of the site and `label`, what one does there. `organisation`: for whom the
    person acts behind the link. `family`: of an information (`models.mail.Family`), told when the person chose, or
    never; without it, told at once, and nobody switches it off. `about`: what it is about, for instance « routing:12 »:
    told once to each person for each kind. `secret`: the sentences and the link are erased once the message is handed
    over (a key is in them).
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
        link=link,
        label=label,
        secret=secret,
        made_at=now,
        due_at=due,
    )
    MailItem.objects.bulk_create([item], ignore_conflicts=True)
    if due == now:
        wake("reservations.send_mails")
