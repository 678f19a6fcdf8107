"""« 1 bail », « 2 baux »: a count is followed by the word that it asks for, on pages and in sentences."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import modules, over_files, shown, templates

#: What one counts here, and what is stated of it. Figures that are texts already (`…_shown`) have no number to read.
MANY = (
    "ans|baux|bilans|candidats|comptes|demandes|dossiers|droits|essais|jours|libérés|lignes|logements|ménages|mots|"
    "proposés|requêtes|secondes|signatures|unités|variantes"
)
ON_A_PAGE = re.compile(
    r"\{\{ ([^{}|]*(?<!_shown)(?:\|length)?(?:\|integer|\|hundredths)?) \}\}(?:</?\w+>)*"
    rf"[ \u00a0\u202f]({MANY})\b"
)
IN_A_SENTENCE = re.compile(r"[ \u00a0\u202f]([a-zàâçéèêîô]+[sx])\b(?![’'])")
#: They end so whatever the count.
UNCHANGING = frozenset(
    re.findall(r"\w+", "ailleurs après avis dans des fois hors inclus is les mis mois plus requis sans sous vers vous")
)
SENTENCES = [
    path
    for path in modules("reservations", "flux", "attributions")
    if not {"migrations", "demonstration", "management"} & set(path.parts)
]


def loose_on(template: str) -> list[tuple[str, str]]:
    """(count, word) where a template writes the word in the plural whatever the count."""
    return ON_A_PAGE.findall(template)


def loose_in(code: str) -> list[tuple[str, str]]:
    """(count, word) of the sentences of a module, but where the sentence is one of two that a condition chooses from,
    or is after a line that did, and where the count is a constant of ours: its name is in capitals."""
    return [(ast.unparse(count), word) for count, word in _counted(ast.parse(code))]


def _counted(node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    if isinstance(node, ast.IfExp):
        return
    if isinstance(node, ast.JoinedStr):
        for count, after in zip(node.values, node.values[1:], strict=False):
            if not isinstance(count, ast.FormattedValue) or not isinstance(after, ast.Constant):
                continue
            word = IN_A_SENTENCE.match(str(after.value))
            is_bound = isinstance(count.value, ast.Name) and count.value.id.isupper()
            if word and word[1] not in UNCHANGING and not is_bound:
                yield count.value, word[1]
    for child in ast.iter_child_nodes(node):
        yield from _counted(child)


#: Several when they are stated: a branch around has reported one apart, or the count is a bound of ours.
SEVERAL: dict[str, list[tuple[str, str]]] = {
    "reservations/forms/organisations.py": [("len(lines)", "lignes")],
    "reservations/pages/clauses.py": [("flow", "logements")],
    "templates/503.html": [("again_in", "secondes")],
    "templates/bilan/correct.html": [("units|length|integer", "logements")],
    "templates/bilan/defects.html": [("complete.offered|integer", "logements")],
    "templates/glossary/glossary.html": [("count", "mots")] * 2,
    "templates/home/landlord.html": [("landlord.ledgers|length", "comptes")],
    "templates/bilan/objective_list.html": [("enough", "baux")],
    "templates/flux/conversion_compare.html": [("conversions|length|integer", "variantes")],
    "templates/flux/rule.html": [("example.units|integer", "logements")],
    "templates/reservations/derogation_detail.html": [("line.value", "logements")],
    "templates/reservations/locked_out.html": [("lock.count.value", "essais")],
    "attributions/bilan/pages/reviews.py": [("read.signed", "signatures"), ("integer(read.signed)", "signatures")],
    "attributions/bilan/pages/charts.py": [("year", "proposés")],
    "attributions/bilan/pages/one_page.py": [
        ("len(others)", "autres"),
        ("awaited", "bilans"),
        ("stands.sent", "bilans"),
    ],
    "attributions/bilan/imports/table_schema.py": [("len(cells)", "cellules"), ("width", "colonnes")],
    "reservations/imports/door.py": [("len(cells)", "cellules")],
    "reservations/imports/cells.py": [("longest", "caractères")],
    "flux/operations/units.py": [("longest", "caractères")],
    "flux/pages/webhooks.py": [("integer(attempt.duration)", "ms")],
    "attributions/households/views/proposals.py": [("age", "ans")],
    "flux/conversion/remarks.py": [("plain(weights)", "logements")],
    "flux/conversion/figures.py": [("total", "units")],
    "flux/engine/known_wording.py": [("situation.departures", "départs"), *[("known", "départs")] * 3],
    "flux/engine/why_not.py": [("situation.departures", "départs")],
    "flux/models/starting.py": [("self.length", "départs"), ("self.days", "jours")],
    "flux/pages/ranking.py": [("size", "rendus"), ("typology", "manquants")],
    "flux/pages/statement_tables.py": [("integer(statement.planned)", "premiers")],
    "flux/pages/starting.py": [
        ("integer(window.length)", "départs"),
        ("units(sum(known) * 1000000 // len(known))", "départs"),
    ],
    "attributions/notices/announcing.py": [("window.length", "départs")],
    "flux/pages/departures.py": [("facts.departures", "départs"), ("known", "départs")],
    "flux/imports/rpls_row.py": [("longest", "caractères"), ("longest", "caractères")],
    "flux/projection.py": [("days_left", "days")],
    "reservations/forms/convention_terms.py": [("integer(MOST_WRITTEN)", "signes")],
    "reservations/forms/term_fields.py": [("integer(MOST_OF_A_CLAUSE)", "signes")],
    "reservations/operations/convention_terms.py": [("integer(len(typed))", "signes")],
    "reservations/operations/terms.py": [("integer(len(text))", "signes")],
    "reservations/pages/checks/in_force.py": [("len(found.several)", "conventions")],
}


@over_files(templates())
def test_count_on_a_page_is_followed_by_the_word_it_asks_for(path: Path) -> None:
    """« Premier quartile hors QPV : 1 baux sur 3 »: the filter `plural` writes the word."""
    assert loose_on(path.read_text(encoding="utf-8")) == SEVERAL.get(shown(path), [])


@over_files(SENTENCES)
def test_count_in_a_sentence_is_followed_by_the_word_it_asks_for(path: Path) -> None:
    assert loose_in(path.read_text(encoding="utf-8")) == SEVERAL.get(shown(path), [])


@pytest.mark.parametrize(
    ("found", "loose"),
    [
        (loose_on("<b>{{ told.numerator|integer }}</b> baux sur 3"), [("told.numerator|integer", "baux")]),
        (loose_on('{{ n|integer }} {{ n|plural:"bail,baux" }} {{ flow_shown }} logements'), []),
        (loose_in('f"{told.numerator} baux sur {told.denominator}"'), [("told.numerator", "baux")]),
        (loose_in("""f"{n} logement{'s' * (n > 1)}, {MOST} lignes, {n} fois" """), []),
        (loose_in('f"{n} baux" if n > 1 else "1 bail"'), []),
    ],
)
def test_a_loose_plural_is_caught(found: list[tuple[str, str]], loose: list[tuple[str, str]]) -> None:
    assert found == loose
