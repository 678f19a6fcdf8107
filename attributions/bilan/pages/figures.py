"""The figures of a content of the balance, in the words of its version."""

from __future__ import annotations

from attributions.bilan.models import BalanceRemark
from attributions.bilan.queries.figures import (
    COUNTED_FIRST,
    FLOW,
    STOCK,
    SUBTRACTED,
    SUMMARY,
    Content,
    FigurePlace,
    flow_figures,
)
from flux.words import known

LINES = {choice.value: str(choice.label) for choice in BalanceRemark.Line}
COLUMNS = {choice.value: str(choice.label) for choice in BalanceRemark.Measure}


def flow_lines(content: Content) -> list[tuple[str, str, int]]:
    """(code, words, units) of what fell vacant: all, each class, and the first lettings that accounts count."""
    words = {
        "": "ensemble",
        **{kind["code"]: kind["words"] for kind in content["flow"]["kinds"]},
        COUNTED_FIRST: "dont premières mises en location comptées aux comptes",
    }
    return [(code, words[code], units) for code, units in flow_figures(content).items()]


class Words:
    """A place as one reads it, in the words of its version."""

    def __init__(self, content: Content) -> None:
        self.holders = {line["holder"]: line["name"] for line in (*content["stock"], *content["holders"])}
        self.categories = {
            (axis["code"], each["code"]): each["words"] for axis in content["axes"] for each in axis["categories"]
        }
        self.categories |= {(SUBTRACTED, each["code"]): each["words"] for each in content["subtracted"]}
        self.categories |= {(FLOW, code): words for code, words, _ in flow_lines(content)}

    def holder(self, key: str) -> str:
        """« Ville de Narbonne »; « ensemble » for all."""
        return self.holders.get(key, key) if key else "ensemble"

    def category(self, line: str, code: str) -> str:
        """« T5 », « non renseigné »; nothing for the synthesis and the stock, which have none."""
        return "" if line in (SUMMARY, STOCK) else self.categories.get((line, code), known(code))

    def has(self, line: str, code: str) -> bool:
        """Does this version name that category? One without category needs no name."""
        return line in (SUMMARY, STOCK) or not code or (line, code) in self.categories

    def __call__(self, place: FigurePlace) -> str:
        """« Ville de Narbonne, typologie T5, proposés »."""
        table = LINES.get(place.line, place.line)
        where = table if place.line in (SUMMARY, STOCK) else f"{table} : {self.category(place.line, place.category)}"
        return f"{self.holder(place.holder)}, {where}, {COLUMNS.get(place.measure, place.measure)}"
