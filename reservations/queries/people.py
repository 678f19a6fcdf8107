"""What is read of people.

* People and organisations as those who administer them read them.
* What was done on people and organisations, for those whom it concerns.
* Whether a manager should look again at who acts for its organisation: once a year.
* Accounts that nobody has used for long.
* Sessions that are open, as their person reads them.
* Links that wait to be taken, as those who made them read them.
* Changes of address under way.
* How the mails stand: since when the oldest waits, which addresses are refused.
* What each role may do, as the predicates answered when `reservations/data/rights.csv` was written;
  who gave each role, and who took which one back.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from django.db.models import Count, DateTimeField, Exists, F, Max, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from reservations.models import (
    AddressChange,
    HistoryEntry,
    Invitation,
    Mail,
    MailAttempt,
    Membership,
    Organisation,
    PeopleReview,
    Session,
    User,
)
from reservations.models.mail import refused
from reservations.models.person import spelling
from reservations.models.session import digest_of
from reservations.permissions import can_read_acts_on_people, looked_after


def memberships_of_people(member: Membership | None) -> QuerySet[Membership]:
    """Roles that this person may see: all for the administrator, its own organisation's for a manager."""
    if member is None or not member.part.manages_people:
        return Membership.objects.none()
    roles = Membership.objects.select_related("organisation", "user")
    return roles if member.is_administrator else roles.filter(organisation=member.organisation_id)


def people_of(member: Membership | None, *, words: str = "") -> QuerySet[User]:
    """The people behind those roles, whose name or address holds `words`; each with the roles that may be seen.

    The administrator also sees people without any role: somebody has to give them one.
    """
    roles = memberships_of_people(member)
    people = User.objects.all()
    if member is None or not member.is_administrator:
        people = people.filter(pk__in=roles.order_by().values("user"))
    if words:
        people = people.filter(
            Q(full_name__icontains=words)
            | Q(email__icontains=words)
            | Q(pk__in=roles.filter(organisation__name__icontains=words).order_by().values("user"))
        )
    return people.prefetch_related(Prefetch("memberships", roles.order_by("organisation__name", "role", "pk")))


def organisations_of(person: User) -> list[int]:
    """Those for whom a person acts today, by id: whom an act on this person concerns."""
    return sorted(set(Membership.objects.filter(user=person.pk).order_by().values_list("organisation", flat=True)))


def organisations(*, words: str = "", kind: str = "") -> QuerySet[Organisation]:
    """Every organisation with its territory, its contingents and how many people act for it."""
    every = Organisation.objects.select_related("territory", "landlord").prefetch_related("contingents")
    if kind:
        every = every.filter(kind=kind)
    if words:
        every = every.filter(Q(name__icontains=words) | Q(siren__startswith=words))
    return every.annotate(people=Count("memberships__user", distinct=True)).order_by("name", "siren")


Act = HistoryEntry.Act
USER, ORGANISATION = (model._meta.label_lower for model in (User, Organisation))

#: What a person is notified of at the next sign-in, when somebody else did it; no kind of act pushes another out.
KINDS = ((Act.PASSWORD,), (Act.LOCKED,), (Act.WARNED,), (Act.GRANTED, Act.REVOKED))
#: Of each kind, shown at once; the others are counted, and the page of the history has them.
MOST = 5
#: The roles that a command of the server gives with the account open it: they are no news of it.
OPENING = timedelta(days=1)


def acts_on_people(member: Membership | None, person: User) -> QuerySet[HistoryEntry]:
    """The acts that this person may read, latest first.

    The administrator reads all of them. Everybody reads those on their own account; those who look after an
    organisation, what was done on its people, and on the operator's, who can give anybody a password.
    """
    acts = HistoryEntry.objects.filter(subject__in=[USER, ORGANISATION]).select_related("by").order_by("-pk")
    if member is not None and member.is_administrator:
        return acts
    mine = Q(subject=USER, subject_id=person.pk)
    if member is not None and can_read_acts_on_people(member):
        operators = Organisation.objects.filter(kind=Organisation.Kind.OPERATOR).order_by("pk")
        mine |= Q(organisations__overlap=[member.organisation_id, *operators.values_list("pk", flat=True)])
    return acts.filter(mine)


def subjects_of(entries: Iterable[HistoryEntry]) -> list[tuple[HistoryEntry, User | Organisation]]:
    """Each of these acts with whom it is about. Two queries, however many."""
    entries = list(entries)
    people = User.objects.in_bulk({entry.subject_id for entry in entries if entry.subject == USER})
    parties = Organisation.objects.in_bulk({entry.subject_id for entry in entries if entry.subject == ORGANISATION})
    return [
        (entry, people[entry.subject_id] if entry.subject == USER else parties[entry.subject_id]) for entry in entries
    ]


