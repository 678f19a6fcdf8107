"""Recording as titles what item 63 of the RPLS says, once a person checked it; or leaving a code aside, and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.db.models import QuerySet

from flux.models import ToldAside, Unit
from flux.operations.stock_inventory import import_inventory
from flux.operations.stock_inventory_file import COLUMN_OF, InventoryLine, InventoryPlan, InventoryRefused
from flux.pages.stock import source
from flux.queries.opening import file_of, seal, unchecked_of
from reservations.models import Landlord, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.stock_right import TitleTerms, title_of
from reservations.queries.rates import extension_years_on
from reservations.refusals import Refusal

type Narrowing = Callable[[QuerySet[Unit]], QuerySet[Unit]]


class ReportedUnitsMoved(Refusal):
    """The units are no longer those that were read: nothing is recorded."""


@atomic
def record_reported_rights(
    *,
    landlord: Landlord,
    contingent: int,
    terms: TitleTerms,
    narrowed: Narrowing,
    digest: str,
    by: User,
    today: date,
) -> InventoryPlan:
    """Record a title, borne by the units of one code that no right covers; all of them, or none.

    `narrowed` keeps some of these units (a commune, a programme); `digest`, theirs as they were read. A title already
    recorded with these terms bears them besides. Its story says where this was read.
    Raises ReportedUnitsMoved when the units are others now; Refusal for another contingent's holder, a title without a
    reference, terms that cannot be, or units that cannot bear it.
    """
    in_order(Landlord.objects.all()).get(pk=landlord.pk)
    found = dict(narrowed(unchecked_of(landlord, contingent)).values_list("pk", "reference"))
    if not found or seal(found) != digest:
        raise ReportedUnitsMoved(
            "Rien n’est enregistré : ces logements ne sont plus ceux que vous aviez lus. Relisez la liste, puis "
            "confirmez."
        )
    if terms.holder.contingent != contingent:
        raise Refusal("Choisissez un réservataire de ce contingent.", field="holder")
    if not terms.reference.strip():
        raise Refusal("Donnez la référence du titre : elle le reconnaît ensuite.", field="reference")
    title_of(landlord, terms, extension_years=extension_years_on(today))  # what it refuses is stated where it is typed
    lines = [_line(row, reference, terms) for row, reference in enumerate(found.values(), 1)]
    try:
        source_used = source(file_of(landlord))
        return import_inventory(landlord=landlord, lines=lines, by=by, today=today, source=source_used)
    except InventoryRefused as refused:
        error = refused.errors[0]
        if error.column not in COLUMN_OF.values():
            raise Refusal(f"Rien n’est enregistré : {error.sentence}") from refused
        raise Refusal(
            "Un titre de cette référence est déjà enregistré, et dit autre chose : donnez une autre référence, ou les "
            "termes de ce titre.",
            field="reference",
        ) from refused


def _line(row: int, reference: str, terms: TitleTerms) -> InventoryLine:
    """One unit that bears the title, as a file would say it."""
    return InventoryLine(
        row=row,
        reference=" ".join(terms.reference.split()),
        siren=terms.holder.organisation.siren,
        contingent=terms.holder.contingent,
        ground=terms.ground,
        use=terms.use,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        loan_ends_on=terms.loan_ends_on,
        programme="",
        unit=reference,
        units=1,
    )


@atomic
def leave_aside(*, landlord: Landlord, contingent: int, why: str, by: User) -> ToldAside:
    """Say that no right is behind a code, and why: its units are asked about no more.

    Raises Refusal without a reason, or when the code is left aside already or no unit of it is to be checked.
    """
    if not why.strip():
        raise Refusal("Dites pourquoi ce code est mis de côté.", field="why")
    units = _to_settle(landlord, contingent)
    if contingent in ToldAside.objects.left_aside(landlord):
        raise Refusal("Ce code est déjà mis de côté.", field="why")
    if not units:
        raise Refusal("Aucun logement de ce code n’est à vérifier.", field="why")
    return ToldAside.objects.create(
        landlord=landlord, contingent=contingent, is_aside=True, units=units, why=why.strip(), set_by=by
    )


@atomic
def take_up_again(*, landlord: Landlord, contingent: int, by: User) -> ToldAside:
    """Have the units of a code that was left aside checked after all. Raises Refusal when it was not."""
    units = _to_settle(landlord, contingent)
    if contingent not in ToldAside.objects.left_aside(landlord):
        raise Refusal("Ce code n’est pas mis de côté.")
    return ToldAside.objects.create(landlord=landlord, contingent=contingent, is_aside=False, units=units, set_by=by)


def _to_settle(landlord: Landlord, contingent: int) -> int:
    """The units of a code that no right covers, the landlord held: one answer at a time."""
    in_order(Landlord.objects.all()).get(pk=landlord.pk)
    return unchecked_of(landlord, contingent).order_by().count()
