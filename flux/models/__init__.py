"""Tables of the flow. One module a noun."""

from flux.models.account import CarriedOver, FlowEntry, Ledger, LedgerLine, SettledDue
from flux.models.allotment import Allotment, AllottedUnit
from flux.models.audit import AuditAlert, ReplayedYear
from flux.models.conversion import ConventionStock, Conversion
from flux.models.counted import COUNTED
from flux.models.description import UnitDescription
from flux.models.expected import AwaitedDecision, ExpectedHolder, FormerForecast
from flux.models.fold import (
    AccountMonth,
    ChoiceCount,
    FlowCell,
    FlowCount,
    PlaceCell,
    PlaceCount,
    RoutingCount,
    UnitReader,
)
from flux.models.forecast import Forecast, ForecastDispatch, ForecastLine
from flux.models.needs import IncomeCeiling, NeedsDeclaration
from flux.models.opening import OpeningAct, OpeningBalance
from flux.models.period_cut import PeriodCut
from flux.models.returning import Resumption, Return
from flux.models.routing import AskedDecision, Recommendation, Routing, RoutingPolicy
from flux.models.starting import DecisionWindow, GoLive, Rehearsal
from flux.models.stock_assignment import OutsideFlow, StockAssignment, ToldAside
from flux.models.transfer import AbsorbedBalance, Absorption, StockTransfer, TransferredProgramme, TransferredUnit
from flux.models.unit import Programme, Unit
from flux.models.vacancy import Vacancy
from flux.models.webhook import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent

__all__ = [
    "COUNTED",
    "AbsorbedBalance",
    "Absorption",
    "AccountMonth",
    "Allotment",
    "AllottedUnit",
    "AskedDecision",
    "AuditAlert",
    "AwaitedDecision",
    "CarriedOver",
    "ChoiceCount",
    "ConventionStock",
    "Conversion",
    "DecisionWindow",
    "ExpectedHolder",
    "FlowCell",
    "FlowCount",
    "FlowEntry",
    "Forecast",
    "ForecastDispatch",
    "ForecastLine",
    "FormerForecast",
    "GoLive",
    "IncomeCeiling",
    "Ledger",
    "LedgerLine",
    "NeedsDeclaration",
    "OpeningAct",
    "OpeningBalance",
    "OutsideFlow",
    "PeriodCut",
    "PlaceCell",
    "PlaceCount",
    "Programme",
    "Recommendation",
    "Rehearsal",
    "ReplayedYear",
    "Resumption",
    "Return",
    "Routing",
    "RoutingCount",
    "RoutingPolicy",
    "SettledDue",
    "StockAssignment",
    "StockTransfer",
    "ToldAside",
    "TransferredProgramme",
    "TransferredUnit",
    "Unit",
    "UnitDescription",
    "UnitReader",
    "Vacancy",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
]
