"""A story drawn from a seed: acts that are valid or not, most of them about a departure that they fit."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from tests.model.life import LANDLORD, Departure, Life
from tests.simulation import modelled
from tests.simulation.story import HOLDERS, Act, RightDrawn, RowDrawn, Settled, Story, TermsDrawn

CHAINS = (
    ("LANDLORD",),
    ("NEXT", "LANDLORD"),
    ("STATE", "NEXT", "LANDLORD"),
    ("MAYOR", "STATE", "LANDLORD"),
    ("MAYOR", "NEXT", "LANDLORD"),
)
COMMUNES = ("Narbonne", "Narbonne", "Coursan", "Sigean")
FINANCINGS = ("10", "13", "17")
REASONS = ("NO_CANDIDATE", "DECLINED", "DECLINED", "WITHDRAWN", "WORKS", "REFUSED", "UNALLOCATED", "ERROR")
MOTIVES = ("OTHER", "CORRECTION", "HOLDER_AGREEMENT", "HOLDER_REQUEST", "")
#: What happens, and how often in a hundred.
ACTS = {
    "declare": 27,
    "confirm": 18,
    "seal": 1,
    "override": 8,
    "give_back": 13,
    "cancel": 3,
    "resume": 4,
    "allocate": 6,
    "lease": 7,
    "undo": 3,
    "ask": 4,
    "morning": 7,
}


#: Which departure an act fits.
FITS: dict[str, Callable[[Departure], object]] = {
    "confirm": lambda at: at.decisions and not at.holder and not at.out and not at.cancelled,
    "override": lambda at: at.decisions and not at.out and not at.allocated and not at.cancelled,
    "give_back": lambda at: at.holder not in ("", LANDLORD) and not at.allocated,
    "cancel": lambda at: not at.allocated and not at.cancelled,
    "resume": lambda at: at.out and not at.cancelled,
    "allocate": lambda at: at.holder and not at.allocated,
    "lease": lambda at: at.holder and not at.let,
    "undo": lambda at: at.allocated,
    "ask": lambda at: at.waits,
}
#: A year that begins in October, one that its end cuts in two.
BEGINNINGS = (datetime(2026, 10, 5, 8, 0, tzinfo=UTC), datetime(2026, 12, 1, 8, 0, tzinfo=UTC))


def draw(seed: int, acts: int) -> Story:
    """The story of a seed, so many acts long: a longer one begins as a shorter one does."""
    chance = random.Random(seed)
    landlords = 2 if chance.random() < 0.3 else 1
    story = Story(seed, chance.choice(BEGINNINGS), tuple(_settled(chance) for _ in range(landlords)), ())
    lives, now = [modelled.model_of(each) for each in story.settled], story.first
    # In some years a unit is one of two, which differ in everything: what is lacking adds up over the dimensions.
    kinds = [_act(chance, "declare").unit for _ in range(2)] if chance.random() < 0.25 else []
    rows: list[Act] = []
    for place in range(acts):
        at = landlords - 1 if chance.random() < 0.3 else 0
        if rows and chance.random() < 0.04:  # the same again
            act = rows[-1]
        else:
            act = _fitting(chance, lives[at], replace(_act(chance, "declare" if place < 4 else ""), at=at))
            act = replace(act, unit=chance.choice(kinds)) if kinds and act.name == "declare" else act
        now = act.after(now)
        modelled.live(lives, act, now.date())
        rows.append(act)
    return replace(story, acts=tuple(rows))


def _settled(chance: random.Random) -> Settled:
    rights = {name: _right(chance, name) for name in HOLDERS}
    if chance.random() < 0.2:  # all alike, but for agents (CCH, R441-5-2): only then do the last criteria speak
        rights = {name: RightDrawn(50_000 if name == "agents" else 100_000, (), ()) for name in HOLDERS}
    terms = {name: _terms(chance) for name in ("state", "als", "city", "epci")}
    return Settled(
        chance.choice((1, 1, 2, 4)), chance.choice((0, 2, 3)), chance.random() < 0.25, rights=rights, terms=terms
    )


def _fitting(chance: random.Random, life: Life, act: Act) -> Act:
    """The same act, about a departure that it fits, four times in five; another act where it fits none."""
    if act.name not in FITS or chance.random() < 0.2:
        return act
    fitting = [each.number for each in life.departures if FITS[act.name](each)]
    if not fitting:
        return _fitting(chance, life, replace(_act(chance), at=act.at))
    return replace(act, which=len(life.departures) - 1 - chance.choice(fitting[-10:]))


def _right(chance: random.Random, name: str) -> RightDrawn:
    organisation, place, _, least, most = HOLDERS[name]
    state, rows, declined = organisation == "state", [], ()

    def share() -> int:
        return chance.randint(least * 100, most * 100) * 100

    if not state and chance.random() < 0.6:  # each row is within the one before: none overlap
        typologies = tuple(f"T{rooms}" for rooms in sorted(chance.sample(range(1, 6), 3)))
        rows.append(RowDrawn(share(), "", typologies, (), 0))
        rows.append(RowDrawn(share(), "", typologies[:2], ("PLUS", "PLS")[: chance.randint(0, 2)], 2026))
        if chance.random() < 0.5:
            rows.append(RowDrawn(share(), place, typologies[:1], rows[1].financings[:1], 2027))
    if not state and chance.random() < 0.4:
        declined = chance.choice(
            (("typology:T1",), ("typology:T4", "typology:T5"), ("financing:PLS",), ("qpv:en QPV",))
        )
    return RightDrawn(share(), tuple(rows), declined)


def _terms(chance: random.Random) -> TermsDrawn:
    sides = ("APPLICANT", "LANDLORD", "COMMITTEE", "UNIT")
    returns = chance.choice(("YES", "NO", "NO", "YES_IF_HOLDER_FAULT", "YES_IF_HOLDER_FAULT"))
    return TermsDrawn(
        returns=returns,
        point="ROUTED" if returns == "YES" else chance.choice(("ROUTED", "ALLOCATED", "LEASED")),
        cap=chance.choice((None, 10_000, 500_000, 1_500_000)) if returns == "NO" else None,
        chain=chance.choice(CHAINS),
        days=chance.choice((None, 3, 10)),
        delegated=chance.random() < 0.15,
        uniform=chance.random() < 0.3,
        not_offered=tuple(each for each in sides if chance.random() < 0.5),
    )


def _act(chance: random.Random, name: str = "") -> Act:
    name = name or chance.choices(list(ACTS), list(ACTS.values()))[0]
    if name == "declare":
        unit = (
            chance.choice(COMMUNES),
            chance.randint(1, 6),
            chance.choice(FINANCINGS),
            chance.choice((True, False, None)),
            chance.choice((None, 1930, 1960, 1984, 2010)),
        )
        word = "EXCLUDED" if chance.random() < 0.05 else "IN_FLOW"
        again = chance.randint(1, 20) if chance.random() < 0.12 else 0
        days = chance.choice((0, 0, 0, -2, -10, 1)) if chance.random() < 0.3 else 0
        free = chance.choice((2, 20, 60, 120, -1)) if chance.random() < 0.3 else 90
        return Act(name, which=free, word=word, days=days, other=again, unit=unit)
    if name == "seal":
        return Act(name, other=chance.choice((0, 0, 0, 1)), text=chance.choice(("", "Au hasard.")))
    if name == "morning":
        return Act(name, days=chance.choice((1, 2, 4, 9, 20)))
    far = chance.random() < 0.3
    return Act(
        name,
        which=chance.randint(0, 40 if far else 7),
        holder=chance.choice((*HOLDERS, "landlord")) if name == "override" else "",
        word=chance.choice(REASONS if name == "give_back" else MOTIVES) if name in ("give_back", "override") else "",
        text="Au hasard." if chance.random() < 0.93 else "",
        days=chance.choice((0, 0, 0, 1, 5, -1)) if name in ("allocate", "lease") else 0,
    )
