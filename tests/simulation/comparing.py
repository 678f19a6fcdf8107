"""What the product and the model say of the same acts: answers, decisions, accounts, states, balances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from attributions.bilan.queries.balance import balance
from flux.models import Ledger, LedgerLine, Recommendation, Routing
from tests.model.life import Life
from tests.simulation import modelled
from tests.simulation.living import Lived, settle
from tests.simulation.story import Story
from tests.world import World

MEASURES = ("offered", "returned", "lapsed", "allocated", "leased")


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
        settle(world, story)
        counted = _compare(Lived(world), modelled.model_of(story), story, only)
        transaction.set_rollback(True)
    return counted


def _compare(lived: Lived, life: Life, story: Story, only: set[int] | None) -> Counted:
    counted, now = Counted(), story.first
    sides = Sides(lived, life)
    for place, act in enumerate(story.acts):
        if only is not None and place not in only:
            continue
        now = act.after(now)
        said = lived.live(act, now)
        if said is None:
            continue
        words = modelled.live(life, act, timezone.localdate(now))
        if bool(said) != bool(words) or words not in said:
            raise Difference(place, f"the product says « {said or 'done'} », the model « {words or 'done'} »")
        into = counted.refused if words else counted.done
        into[act.name] = into.get(act.name, 0) + 1
        for what in sides.differ():
            raise Difference(place, what)
    for each in life.departures:
        for decided in each.decisions:
            counted.reasons[decided.reason] = counted.reasons.get(decided.reason, 0) + 1
    for what in sides.balances():
        raise Difference(len(story.acts), what)
    return counted


class Sides:
    """Both sides of a story, as far as it went."""

    def __init__(self, lived: Lived, life: Life) -> None:
        self.lived, self.life = lived, life
        self.names = {holder.pk: name for name, holder in lived.world.holders.items()}
        self.seen = 0

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
        rows = Routing.objects.filter(closed_at=None).order_by("pk").values_list("vacancy", "holder")
        return {places[vacancy]: self.names[holder] for vacancy, holder in rows}

    def _held(self) -> dict[int, str]:
        return {each.number: each.holder for each in self.life.departures if each.holder}

    def _accounts(self) -> dict[tuple[object, ...], object]:
        rows = LedgerLine.objects.order_by("pk").values_list(
            "ledger__exercise", "ledger__kind", "holder", "due", "received", "last_served", "profile"
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
        """What each year says of its acts, holder by holder."""
        for year in sorted({each.registered.year for each in self.life.departures}):
            cells = balance(self.lived.world.landlord, year, live=True).cells
            product = {
                (self.names[holder], name): getattr(cells.holder(holder), name)
                for holder in cells.holders()
                for name in MEASURES
            }
            model = dict(self.life.balance(year))
            for side in (product, model):
                for key in [key for key, figure in side.items() if not figure]:
                    del side[key]
            if product != model:
                yield f"balance of {year}: {_apart(product, model)}"


def _apart(product: object, model: object) -> str:
    """What one side says and not the other."""
    if isinstance(product, dict) and isinstance(model, dict):
        keys = sorted((key for key in {*product, *model} if product.get(key) != model.get(key)), key=str)
        return "; ".join(f"{key}: product {product.get(key)}, model {model.get(key)}" for key in keys[:8])
    return f"product {product}, model {model}"
