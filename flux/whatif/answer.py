"""Answer.

* What a hypothesis gives, as a page says it: from a replay at hand, or from what a worker kept of one.
* The units that would have gone elsewhere: where each went and why, where it would have gone and why.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import batched
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.text import capfirst

from flux.engine import versions
from flux.models import Recommendation, Routing, Vacancy
from flux.situation import LedgerSituation
from flux.whatif.hypothesis import Hypothesis, Outcome, SupposedLine
from flux.whatif.past import Past
from reservations.models import Membership, ReservationHolder
from reservations.models.convention import UNIT
from reservations.queries.rights import OverCommitment

#: Of what is kept: another shape of it, or another rule behind it, is another number.
SHAPE = 1
#: Characters of each half of a fingerprint.
HALF = 32
#: Sentences kept together.
BLOCK = 50


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A unit (id) that would have gone elsewhere: the holder that has it and the one that would (ids; None: nobody),
    and why; `why` is empty for a unit that the hypothesis leaves out."""

    vacancy: int
    held: int | None
    holder: int | None
    why: str


@dataclass(frozen=True, slots=True)
class AtHand:
    """The units that would have gone elsewhere, in the order they entered, of a replay at hand: a sentence is made for
    those that are read."""

    outcomes: Sequence[Outcome]

    def __len__(self) -> int:
        return len(self.outcomes)

    @property
    def ids(self) -> list[int]:
        return [outcome.event.vacancy.pk for outcome in self.outcomes]

    def at(self, place: int) -> Elsewhere:
        """One of them, by its place."""
        outcome = self.outcomes[place]
        seen, decision = outcome.facts, outcome.decision
        why = versions.say(seen, decision) if seen is not None and decision is not None else ""
        return Elsewhere(outcome.event.vacancy.pk, outcome.event.held, outcome.holder, why)


