"""The figures of an account, as its pages call them."""

from __future__ import annotations

from flux.queries.statement import Figure

#: After « logements ».
FIGURES = {
    Figure.DUE: "dus",
    Figure.SHARE: "dus, parts de l’année",
    Figure.CARRIED: "dus, report d’avant",
    Figure.VACATED: "libérés",
    Figure.AGAIN: "rendus, comptés de nouveau",
    Figure.ROUTED: "orientés",
    Figure.AWAITING: "recommandés, à confirmer par le bailleur",
    Figure.RECEIVED: "reçus",
    Figure.IN_COURSE: "en cours",
    Figure.OFFERED: "proposés",
    Figure.DESIGNATED: "aux candidats désignés",
    Figure.ALLOCATED: "attribués",
    Figure.LEASED: "baux signés",
    Figure.RETURNED: "rendus",
    Figure.LAPSED: "rendus sans candidat au terme du délai",
    Figure.REFUSED_APPLICANT: "dont une candidature n’a pas abouti (le demandeur)",
    Figure.REFUSED_HOLDER: "dont une candidature n’a pas abouti (le réservataire)",
    Figure.REFUSED_LANDLORD: "dont une candidature n’a pas abouti (le bailleur)",
    Figure.REFUSED_COMMITTEE: "dont une candidature n’a pas abouti (la CALEOL)",
    Figure.REFUSED_UNIT: "dont une candidature n’a pas abouti (le logement)",
}


def figure_name(figure: Figure) -> str:
    """« orientés »."""
    return FIGURES[figure]
