"""The acts on the stock.

* Acts on the landlord's stock: units kept in stock, attractiveness of programmes, routing mode.
* A programme that passed to another landlord is this one's to work on, not that of the one that gave it.
* What a balance counts beside the account: candidates designated, candidates lost.
* These entries move no figure of the account (`FlowEntry.MEMO`; CCH, R441-5-1; docs/decisions/0025).
* Saying that a unit is outside what shares bear on, and that it is inside again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Max, Sum
from django.utils import timezone

from flux.models import FlowEntry, OutsideFlow, Programme, Routing, RoutingPolicy, StockAssignment, Unit, Vacancy
from flux.operations.description import describe_all
from flux.operations.starting import refuse_gone_by
from flux.operations.stock_rights import assign_unit
from flux.queries.programmes import gone_of
from reservations.models import HistoryEntry, Landlord, ReservationHolder, StockRight, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.operations.stock_right import TitleTerms, record_stock_right
from reservations.refusals import Refusal, constraints_speak
from reservations.words import day, of, to


def refuse_gone(programme: Programme) -> None:
    """Raise a Refusal where the programme was given (docs/decisions/0071): its units are those of the other."""
    if gone := gone_of(programme):
        raise Refusal(
            f"{programme} est passé {to(gone.to)} le {day(gone.on)} : adressez-vous à ce bailleur, la fiche "
            f"{of(programme)} reste ici pour ce qui s’y est passé avant."
        )


@atomic
def keep_in_stock(
    *,
    unit: Unit,
    holder: ReservationHolder,
    ground: str,
    starts_on: date,
    ends_on: date | None = None,
    use: str = StockRight.Use.RECURRING,
    reference: str = "",
    loan_ends_on: date | None = None,
    by: User,
    today: date | None = None,
) -> StockAssignment:
    """Record a stock right and the unit that bears it: its vacancies go to that holder, outside the flow.

    Raises Refusal when the unit already bears one, for terms that cannot be (`record_stock_right`), or when the
    programme has no unit left for a named right.
    """
    terms = TitleTerms(holder, ground, starts_on, ends_on, use, reference, loan_ends_on)
    right = record_stock_right(landlord=unit.landlord, terms=terms, by=by, today=today or timezone.localdate())
    return assign_unit(right=right, unit=unit, by=by)


@atomic
def classify_programme(*, programme: Programme, attractiveness: str, by: User) -> Programme:
    """Give a programme its attractiveness class, or none: later recommendations count it, earlier ones stand. Its units
    are described so from today on; those of a programme that had no class, from the beginning."""
    if attractiveness not in ("", *Programme.Attractiveness.values):
        raise Refusal("Choisissez une classe de la grille, ou « non classé ».", field="attractiveness")
    refuse_gone(programme)
    before, programme.attractiveness = programme.attractiveness, attractiveness
    if before == attractiveness:
        return programme
    programme.save(update_fields=["attractiveness"])
    facts = {"attractiveness": attractiveness}
    describe_all(programme.units.all(), lambda _: facts, since=timezone.localdate(), source="grille du bailleur", by=by)
    record(programme, HistoryEntry.Act.EDITED, by=by, details={"attractiveness": [before, attractiveness]})
    return programme


@atomic
def set_routing_policy(
    *, landlord: Landlord, mode: str, starts_on: date, by: User, today: date, from_file: bool = False
) -> RoutingPolicy:
    """Choose whether a person confirms each routing, from a date on. What is already recommended does not change.

    A choice for the same day, not yet gone by, is put right: the last one counts. `from_file`: chosen elsewhere, and
    recorded on its day. Raises Refusal for an unknown mode or a date gone by.
    """
    if mode not in RoutingPolicy.Mode.values:
        raise Refusal("Choisissez l’un des deux modes d’orientation.", field="mode")
    refuse_gone_by(landlord, starts_on, today=today, from_file=from_file)
    automatic = RoutingPolicy.objects.is_automatic(landlord, starts_on)
    before = RoutingPolicy.Mode.AUTOMATIC if automatic else RoutingPolicy.Mode.CONFIRM
    policy, new = RoutingPolicy.objects.update_or_create(
        landlord=landlord, starts_on=starts_on, defaults={"mode": mode}
    )
    act = HistoryEntry.Act.RECORDED if new else HistoryEntry.Act.EDITED
    record(policy, act, by=by, details={"mode": [str(before), mode]})
    return policy


Stage = FlowEntry.Stage


def note(routing: Routing | None, stage: Stage, quantities: Iterable[int], *, on: date, side: str = "") -> None:
    """Write one entry for each quantity, plus or minus one, in the account of the routed unit; nothing for a unit that
    is in none. The ledger is held by the act. `side`: whose doing a REFUSED one is. One statement."""
    assert stage in FlowEntry.MEMO, "what moves the account is written with its lines"
    if routing is None or routing.vacancy.ledger_id is None:
        return
    FlowEntry.objects.bulk_create(
        FlowEntry(
            ledger_id=routing.vacancy.ledger_id,
            holder_id=routing.holder_id,
            vacancy_id=routing.vacancy_id,
            stage=stage,
            quantity=quantity,
            side=side,
            on=on,
        )
        for quantity in quantities
    )


def note_designated(routing: Routing | None, *, on: date) -> None:
    """Candidates of this routing were received, here or in another tool: the unit counts once among those designated,
    whatever was received before, or counted by hand. The ledger is held by the act."""
    if routing is not None and designated(routing) < 1:
        note(routing, Stage.DESIGNATED, [1], on=on)


def forget_designated(routing: Routing | None, *, on: date) -> None:
    """No candidate of this routing was ever received: the unit no longer counts, if it did."""
    if routing is not None and designated(routing) > 0:
        note(routing, Stage.DESIGNATED, [-1], on=on)


def designated(routing: Routing) -> int:
    """How often the unit counts as designated for this routing, and not for an earlier one to the same holder: what
    was written in its account since it was routed there for the last time. Two statements."""
    entries = FlowEntry.objects.filter(
        vacancy=routing.vacancy_id, holder=routing.holder_id, ledger=routing.vacancy.ledger_id
    ).order_by()
    opened = entries.filter(stage=Stage.ROUTED, quantity=1).aggregate(last=Max("pk"))["last"] or 0
    since = entries.filter(stage=Stage.DESIGNATED, pk__gt=opened, on__gte=timezone.localdate(routing.routed_at))
    return int(since.aggregate(sum=Sum("quantity", default=0))["sum"])


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
    details = {"reason": [None, reason], "starts_on": [None, starts_on.isoformat()], "source": [None, outside.source]}
    record(outside, HistoryEntry.Act.RECORDED, by=by, details=details)
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
