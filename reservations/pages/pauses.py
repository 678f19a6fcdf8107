"""What is said of the suspensions of a convention: on its page, on paper, in accounts and mails."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from reservations.models import Convention, Pause
from reservations.words import day


def suspended_told(pause: Pause) -> str:
    """« suspendue du 1er mars 2027 au 31 mars 2027 : service fermé »."""
    return f"{between(pause.starts_on, pause.ends_on)} : {pause.why}"


def between(first: date, last: date | None) -> str:
    """« suspendue du 1er mars 2027 au 31 mars 2027 »."""
    if last is None:
        return f"suspension à partir du {day(first)} levée avant son premier jour"
    return f"suspendue le {day(first)}" if first == last else f"suspendue du {day(first)} au {day(last)}"


def in_force(convention: Convention) -> list[Pause]:
    """Those agreed, by their first day. No query when its suspensions were read with it."""
    agreed = [each for each in convention.pauses.all() if each.status == Pause.Status.AGREED and each.ends_on]
    return sorted(agreed, key=lambda each: (each.starts_on, each.pk))


def is_suspended(pauses: Iterable[Pause], on: date) -> bool:
    """Does one of these, agreed, hold on that day?"""
    return any(each.starts_on <= on <= each.ends_on for each in pauses if each.ends_on)
