"""Acts on the landlord's stock: units kept in stock, attractiveness of programmes, routing mode."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from flux.models import Programme, RoutingPolicy, StockAssignment, Unit
from flux.operations.description import describe_all
from flux.operations.gone import refuse_gone
from flux.operations.stock_right import assign_unit
from flux.operations.window import refuse_gone_by
from reservations.models import HistoryEntry, Landlord, ReservationHolder, StockRight, User
from reservations.models.acting import atomic
from reservations.operations.history import record
from reservations.operations.stock_right import TitleTerms, record_stock_right
from reservations.refusals import Refusal


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
    told = {"attractiveness": attractiveness}
    describe_all(programme.units.all(), lambda _: told, since=timezone.localdate(), source="grille du bailleur", by=by)
    record(programme, HistoryEntry.Act.EDITED, by=by, details={"attractiveness": [before, attractiveness]})
    return programme


@atomic
def set_routing_policy(
    *, landlord: Landlord, mode: str, starts_on: date, by: User, today: date, from_file: bool = False
) -> RoutingPolicy:
    """Choose whether a person confirms each routing, from a date on. What is already recommended does not change.

    A choice for the same day, not yet gone by, is put right: the last one counts. `from_file`: chosen elsewhere, and
    told on its day. Raises Refusal for an unknown mode or a date gone by.
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
