"""How the State stands beside a cap, in words."""

from __future__ import annotations

from flux.queries.state_cap import CapAccount, Verdict
from flux.words import units
from reservations.words import day

NAMES = {
    Verdict.UNDER: "sous le plafond",
    Verdict.MADE_UP: "au-dessus du plafond cette année",
    Verdict.ROUNDING: "au-dessus du plafond, par arrondi",
    Verdict.BREACH: "plafond dépassé, au-delà de l’arrondi",
    Verdict.IN_YEAR: "plafond dépassé dans l’année",
}

#: The pill of each: done, to watch, late. Each has a sign of its own beside its colour.
PILLS = {
    Verdict.UNDER: "ok",
    Verdict.MADE_UP: "todo",
    Verdict.ROUNDING: "todo",
    Verdict.BREACH: "late",
    Verdict.IN_YEAR: "late",
}


def verdict_name(verdict: Verdict) -> str:
    """« sous le plafond »."""
    return NAMES[verdict]


def verdict_pill(verdict: Verdict) -> str:
    """The class of its pill."""
    return PILLS[verdict]


def cap_read(account: CapAccount) -> str:
    """Why it is passed, and who chose how it is read; nothing where it is kept and nobody chose."""
    last, verdict, chosen = account.last, account.verdict, account.reading
    why = {
        Verdict.ROUNDING: (
            f"L’avance de {units(last.cumulated)} vient de l’arrondi, à moins d’un logement par contingent : un "
            "logement ne se partage pas. Elle est reprise l’an prochain."
        ),
        Verdict.MADE_UP: (
            f"En {last.exercise} seul, le plafond est passé de {units(last.gap)} : les années précédentes le "
            "laissaient à recevoir."
        ),
        Verdict.BREACH: f"L’avance de {units(last.cumulated)} dépasse ce qu’un arrondi explique.",
        Verdict.IN_YEAR: (
            f"En {last.exercise}, le plafond est dépassé de {units(last.gap)} : rien n’en est repris d’une année sur "
            "l’autre."
        ),
    }.get(verdict, "")
    how = f"Lu {chosen.get_reading_display()} depuis le {day(chosen.starts_on)} ({chosen.source})." if chosen else ""
    return " ".join(filter(None, (why, how)))
