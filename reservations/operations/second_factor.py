"""Adding and taking away what a person proves beside their password."""

from __future__ import annotations

from datetime import datetime

from reservations.access.second_factor import Passkey, digest_of, is_compulsory, locked, new_recovery_codes, step_of
from reservations.models import HistoryEntry, RecoveryCode, SecondFactor, User
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.queries.people import organisations_of
from reservations.refusals import Refusal

Act, Kind = HistoryEntry.Act, SecondFactor.Kind


class FactorRefused(Refusal):
    """The second factor cannot be added, or taken away, as asked."""


@atomic
def add_codes(*, person: User, name: str, secret: str, code: str, now: datetime) -> SecondFactor:
    """Add an application of codes, whose first code is given. Raises FactorRefused (field « code »)."""
    step = step_of(secret, "".join(code.split()))
    if step is None:
        raise FactorRefused(
            "Ce code n’est pas celui de l’application en ce moment. Attendez le suivant, et vérifiez l’heure du "
            "téléphone.",
            field="code",
        )
    factor = SecondFactor(user=person, kind=Kind.CODES, name=name, secret=locked(secret), last_step=step, added_at=now)
    return _added(factor)


@atomic
def add_passkey(*, person: User, name: str, made: Passkey, now: datetime) -> SecondFactor:
    """Add a passkey. Raises FactorRefused when it is somebody's already."""
    if SecondFactor.objects.filter(credential=made.credential).exists():
        raise FactorRefused("Cette clé d’accès est déjà enregistrée.", field="name")
    return _added(
        SecondFactor(
            user=person,
            kind=Kind.PASSKEY,
            name=name,
            credential=made.credential,
            public_key=made.public_key,
            sign_count=made.sign_count,
            added_at=now,
        )
    )


def _added(factor: SecondFactor) -> SecondFactor:
    factor.save()
    details = {"factor": [None, factor.get_kind_display()]}
    record(factor.user, Act.FACTOR, by=factor.user, details=details, organisations=organisations_of(factor.user))
    return factor


@atomic
def remove_factor(*, factor: SecondFactor, by: User) -> None:
    """Take a second factor away; with the last one go the recovery codes.

    Raises FactorRefused when it is the last one of somebody who must have one.
    """
    person = User.objects.select_for_update(of=("self",)).get(pk=factor.user_id)
    others = SecondFactor.objects.filter(user=person).exclude(pk=factor.pk).exists()
    own = by.pk == person.pk
    if own and not others and is_compulsory(person):
        raise FactorRefused("Votre rôle demande un second facteur : ajoutez-en un autre avant de retirer celui-ci.")
    if not others:
        RecoveryCode.objects.filter(user=person).delete()
    gone, _ = SecondFactor.objects.filter(pk=factor.pk).delete()
    if gone:
        details = {"factor": [factor.get_kind_display(), None]}
        record(person, Act.FACTOR_GONE, by=by, details=details, organisations=organisations_of(person))


@atomic
def make_recovery_codes(*, person: User, now: datetime) -> list[str]:
    """New recovery codes, shown once; those of before are worth nothing. Raises FactorRefused without any factor."""
    if not SecondFactor.objects.filter(user=person).exists():
        raise FactorRefused("Ajoutez d’abord un second facteur : les codes de secours le remplacent un jour sans lui.")
    RecoveryCode.objects.filter(user=person).delete()
    codes = new_recovery_codes()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=person, digest=digest_of(code), made_at=now) for code in codes)
    return codes
