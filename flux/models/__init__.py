"""Tables of the flow. One module a noun."""

from flux.models.account import FlowEntry, Ledger, LedgerLine
from flux.models.routing import Recommendation, Routing, RoutingPolicy
from flux.models.stock_assignment import StockAssignment
from flux.models.unit import Programme, Unit
from flux.models.vacancy import Vacancy

__all__ = [
    "FlowEntry",
    "Ledger",
    "LedgerLine",
    "Programme",
    "Recommendation",
    "Routing",
    "RoutingPolicy",
    "StockAssignment",
    "Unit",
    "Vacancy",
]
