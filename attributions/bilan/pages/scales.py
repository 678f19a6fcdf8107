"""The kinds of holders that tables put side by side, in words."""

from __future__ import annotations

from collections.abc import Iterable

from attributions.bilan.queries.scales import HolderKind

KINDS = {
    HolderKind.STATE: "État",
    HolderKind.ACTION_LOGEMENT: "Action Logement",
    HolderKind.AUTHORITY: "Collectivités",
    HolderKind.OTHER: "Autres",
    HolderKind.NOT_RESERVED: "Non réservé",
}


def kind_names(kinds: Iterable[HolderKind]) -> list[str]:
    """The headings of their columns."""
    return [KINDS[kind] for kind in kinds]


def kind_name(kind: HolderKind) -> str:
    """« Collectivités »."""
    return KINDS[kind]
