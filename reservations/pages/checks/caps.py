"""The caps of the State's share, in words."""

from __future__ import annotations

from reservations.queries.checks.caps import Cap, Capped
from reservations.queries.checks.codes import Code

SHARES = {Code.STATE_SHARE: "part de l’État", Code.STATE_AGENTS_SHARE: "part des agents de l’État"}
HOLDERS = {Code.STATE_SHARE: "à l’État", Code.STATE_AGENTS_SHARE: "aux agents de l’État"}


def whose(capped: Capped) -> str:
    """« part de l’État »: the share that a cap bounds."""
    return SHARES[capped.code]


def to_whom(capped: Capped) -> str:
    """« à l’État »: where the units that it bounds go."""
    return HOLDERS[capped.code]


def by_order(cap: Cap) -> str:
    """« , par dérogation (arrêté …) »; nothing when it is the law's own."""
    return f", par dérogation ({cap.derogation.order})" if cap.derogation else ""
