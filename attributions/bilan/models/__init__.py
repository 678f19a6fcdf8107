"""Tables of the annual balance and of what is reported beside it. One module a noun."""

from attributions.bilan.models.balance import (
    AnnualBalance,
    BalanceDispatch,
    BalanceRemark,
    BalanceSignature,
    BalanceVersion,
)
from attributions.bilan.models.beside import BalanceComment, BalanceCorrection, BalanceDownload, BalanceTolerance
from attributions.bilan.models.layout import BalanceLayout
from attributions.bilan.models.objective import Objective
from attributions.bilan.models.reconciliation import Reconciliation, ReconciliationLine
from attributions.bilan.models.reminder import BalanceReminder, PrintedBalance, StatedPurpose

__all__ = [
    "AnnualBalance",
    "BalanceComment",
    "BalanceCorrection",
    "BalanceDispatch",
    "BalanceDownload",
    "BalanceLayout",
    "BalanceRemark",
    "BalanceReminder",
    "BalanceSignature",
    "BalanceTolerance",
    "BalanceVersion",
    "Objective",
    "PrintedBalance",
    "Reconciliation",
    "ReconciliationLine",
    "StatedPurpose",
]
