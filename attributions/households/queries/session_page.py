"""One session as its pages show it: what it counts, the state of each unit of its agenda, its quorum in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from attributions.households.models import AgendaCase, AgendaItem, Attendance, Ballot, CommitteeMember, CommitteeSession
from attributions.households.queries.committee import rules_of

Capacity = CommitteeMember.Capacity


@dataclass(frozen=True, slots=True)
class Tally:
    """What a session counts, the same on every page: the units that it examines, the cases of those, and apart, in
    neither, the units postponed to another."""

    units: int
    cases: int
    postponed: int

    @classmethod
    def of(cls, items: Iterable[tuple[bool, int]]) -> Tally:
        """From each unit: was it postponed, and how many cases it has."""
        given = list(items)
        examined = [cases for postponed, cases in given if not postponed]
        return cls(len(examined), sum(examined), len(given) - len(examined))

    @property
    def sentence(self) -> str:
        """« 8 logements, 19 dossiers, et 1 logement reporté »"""
        said = f"{_counted(self.units, 'logement')}, {_counted(self.cases, 'dossier')}"
        return f"{said}, et {self.put_off}" if self.postponed else said

    @property
    def put_off(self) -> str:
        """« 1 logement reporté »"""
        return _counted(self.postponed, "logement", "reporté")


def _counted(number: int, *words: str) -> str:
    return f"{number} {' '.join(f'{word}{"s" * (number > 1)}' for word in words)}"


@dataclass(frozen=True, slots=True)
class ItemLine:
    """A unit of the agenda: for whom, how many cases, and where it stands."""

    item: AgendaItem
    holder: str
    cases: list[AgendaCase]
    words: str
    pill: str

    @property
    def has_dalo(self) -> bool:
        """Is a household designated by the préfet under the enforceable right among the cases?"""
        return any(case.proposal.dalo_designated for case in self.cases)


def item_lines(items: Sequence[AgendaItem]) -> list[ItemLine]:
    """Items fetched by `agenda_items`, with their state in two words. No query."""
    lines = []
    for item in items:
        holder = str(item.routing.holder) if item.routing else "Soustrait du flux"
        words, pill = _state(item)
        lines.append(ItemLine(item, holder, list(item.cases.all()), words, pill))
    return lines


def tally_of(lines: Iterable[ItemLine]) -> Tally:
    """What these lines, all those of one session, come to. No query."""
    return Tally.of((line.item.postponed_at is not None, len(line.cases)) for line in lines)


def _state(item: AgendaItem) -> tuple[str, str]:
    ballots = list(item.ballots.all())
    if item.postponed_at is not None:
        return "Reporté", "no"
    if item.concluded_at is not None:
        return "Décidé", "ok"
    if any(ballot.closed_at is None for ballot in ballots):
        return "Vote en cours", "todo"
    if ballots:
        last = ballots[-1]
        return ("Proposition rejetée" if last.outcome == Ballot.Outcome.REJECTED else "Sans décision"), "late"
    return "À examiner", "wait"


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many of the appointed members are there, and how many the committee's rules ask for (None: no rules)."""

    needed: int | None
    appointed: int
    present: list[Attendance]

    @property
    def there(self) -> int:
        return sum(each.member.capacity == Capacity.APPOINTED for each in self.present)

    @property
    def is_met(self) -> bool:
        return self.needed is not None and self.there >= self.needed

    @property
    def sentence(self) -> str:
        """« Quorum atteint : 5 membres désignés présents sur 6, il en faut 3. »"""
        if self.needed is None:
            return "Quorum inconnu : enregistrez d’abord le règlement de la commission."
        some = self.there > 1
        return (
            f"Quorum {'atteint' if self.is_met else 'non atteint'} : {self.there} membre{'s' * some} "
            f"désigné{'s' * some} présent{'s' * some} sur {self.appointed}, il en faut {self.needed}."
        )


def still_to_come(session: CommitteeSession, *, today: date) -> date | None:
    """The day from which a session may be opened, that of its vote when it is remote; None once it has come."""
    first = timezone.localdate(session.vote_opens_at) if session.vote_opens_at else session.day
    return first if today < first else None


def quorum_of(session: CommitteeSession) -> Quorum:
    """Read the attendance of a session. At most three queries."""
    needed = session.quorum
    if needed is None:
        rules = rules_of(session.committee, session.day)
        needed = rules.quorum if rules else None
    present = Attendance.objects.filter(session=session).select_related("member__organisation", "member__territory")
    appointed = CommitteeMember.objects.filter(committee=session.committee, capacity=Capacity.APPOINTED)
    return Quorum(needed, appointed.sitting(session.day).count(), list(present.order_by("member__capacity", "pk")))
