"""What the holder of a routing has to do, and by when, in a sentence."""

from __future__ import annotations

from datetime import date

from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.queries.returning import Clock
from reservations.models import Organisation, ReservationHolder
from reservations.pages.clauses import in_days
from reservations.pages.pieces import beside, pill
from reservations.words import day, plural, towards, upper_first


def clock_words(
    clock: Clock, who: ReservationHolder | Organisation, landlord: object, *, ours: bool = False
) -> SafeString:
    """Who proposes candidates, how many and until when, under the version of the convention that the routing applied.
    `ours`: is it the reader’s own to propose?"""
    if clock.answered_on:
        return format_html("Candidats transmis le {}.", day(clock.answered_on))
    if clock.delegated:
        until = f", au plus tard {_until(clock, clock.until)}" if clock.until else ""
        told = f"{landlord} cherche les candidats pour {towards(who)} (gestion déléguée){until}."
    else:
        asked = "Proposez" if ours else f"{upper_first(towards(who))} propose"
        until = f" au plus tard {_until(clock, clock.until)}" if clock.until else ""
        told = f"{asked} {_asked(clock)}{until}."
    if clock.restarted_on:
        told += (
            f" Nouveau délai depuis le {day(clock.restarted_on)} : les candidats transmis auparavant ne sont plus en "
            "cours."
        )
    return beside(told, pill("Délai dépassé", "late") if clock.late else "")


def _asked(clock: Clock) -> str:
    if clock.restarted_on:
        return "d’autres candidats"
    if clock.minimum:
        return f"au moins {clock.minimum} {plural(clock.minimum, 'candidat,candidats')}"
    return "des candidats"


def _until(clock: Clock, until: date) -> str:
    """The last day, with the length of the delay, its calendar when it is not the national one, and when it opens."""
    held = f", sans compter {plural(clock.held, 'celui,ceux')} où des candidats étaient transmis" if clock.held else ""
    days = (
        in_days(clock.days, clock.how.unit),
        ", jours fériés d’Alsace-Moselle compris" if clock.how.local else "",
        "" if clock.how.august else ", sans compter août",
        f", à compter du {day(clock.opens_on)}" if clock.opens_on else "",
        held,
    )
    return f"le {day(until)} ({''.join(days)})"
