"""The matrix of the balances of a territory: landlords × holders, as pages and papers read it.

A line is a landlord in a département, as a balance is sent; `balance_standing` reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from attributions.bilan.queries.deadlines import Deadline
from flux.queries.forecasts import is_late
from reservations.models import Landlord, Organisation, Territory

#: Holders with a column of their own; the others are counted together.
COLUMNS = 8


class HolderState(StrEnum):
    """Where a holder stands with a balance."""

    NONE = "none"
    AWAITED = "awaited"
    NOT_SENT = "not_sent"
    UNOPENED = "unopened"
    READ = "read"
    REMARK = "remark"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One holder beside one balance. `on`: the day it signed, or contested first. `remarks`: how many wait for their
    answer. `own`: it is the reader's."""

    state: HolderState
    on: date | None = None
    own: bool = False
    remarks: int = 0

    @property
    def is_expected(self) -> bool:
        """Is a signature of it counted?"""
        return self.state != HolderState.NONE


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent, and when. `late`: days after the last one on which it was on time."""

    on: date
    late: int


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One balance. `units` were offered on the territory, `complete` of them with every datum of the decree;
    `reminded`: the last time that its landlord was; `owed`: is there a balance to send at all? `open_remarks`: those
    without an answer; `signatory`: the landlord itself, which signs too. `interim`: the day of the last « point
    d’étape », as long as no balance came: it stands for none."""

    landlord: Landlord
    departement: Territory
    owed: bool
    deadline: Deadline
    balance: Sent | None
    interim: date | None
    sealed_on: date | None
    forecast: Sent | None
    forecast_due: date | None
    units: int
    complete: int
    cells: Mapping[int, MatrixCell]
    signatory: MatrixCell
    open_remarks: int
    reminded: date | None
    today: date

    @property
    def is_awaited(self) -> bool:
        """Is there a balance to send, that has not come?"""
        return self.owed and self.balance is None

    @property
    def is_absent(self) -> bool:
        """The same, its last day past: before, it may come on time."""
        return self.is_awaited and self.deadline.is_past(self.today)

    @property
    def late(self) -> int:
        """Days that an absent balance is late; 0 as long as it may come on time."""
        return self.deadline.days_late(self.today)

    @property
    def left(self) -> int:
        """Days before the deadline."""
        return self.deadline.days_left(self.today)

    @property
    def forecast_is_late(self) -> bool:
        """Is the forecast past its day, and not sent?"""
        return self.forecast is None and is_late(self.today, self.forecast_due)

    @property
    def missing(self) -> int:
        """Units that lack a datum."""
        return self.units - self.complete

    @property
    def signatures(self) -> list[MatrixCell]:
        """Whose signatures are counted: those of the holders, and of the landlord."""
        return [cell for cell in (self.signatory, *self.cells.values()) if cell.is_expected]

    @property
    def signed(self) -> int:
        return sum(cell.state == HolderState.SIGNED for cell in self.signatures)

    def cell(self, organisation: int) -> MatrixCell:
        return self.cells.get(organisation, MatrixCell(HolderState.NONE))


@dataclass(frozen=True, slots=True)
class Others:
    """The holders without a column of their own, together."""

    signed: int
    expected: int
    remarks: int


@dataclass(frozen=True, slots=True)
class MatrixState:
    """The matrix. `holders`: those with a convention on the territory, the most common first; `reader_signs`: may the
    person who reads sign for its organisation, or somebody else of it?"""

    territory: Territory
    exercise: int
    today: date
    rows: tuple[MatrixRow, ...]
    holders: tuple[Organisation, ...]
    unanswered: int = field(default=0)
    reader_signs: bool = True

    @property
    def columns(self) -> tuple[Organisation, ...]:
        return self.holders[:COLUMNS]

    @property
    def others(self) -> tuple[Organisation, ...]:
        return self.holders[COLUMNS:]

    @property
    def next_exercise(self) -> int:
        return self.exercise + 1

    @property
    def previous_exercise(self) -> int:
        return self.exercise - 1

    @property
    def sent(self) -> int:
        return sum(row.balance is not None for row in self.rows)

    @property
    def awaited(self) -> int:
        """Balances sent, or owed."""
        return sum(row.owed or row.balance is not None for row in self.rows)

    @property
    def late(self) -> int:
        """Balances sent after their day, and those that are past it."""
        return sum(row.balance.late > 0 if row.balance else row.owed and row.late > 0 for row in self.rows)

    @property
    def forecasts(self) -> int:
        return sum(row.forecast is not None for row in self.rows)

    @property
    def lacking(self) -> list[MatrixRow]:
        """Balances to send that have not come, late or not."""
        return [row for row in self.rows if row.is_awaited]

    @property
    def absent(self) -> list[MatrixRow]:
        """Those of them that are late."""
        return [row for row in self.rows if row.is_absent]

    @property
    def expected(self) -> int:
        """Signatures that the balances of the territory take, those of the landlords too."""
        return sum(len(row.signatures) for row in self.rows)

    @property
    def signed(self) -> int:
        return sum(row.signed for row in self.rows)

    @property
    def deadline(self) -> Deadline | None:
        """The first to come of those that are awaited; of all of them when none is."""
        every = [row.deadline for row in self.lacking or self.rows if row.deadline.named]
        return min(every, key=lambda each: each.named or date.max, default=None)

    @property
    def days_left(self) -> int:
        return self.deadline.days_left(self.today) if self.deadline else 0

    @property
    def is_over(self) -> bool:
        """Is the year over? Balances are not awaited before."""
        return self.today.year > self.exercise

    @property
    def has_begun(self) -> bool:
        """Something was sent, signed or remarked on, or all of it is awaited."""
        return self.is_over or bool(self.sent or self.forecasts or self.signed or self.unanswered)

    @property
    def is_to_come(self) -> bool:
        """Has the year not begun?"""
        return self.today.year < self.exercise

    @property
    def several_departements(self) -> bool:
        return len({row.departement.pk for row in self.rows}) > 1

    def beside(self, row: MatrixRow) -> Others:
        """What stands for one balance in the last column."""
        cells = [row.cell(holder.pk) for holder in self.others]
        return Others(
            sum(cell.state == HolderState.SIGNED for cell in cells),
            sum(cell.is_expected for cell in cells),
            sum(cell.remarks for cell in cells),
        )

    @property
    def lines(self) -> list[tuple[MatrixRow, list[MatrixCell], Others]]:
        """Each balance with the cells of the columns, in their order."""
        return [(row, [row.cell(holder.pk) for holder in self.columns], self.beside(row)) for row in self.rows]
