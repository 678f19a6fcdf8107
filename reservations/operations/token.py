"""Tokens: letting a piece of software act for an organisation, and taking that back."""

from __future__ import annotations

import hashlib
import secrets
import string
from collections.abc import Collection
from datetime import date, timedelta

from django.utils import timezone

from reservations.models import ApiCall, ApiToken, Membership, User
from reservations.models.wall import atomic
from reservations.refusals import Refusal

#: Every secret starts so: one that is left in a file is recognised there.
MARK = "eqf"
#: A token is replaced at least once a year.
LONGEST = timedelta(days=366)
#: How long the answer to an `Idempotency-Key` is kept.
KEPT = timedelta(hours=48)

LETTERS = string.ascii_letters + string.digits


class TokenRefused(Refusal):
    """This token cannot be made so."""


@atomic
def make_token(
    *, member: Membership, name: str, scopes: Collection[str], expires_on: date, today: date | None = None
) -> tuple[ApiToken, str]:
    """A token of the organisation that the person acts for, and its secret, which is shown once and kept nowhere.

    Raises TokenRefused: no name, no scope, or a term that is over, or further than a year away.
    """
    today = today or timezone.localdate()
    if not name.strip():
        raise TokenRefused("Écrivez quel logiciel se servira de ce jeton.", field="name")
    chosen = [each for each in ApiToken.Scope.values if each in scopes]
    if not chosen or len(chosen) != len(set(scopes)):
        raise TokenRefused("Choisissez au moins un droit de la liste.", field="scopes")
    if not today <= expires_on <= today + LONGEST:
        raise TokenRefused(
            f"Un jeton vaut un an au plus : choisissez un jour entre aujourd’hui et le {today + LONGEST:%d/%m/%Y}.",
            field="expires_on",
        )
    prefix = f"{MARK}_{_drawn(8)}"
    secret = f"{prefix}_{_drawn(40)}"
    token = ApiToken.objects.create(
        organisation=member.organisation,
        name=name.strip(),
        role=member.machine_role,
        scopes=chosen,
        prefix=prefix,
        digest=digest_of(secret),
        made_by=member.user,
        expires_on=expires_on,
    )
    return token, secret


def _drawn(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def digest_of(secret: str) -> str:
    """What is kept of a secret. Drawn at random and long, it needs no slow digest: nobody guesses 238 bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


@atomic
def revoke_token(*, token: ApiToken, by: User) -> None:
    """From now on it opens nothing; what it did stays. One that is revoked already keeps its first day and author."""
    held = ApiToken.objects.select_for_update(of=("self",)).get(pk=token.pk)
    if held.revoked_at is not None:
        return
    held.revoked_at, held.revoked_by = timezone.now(), by
    held.save(update_fields=["revoked_at", "revoked_by"])


def token_of(*, secret: str, today: date) -> ApiToken | None:
    """The token that a secret opens today; None when there is none, when its maker may act no more, or when its
    organisation is closed. Its last day of use is written, once a day."""
    found = (
        ApiToken.objects.usable(today)
        .select_related("made_by", "organisation__landlord", "organisation__territory")
        .filter(prefix=secret.rpartition("_")[0][:16])
        .first()
    )
    if found is None or not secrets.compare_digest(found.digest, digest_of(secret)):
        return None
    if not found.made_by.is_active or found.organisation.closed_on is not None:
        return None
    if found.last_used_on != today:
        ApiToken.objects.filter(pk=found.pk).update(last_used_on=today)
    return found


def forget_answers() -> int:
    """Every hour: the answers kept for an `Idempotency-Key` whose term is over are erased; the act stays. How many."""
    over = ApiCall.objects.filter(at__lt=timezone.now() - KEPT).exclude(key="")
    return over.update(key="", answer="", headers={})
