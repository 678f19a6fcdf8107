"""How far a delegation of the préfet goes: whole or a fraction, for a time, for certain units (CCH, L441-1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from reservations.models import Delegation, Organisation
from reservations.models.convention import UNIT
from reservations.refusals import Refusal


class DelegationRefused(Refusal):
    """The préfet cannot delegate this contingent to this organisation, or so (CCH, L441-1)."""


@dataclass(frozen=True, slots=True)
class DelegationScope:
    """`share` in millionths of the State's units there; without days, those of the convention. `accord_on`, with its
    reference: the mayor's accord that an EPCI asks for."""

    share: int = UNIT
    units: str = Delegation.Units.ALL
    starts_on: date | None = None
    ends_on: date | None = None
    accord_on: date | None = None
    accord_reference: str = ""


WHOLE = DelegationScope()


def scope_of(delegation: Delegation) -> DelegationScope:
    """The same, of a row."""
    return DelegationScope(
        delegation.share,
        delegation.units,
        delegation.starts_on,
        delegation.ends_on,
        delegation.accord_on,
        delegation.accord_reference,
    )


def check_scope(scope: DelegationScope, *, to_somebody: bool) -> None:
    """Raise DelegationRefused when it cannot be, or delegates to nobody."""
    if scope != WHOLE and not to_somebody:
        raise DelegationRefused(
            "Rien n’est délégué à personne : choisissez à qui, ou effacez la part, les jours et les logements "
            "délégués.",
            field="delegates",
        )
    if not 0 < scope.share <= UNIT:
        raise DelegationRefused("Une part déléguée va de plus de 0 % à 100 %.", field="delegated_share")
    if scope.starts_on and scope.ends_on and scope.ends_on < scope.starts_on:
        raise DelegationRefused(
            "La délégation finit avant de commencer : corrigez l’un de ses deux jours.", field="delegated_until"
        )


def check_accord(scope: DelegationScope, delegates: Iterable[Organisation]) -> None:
    """Raise DelegationRefused when an EPCI is delegated to without the mayor's accord, or half of one is given (« avec
    l’accord du maire », CCH, L441-1)."""
    if scope.accord_on is not None and not scope.accord_reference.strip():
        raise DelegationRefused(
            "Écrivez la référence de l’accord du maire : la lettre ou la délibération.", field="accord_reference"
        )
    if scope.accord_on is not None:
        return
    if scope.accord_reference.strip():
        raise DelegationRefused("Écrivez le jour de l’accord du maire.", field="accord_on")
    if (epci := next((each for each in delegates if each.kind == Organisation.Kind.EPCI), None)) is not None:
        raise DelegationRefused(
            f"Le préfet ne délègue à une intercommunalité qu’avec l’accord du maire (CCH, L441-1) : écrivez le jour et "
            f"la référence de cet accord, ou retirez {epci.name}.",
            field="accord_on",
        )
