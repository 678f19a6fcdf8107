"""What an elected member asks of a territory and a year: what was promised to us and came, where, what is next.

No figure is defined here: those of the comparison of landlords, of the year and of the year before; those of the
organisation's own contingents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q, Sum

from attributions.bilan.queries.landlord_figures import Comparison, LandlordFigures, LandlordLine, compare, total
from attributions.bilan.queries.territory_board import Board
from flux.models import AccountMonth
from flux.queries.transfers import transfers_in
from reservations.models import Membership, Organisation
from reservations.models.territory import end_of, within


@dataclass(frozen=True, slots=True)
class Elected:
    """`before`: the landlords the year before. `own`: what the organisation's contingents were due and received, by
    commune (id; None: dues moved at the end of a right, which bear on none)."""

    board: Board
    organisation: Organisation
    before: Comparison
    own: Mapping[int | None, LandlordFigures]

    @property
    def has_contingent(self) -> bool:
        """Was anything due to, or received by, the organisation itself, this year or the year before?"""
        every = [total(self.own.values()), self.own_before]
        return any(figures.due or figures.received for figures in every)

    @property
    def own_total(self) -> LandlordFigures:
        return total(self.own.values())

    @property
    def own_before(self) -> LandlordFigures:
        return total(self.own_of(line) for line in self.before.lines)

    def own_of(self, line: LandlordLine) -> LandlordFigures:
        """Of one landlord, what is the organisation's own."""
        return total(each.figures for each in line.holders if each.holder.organisation_id == self.organisation.pk)


def elected(board: Board, *, member: Membership) -> Elected:
    """As many queries, beside those of the board, whatever there is to read."""
    before = compare(board.year - 1, board.territory, member=member)
    return Elected(board, member.organisation, before, _own(board, member))


def _own(board: Board, member: Membership) -> dict[int | None, LandlordFigures]:
    """Of the accounts that the board reads. One query."""
    books, territory = board.comparison.accounts.owners.keys(), board.territory.pk
    here: Q = within(territory, commune="commune", on=end_of(board.year)) | transfers_in(territory)
    months = AccountMonth.objects.filter(here, ledger__in=books, holder__organisation=member.organisation_id)
    rows = (
        months.order_by()
        .values("commune")
        .annotate(of_due=Sum("due"), of_routed=Sum("routed"), of_wait=Sum("awaiting"), of_received=Sum("received"))
    )
    found: dict[int | None, LandlordFigures] = {
        row["commune"]: LandlordFigures(
            due=row["of_due"], routed=row["of_routed"], awaiting=row["of_wait"], received=row["of_received"]
        )
        for row in rows
    }
    own = {
        holder.pk
        for line in board.comparison.lines
        for each in line.holders
        if (holder := each.holder).organisation_id == member.organisation_id
    }
    for each, figures in board.comparison.since.accounts(books):
        if each.holder in own:
            left = {name: -figures.get(name, 0) for name in ("due", "routed", "awaiting", "received")}
            found[each.commune] = found.get(each.commune, LandlordFigures()) + LandlordFigures(**left)
    return found
