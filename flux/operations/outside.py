"""Saying that a unit is outside what shares bear on, and that it is inside again."""

from __future__ import annotations

from datetime import date, timedelta

from flux.models import OutsideFlow, StockAssignment, Unit, Vacancy
from reservations.models import HistoryEntry, User
from reservations.models.acting import atomic
from reservations.models.locking import in_order
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak
from reservations.words import day


class OutsideRefused(Refusal):
    """A reason or a day that cannot be; `field` is where."""


@atomic
def set_outside_flow(*, unit: Unit, reason: str, starts_on: date, source: str, by: User, today: date) -> OutsideFlow:
    """From a day on, the unit falls vacant without entering the flow. What was declared before keeps its class: who
    thinks otherwise cancels it and declares it again.

    Raises OutsideRefused: no such reason, no source, a day ahead by more than a year, a right in stock that it bears;
    Refusal when it is outside already.
    """
    if reason not in OutsideFlow.Reason.values:
        raise OutsideRefused("Choisissez l’un des motifs proposés.", field="reason")
    if not source.strip():
        raise OutsideRefused("Citez ce qui le dit : la convention, l’agrément ou le bail.", field="source")
    if starts_on > today + timedelta(days=366):
        raise OutsideRefused("Vérifiez l’année : ce jour est à plus d’un an d’ici.", field="starts_on")
    held = in_order(Unit.objects.all()).get(pk=unit.pk)
    if held.left_on is not None:
        raise OutsideRefused(f"Ce logement est sorti du parc ({held.get_left_why_display()}) : il ne se libère plus.")
    own = StockAssignment.objects.living(max(today, starts_on)).filter(unit=held).first()
    if own is not None:
        raise OutsideRefused(
            "Ce logement porte un droit en stock : il va à son titulaire, hors du flux. Mettez d’abord fin à ce droit."
        )
    with constraints_speak(OutsideFlow):
        outside = OutsideFlow.objects.create(
            unit=held, reason=reason, starts_on=starts_on, source=source.strip(), recorded_by=by
        )
    told = {"reason": [None, reason], "starts_on": [None, starts_on.isoformat()], "source": [None, outside.source]}
    record(outside, HistoryEntry.Act.RECORDED, by=by, details=told)
    return outside


@atomic
def end_outside_flow(*, outside: OutsideFlow, ends_on: date, why: str, by: User) -> OutsideFlow:
    """After that day the unit enters the flow as any other.

    Raises OutsideRefused: ended already, before its first day, before a vacancy that was recorded so, or no reason.
    """
    held = OutsideFlow.objects.select_for_update(of=("self",)).get(pk=outside.pk)
    if held.ends_on is not None:
        raise OutsideRefused("Ce logement est déjà revenu dans l’assiette : rechargez la page.")
    if not why.strip():
        raise OutsideRefused("Dites pourquoi il revient dans l’assiette.", field="why")
    if ends_on < held.starts_on:
        raise OutsideRefused(
            f"Il est hors assiette depuis le {day(held.starts_on)} : choisissez un jour après.", field="ends_on"
        )
    last = Vacancy.objects.filter(unit=held.unit_id, kind=Vacancy.Kind.OUTSIDE).order_by("-registered_on").first()
    if last is not None and ends_on < last.registered_on:
        raise OutsideRefused(
            f"Il a été déclaré libéré hors assiette le {day(last.registered_on)} : choisissez un jour à partir "
            "de celui-là, ou annulez d’abord cette déclaration.",
            field="ends_on",
        )
    held.ends_on = ends_on
    held.save(update_fields=["ends_on"])
    record(held, HistoryEntry.Act.ENDED, by=by, why=why, details={"ends_on": [None, ends_on.isoformat()]})
    return held
