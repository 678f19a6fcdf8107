"""The lines that lead from the stock to the flow, in words."""

from __future__ import annotations

from flux.models import Vacancy

#: (heading, words), by code of line; a category that is subtracted has the words of the law.
FLOW = {
    "VACATED": ("Logements libérés", "Ensemble"),
    **{choice.value: ("Soustraits du flux", str(choice.label)) for choice in Vacancy.Exclusion},
    "SUBTRACTED": ("Soustraits du flux", "Ensemble"),
    "STOCK": ("Hors du flux", "gardés en stock"),
    "TECHNICAL": ("Hors du flux", "vacances techniques"),
    "OUTSIDE": ("Hors du flux", str(Vacancy.Kind.OUTSIDE.label)),
    "FIRST_LETTINGS": ("Hors du flux", "premières mises en location"),
    "NET": ("Flux", "Flux net"),
}
