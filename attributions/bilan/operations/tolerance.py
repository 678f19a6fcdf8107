"""Recording a later day that a région accepted for the balances of an exercise."""

from __future__ import annotations

from datetime import date

from attributions.bilan.models import BalanceTolerance
from attributions.bilan.operations.held import BalanceRefused
from flux.queries.forecast import due_on
from reservations.models import HistoryEntry, Territory, User
from reservations.models.acting import atomic
from reservations.operations.history import record


@atomic
def tolerate(
    *, region: Territory, exercise: int, until: date, source: str, by: User
) -> tuple[BalanceTolerance, BalanceTolerance | None]:
    """Record the last day, inclusive, that a région tolerates for the balances of an exercise, in the place of the one
    before. A balance sent by then is not late. What is recorded, and what it replaces: that stays in the history.

    Raises BalanceRefused, by field: not a région, no source, a day that is not after the one of the law, or more than a
    year after it.
    """
    if region.kind != Territory.Kind.REGION:
        raise BalanceRefused("Choisissez une région dans la liste.", field="region")
    if not source.strip():
        raise BalanceRefused("Citez la lettre, la circulaire ou la page officielle.", field="source")
    due = due_on(exercise + 1)
    first = due or date(exercise + 1, 1, 1)
    if not first <= until <= first.replace(year=first.year + 1, day=min(first.day, 28)):
        raise BalanceRefused(
            f"Le bilan {exercise} est dû avant le {first:%d/%m/%Y} : écrivez un jour à partir de celui-là, et moins "
            "d’un an après.",
            field="until",
        )
    before = BalanceTolerance.objects.select_for_update(of=("self",)).filter(region=region, exercise=exercise).first()
    found, _ = BalanceTolerance.objects.update_or_create(
        region=region, exercise=exercise, defaults={"until": until, "source": source.strip()}
    )
    act = HistoryEntry.Act.EDITED if before else HistoryEntry.Act.RECORDED
    details = {
        "until": [before.until.isoformat() if before else None, until.isoformat()],
        "source": [before.source if before else None, source.strip()],
    }
    record(found, act, by=by, details=details)
    return found, before