@dataclass(frozen=True, slots=True)
class Kept:
    """The same, as they are kept: a column of each, and the sentences by blocks, so that twenty of them are read
    without the thousands of others."""

    ids: list[int]
    held: list[int | None]
    holders: list[int | None]
    said: list[str]

    def __len__(self) -> int:
        return len(self.ids)

    def at(self, place: int) -> Elsewhere:
        """One of them, by its place."""
        block = json.loads(zlib.decompress(base64.b85decode(self.said[place // BLOCK])))
        return Elsewhere(self.ids[place], self.held[place], self.holders[place], block[place % BLOCK])


@dataclass(frozen=True, slots=True)
class Excess:
    """Where the hypothesis promises over the whole: the commune, how much (millionths), and the conventions."""

    commune: str
    total: int
    conventions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page says. `units` replayed, of the `entered` that the rule decided, and of those put back in the flow;
    `waiting`, `overridden`, `returned`: as in `Past`. With `excess` there is no result."""

    lines: tuple[SupposedLine, ...]
    moved: AtHand | Kept
    units: int
    entered: int
    waiting: int
    overridden: int
    returned: int
    excess: tuple[Excess, ...] = ()

    @property
    def widest(self) -> SupposedLine | None:
        """The line that the hypothesis changes most."""
        return max(self.lines, key=lambda line: abs(line.difference), default=None)

    @property
    def typologies(self) -> list[str]:
        """Those of the mix, the same on every line."""
        return [typology for typology, _, _ in self.lines[0].mix] if self.lines else []

    @property
    def scale(self) -> int:
        """What the gauges compare with: the largest figure, in millionths."""
        return max([UNIT, *(max(line.due, UNIT * line.received) for line in self.lines)])


def answer_of(past: Past, found: Hypothesis) -> Answer:
    """What a replay gave."""
    return Answer(
        found.lines,
        AtHand(found.moved),
        len(found.outcomes),
        past.entered,
        past.waiting,
        past.overridden,
        past.returned,
        tuple(map(_excess, found.excess)),
    )


def packed(answer: Answer) -> bytes:
    """To be kept: holders by id, every unit that moved with its sentence."""
    moved = [answer.moved.at(place) for place in range(len(answer.moved))]
    content = {
        "lines": [
            [line.holder.pk, line.due_then, line.received_then, line.due, line.received, line.mix]
            for line in answer.lines
        ],
        "moved": [
            [each.vacancy for each in moved],
            [each.held for each in moved],
            [each.holder for each in moved],
            [_block([each.why for each in some]) for some in batched(moved, BLOCK)],
        ],
        "excess": [[each.commune, each.total, each.conventions] for each in answer.excess],
        "counts": [answer.units, answer.entered, answer.waiting, answer.overridden, answer.returned],
    }
    return json.dumps(content, separators=(",", ":")).encode()


def unpacked(kept: bytes, holders: Mapping[str, ReservationHolder]) -> Answer:
    """What was kept. `holders`: those of the account, by id."""
    content: dict[str, Any] = json.loads(kept)
    lines = (
        SupposedLine(holders[str(pk)], due_then, received_then, due, received, tuple((*cell,) for cell in mix))
        for pk, due_then, received_then, due, received, mix in content["lines"]
    )
    excess = (Excess(commune, total, tuple(named)) for commune, total, named in content["excess"])
    units, entered, waiting, overridden, returned = content["counts"]
    moved = Kept(*content["moved"])
    return Answer(tuple(lines), moved, units, entered, waiting, overridden, returned, tuple(excess))


def version_of(situation: LedgerSituation, subtracted: object, *, on: date) -> str:
    """Fingerprint of what decides an answer: its first half is of what each holder has a right to on a day, its second
    of the account as it stands and of what was `subtracted` from the flow. Units that wait for a decision, and
    descriptions corrected since, are not shown: an answer says when it was made, and is of one day. No query."""
    rights = [
        {
            "of": [right.convention.pk, right.holder.pk, right.perimeter_id, right.rank],
            "days": [right.starts_on, right.ends_on, right.pauses],
            "share": [right.share, right.yearly_units, right.convention.first_letting_counts],
            "rates": [{**asdict(cell), "categories": sorted(cell.categories)} for cell in right.rates],
            "declined": sorted(right.declined),
        }
        for right in situation.rights
    ]
    counters = {key: asdict(counter) for key, counter in situation.counters.holders.items()}
    carries = {key: asdict(carry) for key, carry in situation.carries.items()}
    account = [subtracted, situation.ledger.sequence, counters, carries, situation.needs]
    return "".join(_digest(part)[:HALF] for part in ([SHAPE, on, rights], account))


def same_rights(one: str, other: str) -> bool:
    """Are these two fingerprints of the same day and of the same rights?"""
    return one[:HALF] == other[:HALF]


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _block(sentences: list[str]) -> str:
    return base64.b85encode(zlib.compress(json.dumps(sentences).encode())).decode()


def _excess(found: OverCommitment) -> Excess:
    named = tuple(f"{convention.organisation} ({convention.perimeter})" for convention in found.conventions)
    return Excess(str(found.commune), found.total, named)


#: Units shown with both reasons.
SHOWN = 20
#: Units that are looked for first among those that one sees: more would cost who sees them all.
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Moved:
    """One unit, where it went and why, where it would have gone and why."""

    vacancy: Vacancy
    then: str
    why_then: str
    now: str
    why_now: str


def explained(answer: Answer, holders: Mapping[str, ReservationHolder], member: Membership) -> list[Moved]:
    """The first units that would have gone elsewhere, among those whose sheet the person may read. `holders`: those of
    the account, by id. Two queries; one more for who reads hardly any of the first thousand."""
    shown = [answer.moved.at(place) for place in _first_seen(answer.moved.ids, member)]
    rows = Recommendation.objects.filter(vacancy=OuterRef("pk")).order_by("-attempt")
    chosen = Routing.objects.filter(vacancy=OuterRef("pk"), closed_at=None).exclude(motive="").order_by("-pk")
    fetched = Vacancy.objects.select_related("unit__commune").annotate(
        sentence=Subquery(rows.values("sentence")[:1]),
        choice=Subquery(chosen.values("motive_text")[:1]),
        chosen=Subquery(chosen.values("holder")[:1]),
    )
    vacancies = fetched.in_bulk([each.vacancy for each in shown] or [0])
    return [_moved(vacancies[each.vacancy], each, holders) for each in shown if each.vacancy in vacancies]


def _first_seen(ids: list[int], member: Membership) -> list[int]:
    """The places of the first units that the person sees."""
    visible = Vacancy.objects.visible_to(member).order_by()
    found: list[int] = []
    for begin, some in ((0, ids[:BATCH] or [0]), (BATCH, ids[BATCH:])):
        if some and len(found) < SHOWN:
            seen = set(visible.filter(pk__in=some).values_list("pk", flat=True))
            found += [place for place, pk in enumerate(some, begin) if pk in seen]
    return found[:SHOWN]


def _moved(vacancy: Vacancy, each: Elsewhere, holders: Mapping[str, ReservationHolder]) -> Moved:
    sentence, choice = vars(vacancy)["sentence"], vars(vacancy)["choice"]
    if vars(vacancy)["chosen"] != each.held:
        choice = ""  # made since the answer was kept, for another holder
    if vacancy.exclusion:
        then, why_then = "Soustrait du flux", capfirst(vacancy.get_exclusion_display())
    elif each.held is None:
        then, why_then = "Sorti du flux", "Rendu pour travaux."
    else:
        then, why_then = str(holders[str(each.held)]), f"Choix du bailleur : {choice}" if choice else sentence
    if each.holder is None:
        return Moved(vacancy, then, why_then, "Non compté", "Moins de départs dans l’hypothèse.")
    return Moved(vacancy, then, why_then, str(holders[str(each.holder)]), each.why)
