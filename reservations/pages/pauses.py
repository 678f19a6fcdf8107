"""What is said of the suspensions of a convention and of its agreed end: on its page, on paper, in accounts and
mails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from reservations.models import Convention, Membership, Pause
from reservations.permissions import may_suspend
from reservations.queries.pauses import told_on
from reservations.queries.signatories import signs_here
from reservations.words import day


def suspended_told(pause: Pause) -> str:
    """« suspendue du 1er mars 2027 au 31 mars 2027 : service fermé »."""
    return f"{suspended_between(pause.starts_on, pause.ends_on)} : {pause.why}"


def suspended_between(first: date, last: date | None) -> str:
    """« suspendue du 1er mars 2027 au 31 mars 2027 »."""
    if last is None:
        return f"suspension à partir du {day(first)} levée avant son premier jour"
    return f"suspendue le {day(first)}" if first == last else f"suspendue du {day(first)} au {day(last)}"


def in_force(convention: Convention) -> list[Pause]:
    """Those agreed, by their first day. No query when its suspensions were read with it."""
    agreed = [each for each in convention.pauses.all() if each.status == Pause.Status.AGREED and each.ends_on]
    return sorted(agreed, key=lambda each: (each.starts_on, each.pk))


def ending(convention: Convention) -> Pause | None:
    """The end before its term that each party agreed to; no query of one that did not end so, or when its suspensions
    were read with it."""
    if convention.status != Convention.Status.ENDED:
        return None
    agreed = [each for each in convention.pauses.all() if each.is_final and each.status == Pause.Status.AGREED]
    return agreed[0] if agreed else None


def is_suspended(pauses: Iterable[Pause], on: date) -> bool:
    """Does one of these, agreed, hold on that day?"""
    return any(each.starts_on <= on <= each.ends_on for each in pauses if each.ends_on)


@dataclass(frozen=True, slots=True)
class PauseLine:
    """A suspension or an end as its convention's page tells it, and what its reader may do: `accept`, `deposit` an
    accord given by hand, `drop` what is proposed; `lift` what was agreed."""

    pause: Pause
    sentence: str
    accept: bool = False
    deposit: bool = False
    drop: bool = False
    lift: bool = False

    @property
    def id(self) -> str:
        """What tells its acts from those of another on the same page."""
        return str(self.pause.pk)


def pause_lines(convention: Convention, member: Membership | None, today: date) -> list[PauseLine]:
    """Those agreed and, for its parties, those proposed, under this version and under the one that runs until it."""
    parties = [party.organisation for party in convention.signatories.all()]
    own = member is not None and member.organisation_id in [each.pk for each in parties]
    may = may_suspend(member, convention) and convention.status in (
        Convention.Status.SIGNED,
        Convention.Status.AMENDED,
    )
    lines = []
    for pause in told_on(convention, today):
        if pause.status == Pause.Status.AGREED:
            left = pause.ends_on is not None and pause.ends_on >= today
            lines.append(PauseLine(pause, agreed_told(pause), lift=may and left))
        elif own or (member is not None and member.is_administrator):
            given = {accord.organisation_id for accord in pause.accords.all()}
            waiting = [each for each in parties if each.pk not in given]
            mine = member is not None and member.organisation_id in [each.pk for each in waiting]
            ours = member is not None and member.organisation_id == convention.landlord.organisation_id
            others = may and ours and any(not signs_here(each) for each in waiting)
            said = f"{proposed_told(pause)} Accord attendu : {', '.join(each.name for each in waiting)}."
            lines.append(PauseLine(pause, said, accept=may and mine, deposit=(may and mine) or others, drop=may))
    return lines


def without_accord(pause: Pause) -> str:
    """Who has not agreed yet: « Ville de Narbonne, Préfecture de l’Aude ». One query."""
    given = pause.accords.order_by().values("organisation")
    waiting = pause.convention.signatories.exclude(organisation__in=given).select_related("organisation")
    return ", ".join(party.organisation.name for party in waiting.order_by("pk"))


def agreed_told(pause: Pause) -> str:
    """« Convention suspendue du 1er mars 2027 au 31 mars 2027 : service fermé. Convenu le 24 novembre 2026. »"""
    if pause.is_final:
        return f"Fin de la convention le {day(pause.last_day)} : {_ended(pause.why)} {accords_told(pause)}"
    said = f"Convention {suspended_between(pause.starts_on, pause.ends_on)} : {_ended(pause.why)}"
    return f"{said} Convenu le {day(pause.agreed_on)}."


def accords_told(pause: Pause) -> str:
    """« Convenu le 24 novembre 2026. Accord : Robine Habitat le 24 novembre 2026, sur son compte ; … »"""
    given = "\xa0; ".join(
        f"{each.organisation} le {day(each.agreed_on)}, {each.get_means_display()}" for each in pause.accords.all()
    )
    return f"Convenu le {day(pause.agreed_on)}. Accord\xa0: {given}."


def proposed_told(pause: Pause) -> str:
    """« La Ville de Narbonne propose qu’elle soit suspendue du … au … : service fermé. »"""
    if pause.is_final:
        what = f"que la convention prenne fin le {day(pause.last_day)}"
        if pause.successor is not None:
            what += f", {pause.successor} reprenant ce qui reste dû"
    elif pause.shortens is None:
        what = f"qu’elle soit {suspended_between(pause.starts_on, pause.ends_on)}"
    elif pause.ends_on is None:
        what = f"de lever avant son premier jour la suspension du {day(pause.starts_on)}"
    else:
        what = f"de lever la suspension du {day(pause.starts_on)} : son dernier jour serait le {day(pause.ends_on)}"
    return f"{pause.proposed_by} propose, le {day(pause.proposed_on)}, {what}. Motif : {_ended(pause.why)}"


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
