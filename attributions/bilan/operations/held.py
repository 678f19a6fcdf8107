"""What every act on a balance shares: hold its row, read its latest version, refuse in a sentence."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from attributions.bilan.models import AnnualBalance, BalanceDispatch, BalanceVersion
from flux.models import Ledger
from reservations.models import Landlord, Organisation, Territory
from reservations.models.locking import in_order
from reservations.refusals import Refusal


class BalanceRefused(Refusal):
    """This cannot be done with this balance now; the sentence says what to do next."""


@dataclass(frozen=True, slots=True)
class HeldBalance:
    """A balance whose row is locked: two people at once are one after the other, and the second reads what changed."""

    balance: AnnualBalance
    latest: BalanceVersion | None

    @property
    def content(self) -> dict[str, Any] | None:
        """What the latest version says."""
        return read(self.latest) if self.latest else None

    def current(self, version: BalanceVersion) -> BalanceVersion:
        """The version that the person read, when it is still the latest. Raises BalanceRefused otherwise."""
        if self.latest is None or version.pk != self.latest.pk:
            number = self.latest.number if self.latest else 0
            raise BalanceRefused(
                f"Entre-temps, la version {number} a été envoyée : lisez ce qui y a changé, puis décidez de nouveau."
            )
        return self.latest

    def sent_to(self, organisation: Organisation) -> BalanceDispatch:
        """How the latest version was sent to an organisation. Raises BalanceRefused when it was not."""
        found = BalanceDispatch.objects.filter(version=self.latest, organisation=organisation).first()
        if found is None:
            raise BalanceRefused(
                "Cette version n’a pas été envoyée à votre organisation : vous la lisez, et la prochaine vous sera "
                "adressée si vous y avez un droit ou un logement. Écrivez au bailleur."
            )
        return found


def read(version: BalanceVersion) -> dict[str, Any]:
    """The content of a version, as it was sent."""
    content: dict[str, Any] = json.loads(version.content)
    return content


def hold_balance(balance: AnnualBalance) -> HeldBalance:
    """Lock a balance, then read its latest version. To be called inside the transaction of the act."""
    held = (
        in_order(AnnualBalance.objects.all()).select_related("landlord__organisation", "departement").get(pk=balance.pk)
    )
    return HeldBalance(held, held.versions.order_by("-number").first())


def hold_accounts(balance: AnnualBalance) -> None:
    """Lock the ledgers that a balance is read from, those of other exercises where its acts are too, in the order of
    every act of the flow, after its own row: what is then read of them in several queries is of one moment. To be
    called inside the transaction of the act."""
    ledgers = Ledger.objects.filter(landlord=balance.landlord_id, departement=balance.departement_id)
    list(in_order(ledgers))


def open_balance(landlord: Landlord, departement: Territory, exercise: int) -> AnnualBalance:
    """The row of a balance, written at the first act upon it."""
    found, _ = AnnualBalance.objects.get_or_create(landlord=landlord, departement=departement, exercise=exercise)
    return found
