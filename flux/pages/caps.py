"""How the State stands beside a cap, in words."""

from __future__ import annotations

from flux.queries.state_cap import CapAccount, Verdict
from flux.words import units
from reservations.words import day


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
