"""The préfet's order in default of a convention (CCH, R441-5-2 IV): recorded with its source, and counted as the
State's part until a convention is signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils import timezone

from reservations.models import Convention, Landlord, LegalParameter, Organisation, ReservationHolder, Territory, User
from reservations.models.acting import atomic
from reservations.models.locking import in_order
from reservations.operations.convention import draft_convention, sign_convention
from reservations.operations.convention_terms import QuotaTerms
from reservations.queries.conventions import proposed_ranks
from reservations.refusals import Refusal

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
    by: User,
    today: date | None = None,
) -> Convention:
    """Record the order by which the préfet fixes how the State's rights on a landlord's flow are exercised, where no
    convention was signed by the day of the law.

    `priority` and `agents` in millionths of a unit, for the two contingents of the State; `ranks`: those that files
    give, by contingent, the others following; `order`, its number and date: the source. It takes effect from
    `starts_on`, today at the latest, and ends on the eve of the convention signed.
    What binds conventions binds it: caps, ranks, the whole flow.
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
    state = _state_of(departement)
    _check_default(landlord, state, departement, starts_on, ends_on)
    shares = {Contingent.STATE_PRIORITY: priority, Contingent.STATE_AGENTS: agents}
    kept = {int(contingent): share for contingent, share in shares.items() if share}
    holders = list(state.contingents.filter(contingent__in=kept).order_by("-contingent"))
    if len(holders) < len(kept):
        raise OrderRefused(f"{state} n’a pas ces deux contingents : demandez-les à l’administrateur.", field="agents")
    proposed, given = proposed_ranks(landlord, holders, starts_on), ranks or {}
    convention = draft_convention(
        landlord=landlord,
        organisation=state,
        perimeter=departement,
        starts_on=starts_on,
        ends_on=ends_on,
        quotas=[
            QuotaTerms(each, kept[each.contingent], given.get(each.contingent, proposed[each.pk])) for each in holders
        ],
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


def _state_of(departement: Territory) -> Organisation:
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
    landlord: Landlord, state: Organisation, departement: Territory, starts_on: date, ends_on: date
) -> None:
    """Raises OrderRefused where the State has its convention, or an order already."""
    held = Convention.objects.binding().filter(
        landlord=landlord, organisation=state, perimeter=departement, starts_on__lte=ends_on, ends_on__gte=starts_on
    )
    other = held.order_by("starts_on").first()
    if other is None:
        return
    what = f"L’arrêté « {other.prefect_order} »" if other.is_order else "Une convention de l’État"
    raise OrderRefused(
        f"{what} porte déjà sur ce département du {other.starts_on:%d/%m/%Y} au {other.ends_on:%d/%m/%Y} : le préfet "
        "ne fixe de règles qu’à défaut de convention.",
        field="starts_on",
    )
