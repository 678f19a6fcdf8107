"""Who reads what awaits them, and what is read once for all the kinds of acts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import QuerySet, Value
from django.utils import timezone

from attributions.bilan.queries.home import BalancesHome, balances_home, parts
from attributions.households.models import CommitteeSession
from attributions.inbox.models import RowMark
from attributions.inbox.sittings import Sitting, sittings
from flux.queries.compliance import Uncovered, lacking, uncovered_of
from flux.queries.forecasts import Reminder, due_days, to_remind
from flux.queries.queue import blocked
from reservations.imports.kinds import kinds_for
from reservations.models import Landlord, Membership
from reservations.models.together import Steps, by_itself, given, together, whole
from reservations.queries.composed import Composed

#: What may await whoever reads, beside the parts of its balances.
MARKS, SITTINGS, UNCOVERED = "MARKS", "SITTINGS", "UNCOVERED"


class Reader:
    """A person under the organisation for which it acts, at a moment. What takes several queries is read once."""

    def __init__(self, member: Membership, *, now: datetime) -> None:
        self.member, self.now, self.today = member, now, timezone.localdate(now)

    @property
    def organisation(self) -> int:
        """Its organisation, by id."""
        return self.member.organisation_id

    @property
    def landlord(self) -> Landlord:
        """The landlord for which it acts: asked by the kinds of a landlord alone."""
        landlord = self.member.landlord
        assert landlord is not None, "asked of a landlord's people only"
        return landlord

    @cached_property
    def there(self) -> frozenset[str]:
        """Which of the things that take queries of their own there are: the others are not asked for. One query."""
        return by_itself(self._found())

    def _found(self) -> Steps[frozenset[str]]:
        (rows,) = yield [_THERE.part(self.member, self.now)]
        return frozenset(code for (code,) in rows)

    def ahead(self) -> Steps[None]:
        """Read what the kinds of acts ask for of this person, with what is read beside. Two steps."""
        self.there, *_ = yield from together(self._found(), self.member.organisation.hold())
        seated = sittings.steps(self.member, now=self.now) if SITTINGS in self.there else given(())
        law = due_days.steps([self.today.year]) if self.member.is_landlord else given(None)
        self.marks, self.sittings, _ = yield from together(self._marked(), seated, law)

    def _marked(self) -> Steps[Mapping[tuple[str, int], RowMark]]:
        if MARKS not in self.there:
            return {}
        found = yield from whole(RowMark.objects.filter(organisation=self.organisation), "taken_by")
        return {(each.kind, each.key): each for each in found}

    @cached_property
    def marks(self) -> Mapping[tuple[str, int], RowMark]:
        """Who takes which row of the organisation, and until when rows are put off, by kind and key."""
        return by_itself(self._marked())

    @cached_property
    def sittings(self) -> Sequence[Sitting]:
        """The nearest sessions, with the votes that are awaited there."""
        return sittings(self.member, now=self.now) if SITTINGS in self.there else ()

    @cached_property
    def balances(self) -> BalancesHome:
        """Its balances to send, to answer, to read and to sign."""
        return balances_home(self.member, self.there, today=self.today)

    @cached_property
    def reminder(self) -> Reminder | None:
        """The forecasts that a landlord has to send, in their season."""
        return to_remind(self.landlord, today=self.today)

    @cached_property
    def uncovered(self) -> Sequence[Uncovered]:
        """Where no convention is in force for a landlord."""
        return uncovered_of(self.landlord, on=self.today) if UNCOVERED in self.there else ()

    @cached_property
    def files(self) -> Sequence[str]:
        """The codes of the files that it may give."""
        return tuple(kind.code for kind in kinds_for(self.member))

    @cached_property
    def blocked(self) -> list[int]:
        """The vacancies (by id) of a landlord whose calculation will not come by itself; of nobody else."""
        return list(blocked(self.landlord, today=self.today)) if self.member.is_landlord else []


def _there(member: Membership, now: datetime, _: None) -> QuerySet[Any, Any]:
    """A row for each thing that there is."""
    today = timezone.localdate(now)
    things: dict[str, QuerySet[Any, Any]] = {
        MARKS: RowMark.objects.filter(organisation=member.organisation_id),
        SITTINGS: CommitteeSession.objects.visible_to(member).filter(closed_at=None, cancelled_at=None),
        **parts(member, today=today),
    }
    if member.landlord is not None:
        things[UNCOVERED] = lacking(member.landlord, on=today)
    first, *others = (each.order_by().values_list(Value(code))[:1] for code, each in things.items())
    whole: QuerySet[Any, Any] = first.union(*others, all=True).order_by()
    return whole


#: Composed once a day for each role.
_THERE = Composed(_there)
