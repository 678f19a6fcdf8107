"""The préfet's order in default of a convention: of the State (CCH, R441-5-2 IV), or of another holder, whose flow he
manages (loi ELAN, art. 114). Recorded with its source, and counted until a convention is signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from django.utils import timezone

from reservations.models import Convention, Landlord, LegalParameter, Organisation, ReservationHolder, Territory, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.convention import draft_convention, sign_convention
from reservations.operations.convention_terms import QuotaTerms, proposed_terms
from reservations.queries.conventions import proposed_ranks
from reservations.refusals import Refusal
from reservations.words import of

Contingent = ReservationHolder.Contingent


class OrderRefused(Refusal):
    """An order that cannot be, or has no place; `field` says which of its terms to change."""


@atomic
def record_order(
    *,
    landlord: Landlord,
    departement: Territory,
    priority: int,
    agents: int,
    starts_on: date,
    ends_on: date,
    ordered_on: date,
    order: str,
    ranks: Mapping[int, int] | None = None,
    earlier_dues: str = Convention.EarlierDues.SETTLED,
    by: User,
    today: date | None = None,
) -> Convention:
    """Record the order by which the préfet fixes the State's own part of a landlord's flow, where no convention was
    signed by the day of the law.

    `priority` and `agents` in millionths of a unit, for the two contingents of the State; `ranks`: those that files
    give, by contingent, the others following; `order`, its number and date: the source. It takes effect from
    `starts_on`, today at the latest, and ends on the eve of the convention signed; `earlier_dues`: what becomes of the
    units that entered the flow since.
    What binds conventions binds it: caps, ranks, the whole flow.
    Raises OrderRefused, or what `draft_convention` and `sign_convention` refuse.
    """
    state = state_of(departement)
    shares = {Contingent.STATE_PRIORITY: priority, Contingent.STATE_AGENTS: agents}
    kept = {int(contingent): share for contingent, share in shares.items() if share}
    holders = list(state.contingents.filter(contingent__in=kept).order_by("-contingent"))
    if len(holders) < len(kept):
        raise OrderRefused(f"{state} n’a pas ces deux contingents : demandez-les à l’administrateur.", field="agents")
    proposed, given = proposed_ranks(landlord, holders, starts_on), ranks or {}
    return record_holder_order(
        landlord=landlord,
        organisation=state,
        departement=departement,
        quotas=[
            QuotaTerms(each, kept[each.contingent], given.get(each.contingent, proposed[each.pk])) for each in holders
        ],
        starts_on=starts_on,
        ends_on=ends_on,
        ordered_on=ordered_on,
        order=order,
        earlier_dues=earlier_dues,
        by=by,
        today=today,
    )


@atomic
def record_holder_order(
    *,
    landlord: Landlord,
    organisation: Organisation,
    departement: Territory,
    quotas: Sequence[QuotaTerms],
    starts_on: date,
    ends_on: date,
    ordered_on: date,
    order: str,
    earlier_dues: str = Convention.EarlierDues.SETTLED,
    by: User,
    today: date | None = None,
) -> Convention:
    """Record the order by which the préfet fixes the part of any holder that signed nothing by the day of the law, with
    its tables of rates if any: what it is due is counted to it, and the préfet's services propose for it
    (docs/decisions/0119). On the holder's own territory where its rights bear on that, else in the `departement`.

    Raises OrderRefused, or what `draft_convention` and `sign_convention` refuse.
    """
    today = today or timezone.localdate()
    in_order(Landlord.objects.all()).get(pk=landlord.pk)
    if not order.strip():
        raise OrderRefused("Citez l’arrêté préfectoral : son numéro et sa date.", field="order")
    if not ordered_on <= starts_on <= today:
        raise OrderRefused(
            "Un arrêté prend effet le jour où il est pris, ou après, et s’enregistre quand il s’applique : vérifiez "
            "les deux dates.",
            field="starts_on",
        )
    _check_required(starts_on)
    state_of(departement)  # whose services propose for the others
    own = organisation.territory if organisation.kind in Organisation.OWN_TERRITORY else None
    perimeter = own or departement
    _check_default(landlord, organisation, perimeter, starts_on, ends_on)
    convention = draft_convention(
        landlord=landlord,
        organisation=organisation,
        perimeter=perimeter,
        starts_on=starts_on,
        ends_on=ends_on,
        quotas=quotas,
        terms=replace(proposed_terms(organisation, starts_on), earlier_dues=earlier_dues),
        by=by,
    )
    convention.prefect_order = order.strip()
    convention.save(update_fields=["prefect_order"])
    return sign_convention(convention=convention, signed_on=ordered_on, by=by, today=today)


def _check_required(on: date) -> None:
    """Raises OrderRefused before the day from which a convention is asked of everybody."""
    try:
        required = bool(LegalParameter.objects.value_on(LegalParameter.Code.FLOW_REQUIRED, on))
    except LegalParameter.DoesNotExist:
        required = False
    if not required:
        raise OrderRefused(
            f"Le {on:%d/%m/%Y}, aucune convention en flux n’était encore exigée (loi ELAN, art. 114 IV) : le préfet ne "
            "fixe rien à sa place avant ce jour.",
            field="starts_on",
        )


def state_of(departement: Territory) -> Organisation:
    """The State's service there. Raises OrderRefused when none is recorded."""
    found = Organisation.objects.open().filter(kind=Organisation.Kind.STATE, territory=departement).order_by("pk")
    state = found.first()
    if state is None:
        raise OrderRefused(
            f"Aucun service de l’État n’est enregistré pour ce département ({departement}) : enregistrez-le parmi les "
            "réservataires, ou demandez-le à l’administrateur.",
            field="departement",
        )
    return state


def _check_default(
    landlord: Landlord, organisation: Organisation, perimeter: Territory, starts_on: date, ends_on: date
) -> None:
    """Raises OrderRefused where the holder has its convention, or an order already."""
    held = Convention.objects.binding().filter(
        landlord=landlord,
        organisation=organisation,
        perimeter=perimeter,
        starts_on__lte=ends_on,
        ends_on__gte=starts_on,
    )
    other = held.order_by("starts_on").first()
    if other is None:
        return
    state = organisation.kind == Organisation.Kind.STATE
    whose = "de l’État" if state else of(organisation)
    what = f"L’arrêté « {other.prefect_order} »" if other.is_order else f"Une convention {whose}"
    where = "ce département" if state else f"ce périmètre ({perimeter.name})"
    raise OrderRefused(
        f"{what} porte déjà sur {where} du {other.starts_on:%d/%m/%Y} au {other.ends_on:%d/%m/%Y} : le préfet "
        "ne fixe de règles qu’à défaut de convention.",
        field="starts_on",
    )
