"""« What awaits whom »: the list of every act that may await somebody. A new act brings its row by its line here."""

from __future__ import annotations

from attributions.inbox import of_balances, of_papers, of_units
from attributions.inbox.kinds import Kind
from attributions.inbox.of_sessions import OF_SESSIONS, VOTE_CLOSES

#: In the order in which a home page lists them; of two rows that lapse together, the first is that of the earlier kind.
KINDS: tuple[Kind, ...] = (
    VOTE_CLOSES,
    of_units.OFFER_LAPSES,
    of_units.DOCUMENT_LAPSES,
    of_units.CANDIDATES_AWAITED,
    *of_units.OF_LANDLORD,
    *of_papers.OF_LANDLORD,
    *of_papers.OF_CONVENTIONS,
    *OF_SESSIONS,
    *of_balances.OF_BALANCES,
    *of_papers.OF_ACCOUNTS,
)
BY_CODE = {kind.code: kind for kind in KINDS}
