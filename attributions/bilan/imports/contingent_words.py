"""The contingent that a file writes in words: which codes of RPLS item 63 it may mean."""

from __future__ import annotations

from reservations.models import ReservationHolder
from reservations.models.territory import search_key

Contingent = ReservationHolder.Contingent

AGENTS = {"agent", "agents", "fonctionnaire", "fonctionnaires"}
PRIORITY = {"prioritaire", "prioritaires", "dalo"}
STATE = {"etat", "prefet", "prefecture", "prefectoral", "prefectorale"}
CONVENTIONAL = {"conventionnel", "conventionnelle", "conventionnelles"}
EMPLOYERS = {"employeur", "employeurs", "als", "collecteur", "collecteurs"}
AUTHORITY = {
    "agglomeration",
    "collectivite",
    "collectivites",
    "commune",
    "communes",
    "departement",
    "departemental",
    "epci",
    "intercommunalite",
    "mairie",
    "metropole",
    "region",
    "regional",
    "ville",
}
LANDLORD = {"bailleur", "organisme"}


#: The State without more: any of its contingents.
ANY_STATE = frozenset({*ReservationHolder.STATE, Contingent.STATE_CONVENTIONAL})


def contingents_of(text: str) -> tuple[frozenset[int], str]:
    """(codes, our words for them). No code when the words are not understood, or not given: nothing is compared then.

    « État » alone may be any of the State's contingents.
    """
    key = search_key(text)
    code = _code(key, set(key.split()))
    if code is None:
        return (ANY_STATE, "État") if set(key.split()) & STATE else (frozenset(), "")
    return frozenset({int(code)}), str(code.label)


def _code(key: str, words: set[str]) -> ReservationHolder.Contingent | None:
    """The first that the words say; None for the State without more, and for what is not understood."""
    others = bool(words & (AUTHORITY | EMPLOYERS | LANDLORD)) or "action logement" in key
    said = (
        (Contingent.STATE_CONVENTIONAL, bool(words & STATE and words & CONVENTIONAL)),
        (Contingent.STATE_AGENTS, bool(words & AGENTS) and not others),
        (Contingent.STATE_PRIORITY, bool(words & PRIORITY) and not others),
        (None, bool(words & STATE)),
        (Contingent.ACTION_LOGEMENT, bool(words & EMPLOYERS) or "action logement" in key),
        (Contingent.AUTHORITY, bool(words & AUTHORITY)),
        (
            Contingent.NOT_RESERVED,
            bool(words & LANDLORD) or key.startswith(("non reserve", "hors contingent", "sans reserv")),
        ),
        (Contingent.OTHER, bool(words & {"autre", "autres"})),
    )
    return next((code for code, is_said in said if is_said), None)