def unread_acts(person: User) -> tuple[list[HistoryEntry], int]:
    """What somebody else, or a command of the server, did on this account since its person last stated to have read.

    The latest acts of each kind, oldest first, and how many more there are.
    """
    story = HistoryEntry.objects.about(person)
    acts = story.filter(Q(by=None) | ~Q(by=person.pk), pk__gt=person.told_up_to).select_related("by").order_by("-pk")
    opened = story.order_by().aggregate(at=Min("at"))["at"]
    if opened is not None:
        acts = acts.exclude(act=Act.GRANTED, by=None, at__lt=opened + OPENING)
    latest = [entry for kind in KINDS for entry in acts.filter(act__in=kind)[:MOST]]
    more = acts.filter(act__in=[act for kind in KINDS for act in kind]).count() - len(latest)
    return sorted(latest, key=lambda entry: entry.pk), more


#: A year, in days.
EVERY = 365


def to_review(member: Membership) -> QuerySet[Membership]:
    """The roles that this person looks at again: every one of its organisation."""
    return (
        Membership.objects.filter(organisation=member.organisation_id)
        .select_related("user", "organisation")
        .order_by("user__full_name", "role", "pk")
    )


def last_review(member: Membership) -> PeopleReview | None:
    """The latest review of its organisation."""
    return PeopleReview.objects.filter(organisation=member.organisation_id).select_related("by").first()


def review_is_due(member: Membership, *, today: date) -> bool:
    """Was nobody reviewed for a year, in an organisation that has been here for longer? One query."""
    since = HistoryEntry.objects.filter(subject=Organisation._meta.label_lower, subject_id=OuterRef("pk")).order_by()
    reviews = PeopleReview.objects.filter(organisation=OuterRef("pk")).order_by().values("organisation")
    last = (
        Organisation.objects.filter(pk=member.organisation_id)
        .annotate(
            last=Coalesce(
                Subquery(reviews.annotate(at=Max("at")).values("at")),
                Subquery(since.values("subject_id").annotate(at=Min("at")).values("at")),
                output_field=DateTimeField(),
            )
        )
        .values_list("last", flat=True)
        .get()
    )
    return last is not None and (today - timezone.localdate(last)).days >= EVERY


USER = User._meta.label_lower


@dataclass(frozen=True, slots=True)
class Unused:
    """Somebody who has not come since a moment; and when they were warned of it, after that."""

    person: User
    since: datetime
    warned_at: datetime | None


def unused_since(before: date) -> list[Unused]:
    """Open accounts whose person last signed in before that day, or was recorded before it and never came."""
    story = HistoryEntry.objects.filter(subject=USER, subject_id=OuterRef("pk")).order_by().values("subject_id")
    people = User.objects.filter(Q(last_login=None) | Q(last_login__date__lt=before), is_active=True).annotate(
        since=Coalesce(
            F("last_login"), Subquery(story.annotate(at=Min("at")).values("at")), output_field=DateTimeField()
        ),
        warned_at=Subquery(story.filter(act=Act.WARNED).annotate(at=Max("at")).values("at")),
    )
    return [
        Unused(person, person.since, person.warned_at if person.warned_at and person.warned_at > person.since else None)
        for person in people.filter(since__date__lt=before).order_by("pk")
    ]


