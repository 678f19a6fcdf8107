"""What was done on people and organisations, for those whom it concerns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Min, Q, QuerySet

from reservations.models import HistoryEntry, Membership, Organisation, User
from reservations.permissions import can_read_acts_on_people

Act = HistoryEntry.Act
USER, ORGANISATION = (model._meta.label_lower for model in (User, Organisation))

#: What a person is told of at the next sign-in, when somebody else did it; no kind of act pushes another out.
KINDS = ((Act.PASSWORD,), (Act.LOCKED,), (Act.WARNED,), (Act.GRANTED, Act.REVOKED))
#: Of each kind, told at once; the others are counted, and the page of the history has them.
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


def untold(person: User) -> tuple[list[HistoryEntry], int]:
    """What somebody else, or a command of the server, did on this account since its person last said to have read.

    The latest acts of each kind, oldest first, and how many more there are.
    """
    story = HistoryEntry.objects.about(person)
    acts = story.filter(Q(by=None) | ~Q(by=person.pk), pk__gt=person.told_up_to).select_related("by").order_by("-pk")
    opened = story.order_by().aggregate(at=Min("at"))["at"]
    if opened is not None:
        acts = acts.exclude(act=Act.GRANTED, by=None, at__lt=opened + OPENING)
    told = [entry for kind in KINDS for entry in acts.filter(act__in=kind)[:MOST]]
    more = acts.filter(act__in=[act for kind in KINDS for act in kind]).count() - len(told)
    return sorted(told, key=lambda entry: entry.pk), more
