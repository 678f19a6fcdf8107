"""Recording a préfet's order that lifts one of the State's caps for a time."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from reservations.deadlines import months_after
from reservations.models import Derogation, HistoryEntry, Landlord, LegalParameter, Territory, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak


class DerogationRefused(Refusal):
    """A derogation that cannot be; `field` says which of its terms to change (CCH, R441-5-2)."""


@atomic
def record_derogation(
    *,
    landlord: Landlord,
    departement: Territory,
    code: str,
    value: Decimal,
    starts_on: date,
    ends_on: date,
    order: str,
    by: User,
    why: str = "",
) -> Derogation:
    """Record the order of the préfet under which another cap of the State's share counts, both days included.

    `value` is a percentage with four decimals at most, above the law's cap; `order` the number and date of the order.
    Orders of one landlord wait for each other, so that two never overlap. Raises DerogationRefused.
    """
    in_order(Landlord.objects.all()).get(pk=landlord.pk)
    if code not in Derogation.CAPS:
        raise DerogationRefused("Une dérogation lève l’un des deux plafonds de la part de l’État.", field="code")
    if departement.kind != Territory.Kind.DEPARTEMENT:
        raise DerogationRefused("Une dérogation vaut dans un département : choisissez-le.", field="departement")
    if not order.strip():
        raise DerogationRefused("Citez l’arrêté préfectoral : son numéro et sa date.", field="order")
    _check_period(starts_on, ends_on)
    _check_value(code, value, starts_on, ends_on)
    other = (
        Derogation.objects.filter(
            landlord=landlord, departement=departement, code=code, starts_on__lte=ends_on, ends_on__gte=starts_on
        )
        .order_by("starts_on", "pk")
        .first()
    )
    if other is not None:
        raise DerogationRefused(
            f"Une dérogation lève déjà ce plafond du {other.starts_on:%d/%m/%Y} au {other.ends_on:%d/%m/%Y} "
            f"({other.order}) : choisissez d’autres dates.",
            field="starts_on",
        )
    with constraints_speak(Derogation):
        derogation = Derogation.objects.create(
            landlord=landlord,
            departement=departement,
            code=code,
            value=value,
            starts_on=starts_on,
            ends_on=ends_on,
            order=order.strip(),
        )
    record(
        derogation,
        HistoryEntry.Act.RECORDED,
        by=by,
        why=why,
        details={
            "value": [None, f"{value.normalize():f}"],
            "starts_on": [None, starts_on.isoformat()],
            "ends_on": [None, ends_on.isoformat()],
        },
    )
    return derogation


@atomic
def end_derogation(*, derogation: Derogation, ends_on: date, by: User, why: str) -> Derogation:
    """Bring the last day of a derogation forward: the order was repealed, or its end mistyped. `why` is required.

    Raises DerogationRefused when the day is out of its period, or nobody says why.
    """
    derogation = Derogation.objects.select_for_update(of=("self",)).get(pk=derogation.pk)
    if not derogation.starts_on <= ends_on < derogation.ends_on:
        raise DerogationRefused(
            f"Choisissez un dernier jour entre le {derogation.starts_on:%d/%m/%Y} et la veille du "
            f"{derogation.ends_on:%d/%m/%Y}.",
            field="ends_on",
        )
    if not why.strip():
        raise DerogationRefused("Dites pourquoi : l’arrêté qui l’abroge, ou l’erreur à corriger.", field="why")
    before, derogation.ends_on = derogation.ends_on, ends_on
    derogation.save(update_fields=["ends_on"])
    record(
        derogation,
        HistoryEntry.Act.ENDED,
        by=by,
        why=why,
        details={"ends_on": [before.isoformat(), ends_on.isoformat()]},
    )
    return derogation


def _check_period(starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise DerogationRefused(
            "La dérogation finit avant de commencer : corrigez l’une des deux dates.", field="ends_on"
        )
    longest = _value_on(LegalParameter.Code.DEROGATION_MONTHS_MAX, starts_on, "starts_on")
    last = months_after(starts_on, int(longest)) - timedelta(days=1)
    if ends_on > last:
        raise DerogationRefused(
            f"Une dérogation dure {int(longest)} mois au plus (CCH, R441-5-2) : jusqu’au {last:%d/%m/%Y} si elle "
            f"commence le {starts_on:%d/%m/%Y}.",
            field="ends_on",
        )


def _check_value(code: str, value: Decimal, starts_on: date, ends_on: date) -> None:
    if not 0 < value <= 100:
        raise DerogationRefused("Un plafond va de plus de 0 % à 100 %.", field="value")
    if value != value.quantize(Decimal("0.0001")):
        raise DerogationRefused("Un plafond s’écrit avec quatre décimales au plus.", field="value")
    law = max(_value_on(code, day, "starts_on") for day in (starts_on, ends_on))
    if value <= law:
        written = f"{law.normalize():f}".replace(".", ",")
        raise DerogationRefused(
            f"Le plafond de la loi est déjà de {written} % : une dérogation le dépasse, sinon elle ne sert à rien.",
            field="value",
        )


def _value_on(code: str, day: date, field: str) -> Decimal:
    try:
        return LegalParameter.objects.value_on(code, day)
    except LegalParameter.DoesNotExist as error:
        name = LegalParameter.Code(code).label
        raise DerogationRefused(
            f"Aucune valeur n’est enregistrée au {day:%d/%m/%Y} pour « {name} » : demandez à l’administrateur de "
            "l’enregistrer.",
            field=field,
        ) from error