#: What a session keeps of its beginning.
SIGNED_IN_AT, CAME_FROM, BROWSER = "signed_in_at", "came_from", "browser"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as its person reads it: `handle` names it on the page, where its key is never written."""

    handle: str
    since: datetime
    browser: str
    address: str
    is_this_one: bool


def open_sessions(person: User, *, this_one: str | None, now: datetime) -> list[OpenSession]:
    """The sessions of a person that are open, the one that asks first. One query."""
    rows = Session.objects.filter(user=person.pk, expire_date__gt=now)
    found = [_read(row, this_one) for row in rows]
    return sorted(found, key=lambda each: (not each.is_this_one, -each.since.timestamp()))


def _read(row: Session, this_one: str | None) -> OpenSession:
    data = row.get_decoded()
    since = datetime.fromisoformat(data[SIGNED_IN_AT]) if SIGNED_IN_AT in data else row.expire_date
    mine = row.session_key == this_one
    browser, address = data.get(BROWSER, ""), data.get(CAME_FROM) or ""
    return OpenSession(handle_of(row.session_key), since, browser, address, is_this_one=mine)


def handle_of(key: str) -> str:
    """What names a session on a page, where its key is never written."""
    return hashlib.sha256(f"session {key}".encode()).hexdigest()[:16]


#: Of the links that wait, shown at once.
SHOWN = 50


def invitations_of(member: Membership | None, *, now: datetime) -> QuerySet[Invitation]:
    """The links not taken yet that this person may withdraw: all for the administrator; for a manager, those of its
    organisation and of the holders that it looks after."""
    if member is None or not member.part.manages_people:
        return Invitation.objects.none()
    every = Invitation.objects.awaiting(now).select_related("organisation", "made_by").order_by("-pk")
    if member.is_administrator:
        return every
    mine = every.filter(organisation=member.organisation_id)
    return mine | every.filter(organisation__in=looked_after(member).order_by().values("pk"))


def link_of(key: str, *, now: datetime) -> Invitation | None:
    """The link that may be taken with this key."""
    found = Invitation.objects.awaiting(now).filter(digest=digest_of(key)) if key else Invitation.objects.none()
    return found.select_related("organisation", "made_by").first()


def change_of(key: str, *, now: datetime) -> AddressChange | None:
    """The change that one of its two keys opens; None when the key is worth nothing."""
    if not key:
        return None
    digest = digest_of(key)
    waiting = AddressChange.objects.filter(done_at=None, dropped_at=None, ends_at__gt=now)
    return waiting.filter(Q(old_digest=digest) | Q(new_digest=digest)).first()


def change_under_way(person: User, *, now: datetime) -> AddressChange | None:
    """What this person asked for, and has not confirmed everywhere."""
    return AddressChange.objects.filter(user=person.pk, done_at=None, dropped_at=None, ends_at__gt=now).first()


def oldest_mail(now: datetime) -> timedelta | None:
    """Since when the oldest message about which no server ever stated a word waits; None when none does. One query.

    One that a server puts off, a full mailbox, is its reader's affair.
    """
    answered = MailAttempt.objects.filter(mail=OuterRef("pk"), status__isnull=False)
    silent = Mail.objects.filter(~Exists(answered), state=Mail.State.PENDING)
    made_at: datetime | None = silent.aggregate(oldest=Min("made_at"))["oldest"]
    return None if made_at is None else max(timedelta(), now - made_at)


def refusals_of(people: Iterable[User]) -> dict[int, tuple[datetime, str]]:
    """{person (id): when their address was last refused, and in which words}: of those whose address is. One query."""
    listed = list(people)
    found = refused([person.email for person in listed])
    return {
        person.pk: (bad.at, bad.said) for person in listed if (bad := found.get(spelling(person.email))) is not None
    }


RIGHTS = Path(__file__).resolve().parent.parent / "data/rights.csv"
#: What a role may, in that file: with what is its organisation's own, or in its territory; with anybody's; where there
#: is nothing to state apart.
OWN, ALL, YES = "own", "all", "yes"


@dataclass(frozen=True, slots=True)
class ActOfRoles:
    """An act, in words; by role, how far it goes (OWN, ALL, YES), or nothing."""

    part: str
    act: str
    by_role: dict[str, str]


@cache
def every_act() -> tuple[ActOfRoles, ...]:
    """All of the matrix, in the order of the file; read once, as the code does not change under a process."""
    with RIGHTS.open(encoding="utf-8", newline="") as file:
        return tuple(
            ActOfRoles(row["part"], row["act"], {role: row[role] for role in Membership.Role})
            for row in csv.DictReader(file, delimiter=";")
        )


def roles_in(organisation: Organisation) -> list[Membership.Role]:
    """The roles that have a meaning in that organisation."""
    return [role for role in Membership.Role if organisation.kind in Membership.ROLES[role].kinds]


def acts_in(organisation: Organisation) -> list[ActOfRoles]:
    """The acts that somebody may do in that organisation."""
    roles = roles_in(organisation)
    return [act for act in every_act() if any(act.by_role[role] for role in roles)]


def grants_of(people: Iterable[User]) -> dict[tuple[int, int, str], HistoryEntry]:
    """{(person, organisation, role): the act that gave it, the last time}. One query, however many people."""
    given = HistoryEntry.objects.filter(
        subject=USER, subject_id__in=[person.pk for person in people], act=Act.GRANTED
    ).select_related("by")
    return {
        (entry.subject_id, entry.organisations[0], entry.details["role"][1]): entry
        for entry in given.order_by("pk")
        if entry.organisations
    }


def taken_back(member: Membership) -> QuerySet[HistoryEntry]:
    """The roles that were taken back in the member's organisation, the latest first; everywhere for the operator."""
    gone = HistoryEntry.objects.filter(subject=USER, act=Act.REVOKED).select_related("by").order_by("-pk")
    return gone if member.is_administrator else gone.filter(organisations__contains=[member.organisation_id])
