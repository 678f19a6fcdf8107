"""What the product and the model say of the same acts: answers, decisions, accounts, states, balances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from attributions.bilan.queries.balance import Balance, balance
from flux.models import Ledger, LedgerLine, Recommendation, Routing
from tests.model.life import LANDLORD, Departure
from tests.simulation import modelled
from tests.simulation.living import STARTS, Lived, landlords, settle
from tests.simulation.story import HOLDERS, Act, Settled, Story
from tests.world import World

MEASURES = ("offered", "returned", "lapsed", "allocated", "leased")
#: Of the account of a year, what its balance says too.
FIGURES = ("due", "held", "received", "awaiting")


@dataclass
class Difference(Exception):
    """After one of the acts of a story (its place), what differs."""

    place: int
    what: str

    def __str__(self) -> str:
        return f"act {self.place}: {self.what}"


@dataclass
class Counted:
    """What a story went through."""

    done: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)


def compare(world: World, story: Story, only: set[int] | None = None) -> Counted:
    """Live a story (`only`: the acts of these places) on both sides, and put the database back as it was.

    Raises Difference at the first one.
    """
    with transaction.atomic():
        sides = []
        for landlord, given in zip(landlords(world), story.settled, strict=False):
            settle(world, landlord, given, story.first)
            sides.append(Sides(Lived(world, landlord), given))
        counted = _compare(sides, story, only)
        transaction.set_rollback(True)
    return counted


def _compare(sides: Sequence[Sides], story: Story, only: set[int] | None) -> Counted:
    counted, now = Counted(), story.first
    for place, act in enumerate(story.acts):
        if only is not None and place not in only:
            continue
        now = act.after(now)
        words = _lived(sides, place, act, now)
        if words is None:
            continue
        into = counted.refused if words else counted.done
        into[act.name] = into.get(act.name, 0) + 1
        for side in sides if act.name == "morning" else () if words else [sides[act.at]]:
            for what in side.differ():
                raise Difference(place, what)
    for side in sides:
        for what in (*side.differ(), *side.balances()):
            raise Difference(len(story.acts), what)
        for each in side.life.departures:
            for decided in each.decisions:
                counted.reasons[decided.reason] = counted.reasons.get(decided.reason, 0) + 1
    return counted


def _lived(sides: Sequence[Sides], place: int, act: Act, now: datetime) -> str | None:
    """Ask an act on both sides: words of its refusal, None when nothing could be asked.

    Raises Difference when they do not answer alike.
    """
    side, today = sides[act.at], timezone.localdate(now)
    result = side.lived.live(act, now)
    if result is None:
        return None
    lives = [each.life for each in sides]
    words = side.sealed(act, result, today) if act.name == "seal" else modelled.live(lives, act, today)
    if bool(result) != bool(words) or words not in result:
        raise Difference(place, f"the product says « {result or 'done'} », the model « {words or 'done'} »")
    return words


class Sides:
    """Both sides of one landlord of a story, as far as it went. `seals`: what each year stated when it was sealed."""

    def __init__(self, lived: Lived, given: Settled) -> None:
        self.lived, self.life, self.given = lived, modelled.model_of(given), given
        self.names = {holder.pk: name for name, holder in lived.holders.items()}
        self.seen = 0
        self.seals: dict[int, dict[tuple[str, str], int]] = {}

    def sealed(self, act: Act, text: str, today: date) -> str:
        """What the model answers to the seal of a year: once is enough, unless something is to be stated (a sealed year
        says for ever what it stated on the day of its seal)."""
        year = STARTS.year + act.other
        figures = {key: figure for key, figure in self.life.balance(year).items() if figure}
        if year > today.year:
            return "n’a pas commencé"
        if year in self.seals and not act.text:
            return "est scellée et le restera"
        if "Rien n’a changé" in text and self.seals.get(year) == figures:
            return "Rien n’a changé"
        self.seals[year] = figures
        return ""

    def differ(self) -> Iterator[str]:
        for what, product, model in (
            ("decisions", self._decisions(), [self._decided(number) for number in self._new()]),
            ("who has each unit", self._routings(), self._held()),
            ("accounts", self._accounts(), self._modelled()),
        ):
            if product != model:
                yield f"{what}: {_apart(product, model)}"

    def _new(self) -> list[tuple[int, int]]:
        made = [(each.number, place) for each in self.life.departures for place in range(len(each.decisions))]
        made.sort(key=lambda key: self.life.departures[key[0]].decisions[key[1]].order)
        found, self.seen = made[self.seen :], len(made)
        return found

    def _decided(self, key: tuple[int, int]) -> tuple[object, ...]:
        number, place = key
        decided = self.life.departures[number].decisions[place]
        account = decided.account
        return number, place + 1, decided.holder, decided.reason, decided.sequence, account.year, account.one_turn

    def _decisions(self) -> list[tuple[object, ...]]:
        places = {vacancy.pk: number for number, vacancy in enumerate(self.lived.departures)}
        rows = (
            Recommendation.objects.order_by("pk")
            .values_list("vacancy", "attempt", "holder", "reason", "sequence", "ledger__exercise", "ledger__kind")
            .filter(vacancy__in=places)
        )[self.seen :]
        return [
            (places[vacancy], attempt, self.names[holder], reason, sequence, year, kind == Ledger.Kind.ONE_TURN)
            for vacancy, attempt, holder, reason, sequence, year, kind in rows
        ]

    def _routings(self) -> dict[int, str]:
        places = {vacancy.pk: number for number, vacancy in enumerate(self.lived.departures)}
        rows = (
            Routing.objects.filter(closed_at=None, vacancy__in=places).order_by("pk").values_list("vacancy", "holder")
        )
        return {places[vacancy]: self.names[holder] for vacancy, holder in rows}

    def _held(self) -> dict[int, str]:
        return {each.number: each.holder for each in self.life.departures if each.holder}

    def _accounts(self) -> dict[tuple[object, ...], object]:
        rows = (
            LedgerLine.objects.filter(ledger__landlord=self.lived.landlord)
            .order_by("pk")
            .values_list("ledger__exercise", "ledger__kind", "holder", "due", "received", "last_served", "profile")
        )
        found: dict[tuple[object, ...], object] = {}
        for year, kind, holder, due, received, last, profile in rows:
            key = year, kind == Ledger.Kind.ONE_TURN, self.names[holder]
            found[key] = due, received, last
            for dimension, categories in profile.items():
                for category, figures in categories.items():
                    if any(figures):
                        found[*key, dimension, category] = tuple(figures)
        return {key: figures for key, figures in found.items() if any(figures)}

    def _modelled(self) -> dict[tuple[object, ...], object]:
        found: dict[tuple[object, ...], object] = {}
        for account in self.life.accounts.values():
            for holder, line in account.lines.items():
                key = account.year, account.one_turn, holder
                found[key] = line.due, line.received, line.last
                for dimension, category in {*line.dues, *line.receipts}:
                    figures = line.dues[dimension, category], line.receipts[dimension, category]
                    found[*key, dimension, category] = figures
        return {key: figures for key, figures in found.items() if any(figures)}

    def balances(self) -> Iterator[str]:
        """What each year says of its acts and of its account, holder by holder; and, once sealed, what it stated
        then."""
        for year in sorted({each.registered.year for each in self.life.departures}):
            live = balance(self.lived.landlord, year, live=True)
            product = self._acts(live)
            for line in live.lines:
                for name in FIGURES:
                    product[self.names[line.holder.pk], name] = getattr(line.figures, name)
            model = {**self.life.balance(year), **self._figures(year)}
            yield from _differing(f"balance of {year}", product, model)
        for year, figures in self.seals.items():
            yield from _differing(f"sealed {year}", self._acts(balance(self.lived.landlord, year)), figures)

    def _acts(self, read: Balance) -> dict[tuple[str, str], int]:
        cells = read.cells
        return {
            (self.names[holder], name): getattr(cells.holder(holder), name)
            for holder in cells.holders()
            for name in MEASURES
        }

    def _figures(self, year: int) -> Counter[tuple[str, str]]:
        """Of the account of a year: what is due, what the rule counts, what waits for somebody to confirm it, and what
        reached the point at which the convention counts it (CCH, R441-5-1: what each was due, and received)."""
        found: Counter[tuple[str, str]] = Counter()
        account = self.life.account(year)
        for holder, line in account.lines.items():
            found[holder, "due"], found[holder, "held"], found[holder, "received"] = (
                line.due,
                line.received,
                line.received,
            )
        for each in self.life.departures:
            if each.decisions and each.decisions[-1].account is account and not (each.out or each.cancelled):
                holder = each.holder or each.decisions[-1].holder
                found[holder, "awaiting"] += not each.holder
                found[holder, "received"] -= not self._counts(each, holder)
        return found

    def _counts(self, at: Departure, holder: str) -> bool:
        """Is it at the point that the convention of a holder says? Routed, a recommendation that waits is."""
        point = "ROUTED" if holder == LANDLORD else self.given.terms[HOLDERS[holder][0]].point
        return {"ROUTED": True, "ALLOCATED": at.allocated, "LEASED": at.let}[point]


def _differing(what: str, product: Mapping[Any, int], model: Mapping[Any, int]) -> Iterator[str]:
    """What one side says and not the other, nothing being as good as nought."""
    one, other = ({key: figure for key, figure in side.items() if figure} for side in (product, model))
    if one != other:
        yield f"{what}: {_apart(one, other)}"


def _apart(product: object, model: object) -> str:
    """What one side says and not the other."""
    if isinstance(product, dict) and isinstance(model, dict):
        keys = sorted((key for key in {*product, *model} if product.get(key) != model.get(key)), key=str)
        return "; ".join(f"{key}: product {product.get(key)}, model {model.get(key)}" for key in keys[:8])
    return f"product {product}, model {model}"
