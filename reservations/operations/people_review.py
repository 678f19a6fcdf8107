"""The acts on people review.

* The yearly review: a manager looks at everybody who acts for its organisation, and says that they still should.
* Accounts that nobody uses: warned, then closed; who did what under them stays.
* The first administrator of an installation: nobody can sign in before.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils import timezone

from reservations.models import HistoryEntry, LegalParameter, Membership, Organisation, PeopleReview, User
from reservations.models.wall import atomic
from reservations.operations.apart import each_apart
from reservations.operations.history import record
from reservations.operations.party import register_organisation
from reservations.operations.person import RevocationRefused, admit_person, close_unused
from reservations.queries.people import Unused, organisations_of, unused_since
from reservations.refusals import Refusal
from reservations.words import of


class ReviewRefused(Refusal):
    """What was read is no longer what is."""


@atomic
def review_people(*, organisation: Organisation, seen: Iterable[int], by: User, now: datetime) -> PeopleReview:
    """Record that all the roles of an organisation were looked at again; `seen`: their ids, as they were on the page.

    Raises ReviewRefused when a role was given or taken back since the page was read.
    """
    roles = Membership.objects.select_for_update(of=("self",)).filter(organisation=organisation).order_by("pk")
    held = [(role.pk, role.user_id, role.role) for role in roles]
    if {pk for pk, *_ in held} != set(seen):
        raise ReviewRefused("Un rôle a été donné ou retiré depuis que cette page est ouverte : relisez-la.")
    review = PeopleReview.objects.create(
        organisation=organisation,
        by=by,
        at=now,
        reviewed=[{"person": person, "role": role} for _, person, role in held],
    )
    record(
        organisation,
        HistoryEntry.Act.REVIEWED,
        by=by,
        details={"people": [None, len({person for _, person, _ in held})]},
        organisations=[organisation.pk],
    )
    return review


Act, Code = HistoryEntry.Act, LegalParameter.Code


def close_dormant(*, now: datetime) -> tuple[int, int]:
    """Warn those whose account nobody has used for the time of the parameter, less its warning; close those warned that
    long ago, who did not come back. Every night. (how many warned, how many closed); none where no parameter is.

    The last administrator is never closed: somebody has to let people in.
    """
    today = timezone.localdate(now)
    try:
        months = int(LegalParameter.objects.value_on(Code.DORMANT_MONTHS, today))
        notice = timedelta(days=int(LegalParameter.objects.value_on(Code.DORMANT_WARNING_DAYS, today)))
    except LegalParameter.DoesNotExist:
        return 0, 0
    found = unused_since(last_day(today + notice, months))
    new = [each for each in found if each.warned_at is None]
    over = [each for each in found if each.warned_at and timezone.localdate(each.warned_at) + notice <= today]
    warned = each_apart(
        "people.warn", new, lambda each: _warn(each.person, closes_on=today + notice), name=_who, now=now
    )
    return warned, each_apart("people.close", over, _close, name=_who, now=now)


def _who(unused: Unused) -> str:
    return f"user:{unused.person.pk}"


def last_day(today: date, months: int) -> date:
    """Whoever came last before that day has not come for that many months."""
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return date(year, month + 1, min(today.day, 28))


@atomic
def _warn(person: User, *, closes_on: date) -> bool:
    details = {"closes_on": [None, closes_on.isoformat()]}
    record(person, Act.WARNED, by=None, details=details, organisations=organisations_of(person))
    return True


def _close(unused: Unused) -> bool:
    try:
        return close_unused(person=unused.person, since=unused.since)
    except RevocationRefused:
        return False


class NotAnOperator(Refusal):
    """The SIREN is that of an organisation which does not operate Équiflux."""


@atomic
def appoint_administrator(
    *, siren: str, organisation_name: str, email: str, full_name: str, password: str
) -> Membership:
    """Make somebody an administrator of the operator `siren`, recorded under `organisation_name` when it is new.

    A command of the server: the history says so. An empty `password` says that the person is known already.
    Raises NotAnOperator, AdmissionRefused, or ValidationError by field.
    """
    operator = Organisation.objects.filter(siren=siren).first()
    if operator is None:
        operator = register_organisation(siren=siren, name=organisation_name, kind=Organisation.Kind.OPERATOR)
    elif operator.kind != Organisation.Kind.OPERATOR:
        raise NotAnOperator(
            f"Le SIREN {siren} est celui {of(operator)} ({operator.get_kind_display()}) : "
            "donnez celui de l’exploitant d’Équiflux.",
            field="siren",
        )
    return admit_person(
        email=email,
        full_name=full_name,
        password=password,
        organisation=operator,
        role=Membership.Role.ADMINISTRATOR,
        by=None,
    )
