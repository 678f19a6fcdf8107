"""A story lived in the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from tests.model.facts import Dwelling, Refused, Right, Row, Terms
from tests.model.life import Departure, Life
from tests.simulation.story import HOLDERS, Act, RightDrawn, RowDrawn, Settled

#: The territories that cover each commune, the narrowest first, and its code.
PLACES = {
    "Narbonne": ("11262", ("Narbonne", "Le Grand Narbonne", "Aude")),
    "Coursan": ("11106", ("Coursan", "Le Grand Narbonne", "Aude")),
    "Sigean": ("11379", ("Sigean", "Le Grand Narbonne", "Aude")),
}
GROUPS = {"10": "PLAI", "13": "PLUS", "17": "PLS"}


def model_of(given: Settled) -> Life:
    rights = []
    for holder, (organisation, place, rank, *_) in HOLDERS.items():
        drawn, settled = given.rights[holder], given.terms[organisation]
        terms = Terms(
            settled.returns,
            settled.cap,
            settled.chain,
            settled.days,
            settled.delegated,
            settled.uniform,
            settled.not_offered,
        )
        rights.append(
            Right(holder, rank, place, drawn.share, tuple(_row(row) for row in drawn.rows), _declined(drawn), terms)
        )
    return Life(rights, given.length, given.days, given.automatic)


def _row(drawn: RowDrawn) -> Row:
    kinds = {"typology": frozenset(drawn.typologies), "financing": frozenset(drawn.financings)}
    return Row(drawn.share, drawn.place, {of: each for of, each in kinds.items() if each}, drawn.since)


def _declined(drawn: RightDrawn) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for code in drawn.declined:
        dimension, _, category = code.partition(":")
        found[dimension] = found.get(dimension, frozenset()) | {category}
    return found


def dwelling(unit: tuple[str, int, str, bool | None, int | None]) -> Dwelling:
    commune, rooms, financing, in_qpv, year = unit
    code, places = PLACES[commune]
    periods = ((1948, "avant 1949"), (1974, "1949-1974"), (1999, "1975-1999"), (9999, "depuis 2000"))
    return Dwelling(
        places,
        {
            "typology": f"T{rooms}" if rooms < 6 else "T6+",
            "financing": GROUPS[financing],
            "qpv": {True: "en QPV", False: "hors QPV", None: ""}[in_qpv],
            "period": "" if year is None else next(name for last, name in periods if year <= last),
            "commune": code,
            "attractiveness": "",
        },
    )


def chosen(life: Life, act: Act) -> Departure | None:
    """The departure that an act is about: so many before the last."""
    return life.departures[-1 - act.which % len(life.departures)] if life.departures else None


def live(lives: Sequence[Life], act: Act, today: date) -> str:
    """What the model answers: "" when it is done, else words of the refusal. A morning is one for all the landlords."""
    if act.name == "morning":
        for life in lives:
            life.sweep(today)
        return ""
    try:
        _live(lives[act.at], act, today)
    except Refused as refused:
        return refused.words
    return ""


def _live(life: Life, act: Act, today: date) -> None:
    at = chosen(life, act)
    if act.name == "declare":
        again = life.departures[-1 - act.other % len(life.departures)] if act.other and life.departures else None
        notice = today + timedelta(act.days)
        unit = again.unit if again else len({each.unit for each in life.departures})
        where = again.dwelling if again else dwelling(act.unit)
        return life.declare(unit, where, act.word, (notice, notice + timedelta(act.which)), today)
    if at is None or act.name == "seal":
        return None
    on = today - timedelta(act.days)
    acts: dict[str, Callable[[], None]] = {
        "confirm": lambda: life.confirm(at, today),
        "override": lambda: life.override(at, act.holder, act.word, act.text, today),
        "give_back": lambda: life.give_back(at, act.word, act.text, today),
        "cancel": lambda: life.cancel(at, act.text, today),
        "resume": lambda: life.resume(at, today),
        "allocate": lambda: life.allocate(at, on, today),
        "lease": lambda: life.lease(at, on, today),
        "undo": lambda: life.undo(at, act.text, today),
        "ask": lambda: life.ask(at, act.text, today),
    }
    return acts[act.name]()
