"""The audit of accessibility of this installation (`ACCESSIBILITY_AUDIT`): only an audit says that it conforms.

The tests of the software are none: until the operator declares one, the statement and the foot of every page say « non
encore auditée » (décret n° 2019-768; arrêté du 20 septembre 2019).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ImproperlyConfigured

NAME = "ACCESSIBILITY_AUDIT"
#: Percents of the criteria that apply, from which the arrêté says « totalement », then « partiellement ».
WHOLE, HALF = 100, 50


@dataclass(frozen=True, slots=True)
class Audit:
    """Who audited this installation, when, and the share of the criteria that are met, in percent."""

    on: date
    rate: Decimal
    auditor: str

    @property
    def state(self) -> str:
        """What the arrêté wants stated: « totalement conforme », « partiellement conforme », « non conforme »."""
        if self.rate >= WHOLE:
            return "totalement conforme"
        return "partiellement conforme" if self.rate >= HALF else "non conforme"


def given(environment: Mapping[str, str], *, today: date) -> Audit | None:
    """The audit that « 2027-03-12 ; 87,5 ; Cabinet Untel » declares; None when nothing is. Raises ImproperlyConfigured
    for anything else: a day to come, a rate out of 0 to 100."""
    written = environment.get(NAME, "").strip()
    if not written:
        return None
    wrong = (
        f"{NAME} : écrivez le jour de l’audit, le taux en % et qui l’a fait : « 2027-03-12 ; 87,5 ; Cabinet Untel »."
    )
    parts = [" ".join(part.split()) for part in written.split(";")]
    if len(parts) != 3 or not parts[2]:
        raise ImproperlyConfigured(wrong)
    try:
        on, rate = date.fromisoformat(parts[0]), Decimal(parts[1].rstrip("% ").replace(",", "."))
    except (ValueError, InvalidOperation) as unread:
        raise ImproperlyConfigured(wrong) from unread
    if on > today or not 0 <= rate <= WHOLE:
        raise ImproperlyConfigured(f"{wrong} Le jour est passé, et le taux va de 0 à 100.")
    return Audit(on, rate, parts[2])
