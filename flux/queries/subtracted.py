"""What was subtracted from the flow beside a ledger, told of ledgers without a reading of it."""

from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Sum
from django.db.models.functions import JSONObject

from flux.models import FlowCount, Vacancy


def subtracted_from() -> ArraySubquery:
    """To annotate ledgers with: by reason, how many units of the landlord, the place and the year were subtracted."""
    counts = FlowCount.objects.filter(
        landlord=OuterRef("landlord"),
        commune__departement=OuterRef("departement"),
        month__year=OuterRef("exercise"),
        kind=Vacancy.Kind.EXCLUDED,
    )
    by_reason = counts.order_by("exclusion").values("exclusion").annotate(whole=Sum("units"))
    return ArraySubquery(by_reason.values(told=JSONObject(reason=F("exclusion"), units=F("whole"))))
