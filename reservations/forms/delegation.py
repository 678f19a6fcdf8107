"""What the préfet delegates of a contingent, as it is typed: to whom, how much, when, which units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from reservations.forms.fields import DayField, ShareField
from reservations.models import Delegation, Quota, ReservationHolder
from reservations.models.convention import UNIT, percent_of
from reservations.operations.delegation import DelegationScope

NAMES = (
    *("delegates", "delegated_share", "delegated_units", "delegated_from", "delegated_until"),
    *("accord_on", "accord_reference"),
)


def fields_of(holder: ReservationHolder, delegates: Any, *, by_state: bool) -> dict[str, forms.Field]:
    """The fields of one contingent, by name. `by_state`: the préfet’s, who needs the accord of the mayor
    for an EPCI."""
    fields: dict[str, forms.Field] = {
        f"delegates_{holder.pk}": forms.ModelMultipleChoiceField(
            queryset=delegates.order_by("name", "siren"),
            label=str(holder),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"invalid_choice": "Choisissez des organisations de la liste."},
        ),
        f"delegated_share_{holder.pk}": ShareField(
            label="Part déléguée, en %",
            required=False,
            help_text="Vide : tous ses logements. Sinon, chaque année, au plus fort reste, dans leur ordre.",
        ),
        f"delegated_units_{holder.pk}": forms.ChoiceField(
            label="Logements délégués",
            choices=Delegation.Units.choices,
            required=False,
            error_messages={"invalid_choice": "Choisissez parmi les logements de la liste."},
        ),
        f"delegated_from_{holder.pk}": DayField(
            label="À partir du", required=False, help_text="Vide : comme la convention."
        ),
        f"delegated_until_{holder.pk}": DayField(
            label="Jusqu’au", required=False, help_text="Vide : comme la convention."
        ),
    }
    if not by_state:
        return fields
    return fields | {
        f"accord_on_{holder.pk}": DayField(
            label="Accord du maire, le",
            required=False,
            help_text="Pour une intercommunalité : elle propose avec l’accord du maire (CCH, L441-1).",
        ),
        f"accord_reference_{holder.pk}": forms.CharField(
            label="Référence de l’accord",
            required=False,
            max_length=200,
            help_text="La lettre ou la délibération : « délibération n° 12 du 3 mars 2026 ».",
        ),
    }


def scope_of(given: Mapping[str, Any], holder: ReservationHolder) -> DelegationScope:
    """What was typed, once it is clean; the whole when nothing was."""
    return DelegationScope(
        share=given.get(f"delegated_share_{holder.pk}") or UNIT,
        units=given.get(f"delegated_units_{holder.pk}") or Delegation.Units.ALL,
        starts_on=given.get(f"delegated_from_{holder.pk}"),
        ends_on=given.get(f"delegated_until_{holder.pk}"),
        accord_on=given.get(f"accord_on_{holder.pk}"),
        accord_reference=given.get(f"accord_reference_{holder.pk}") or "",
    )


def initial_scope(quota: Quota) -> dict[str, Any]:
    """What a draft says already. Its delegations are read."""
    rows = list(quota.delegations.all())
    initial: dict[str, Any] = {f"delegates_{quota.holder_id}": [each.delegate_id for each in rows]}
    if rows:
        one = rows[0]
        initial |= {
            f"delegated_share_{quota.holder_id}": None if one.share == UNIT else percent_of(one.share),
            f"delegated_units_{quota.holder_id}": one.units,
            f"delegated_from_{quota.holder_id}": one.starts_on,
            f"delegated_until_{quota.holder_id}": one.ends_on,
            f"accord_on_{quota.holder_id}": one.accord_on,
            f"accord_reference_{quota.holder_id}": one.accord_reference,
        }
    return initial
