"""What was chosen for a ledger and bears on its decisions of a day: read together, its row being locked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from flux.models import CarriedOver, DecisionWindow, Ledger, NeedsDeclaration, RoutingPolicy
from flux.models.needs import Targets
from reservations.models.once import Once


@dataclass(frozen=True, slots=True)
class Chosen:
    """By the landlord for that day, its `window` and whether it routes at once (`automatic`); by holders, the targets
    of their `needs`. `carries`: an earlier year left something to give."""

    window: DecisionWindow
    automatic: bool
    needs: Targets
    carries: bool


def _read(ledger: int, on: date) -> QuerySet[Ledger, tuple[object, ...]]:
    windows = DecisionWindow.objects.filter(landlord=OuterRef("landlord"), starts_on__lte=on).order_by("-starts_on")
    policies = RoutingPolicy.objects.filter(landlord=OuterRef("landlord"), starts_on__lte=on).order_by("-starts_on")
    needs = NeedsDeclaration.objects.filter(ledger=OuterRef("pk")).order_by("-pk")
    return Ledger.objects.filter(pk=ledger).values_list(
        Subquery(windows.values(window=JSONObject(length="length", days="days"))[:1]),
        Subquery(policies.values("mode")[:1]),
        Subquery(needs.values("targets")[:1]),
        Exists(CarriedOver.objects.filter(ledger=OuterRef("pk"))),
    )


_once = Once(_read, ledger=-1, on=date(1, 1, 1))


def chosen(ledger: Ledger, on: date) -> Chosen:
    """As `DecisionWindow.objects.of`, `RoutingPolicy.objects.is_automatic` and `NeedsDeclaration.objects.targets` say,
    each apart. One query, made after the ledger is locked: what a lock that waited reads beside its row may be older.
    """
    [(window, mode, needs, carries)] = _once(ledger=ledger.pk, on=on)
    return Chosen(
        window=DecisionWindow(landlord=ledger.landlord, **(window or {})),
        automatic=mode == RoutingPolicy.Mode.AUTOMATIC,
        needs=needs or {},
        carries=carries,
    )
