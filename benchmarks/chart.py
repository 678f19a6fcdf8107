"""The drawings of docs/engine.md: how far each policy goes, on a scale by tens. Plain SVG, black and white."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import log10

from benchmarks.fluxbench import Result
from benchmarks.report import lines

LEFT, RIGHT, TOP, ROW, BAR = 300, 60, 62, 40, 13
WIDTH = 860
LOWEST, HIGHEST = 0.5, 500.0
MARKS = (1, 10, 100)


def _x(value: float) -> float:
    span = WIDTH - LEFT - RIGHT
    part = log10(min(max(value, LOWEST), HIGHEST) / LOWEST) / log10(HIGHEST / LOWEST)
    return LEFT + span * part


def _bar(y: float, value: float, fill: str, name: str) -> str:
    length = _x(value) - LEFT
    return (
        f'<rect x="{LEFT}" y="{y:.0f}" width="{length:.1f}" height="{BAR}" fill="{fill}" stroke="#222">'
        f"<title>{escape(name)} : {_french(value)}</title></rect>"
        f'<text x="{_x(value) + 5:.1f}" y="{y + BAR - 2:.0f}" font-size="12" '
        f'paint-order="stroke" stroke="#fff" stroke-width="4">{_french(value)}</text>'
    )


def _french(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")


#: Policies as the drawing names them.
NAMES = {
    "random by quota": "tirage au sort, selon les parts",
    "roster of 20 turns per commune": "tour de rôle de 20 lignes, par commune",
    "monthly printed table": "tableau du mois",
    "live spreadsheet, attainment rate": "tableur à jour, taux d’atteinte",
    "live spreadsheet, gap in points": "tableur à jour, écart en points",
    "weighted round-robin, a counter per commune": "tourniquet pondéré, par commune",
    "largest delay": "plus grand reste dû",
    "the rule": "la règle d’Équiflux",
}


def drawings(results: Sequence[Result]) -> dict[str, str]:
    """{file: SVG} over the instances A and B: the policies of today and the rule, means over instances, in units."""
    one, many = ([line for line in lines(results)[family] if line.policy in NAMES] for family in "AB")
    return {
        "fluxbench.svg": svg(
            "Pire écart entre dû et reçu au cours de l’année, en logements",
            {a.policy: (a.worst, b.worst) for a, b in zip(one, many, strict=True)},
        ),
        "fluxbench-mix.svg": svg(
            "Pire manque dans une catégorie (typologie, financement…) en fin d’année, en logements",
            {a.policy: (a.gap, b.gap) for a, b in zip(one, many, strict=True)},
        ),
    }


def svg(title: str, figures: Mapping[str, tuple[float, float]]) -> str:
    """Two bars a policy: one territory, and territories."""
    height = TOP + ROW * len(figures) + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        'font-size="14" fill="#222" role="img">',
        f"<title>{title}, selon la manière d’orienter</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff"/>'
        '<line x1="0" y1="0" x2="0" y2="6" stroke="#222" stroke-width="3"/></pattern></defs>',
        f'<text x="12" y="22" font-size="16" font-weight="bold">{title}</text>',
        f'<rect x="{LEFT}" y="34" width="22" height="{BAR}" fill="#555" stroke="#222"/>'
        f'<text x="{LEFT + 28}" y="46" font-size="13">un seul territoire</text>',
        f'<rect x="{LEFT + 190}" y="34" width="22" height="{BAR}" fill="url(#hatch)" stroke="#222"/>'
        f'<text x="{LEFT + 218}" y="46" font-size="13">département, EPCI et communes</text>',
    ]
    parts += [
        f'<line x1="{_x(mark):.1f}" y1="{TOP - 4}" x2="{_x(mark):.1f}" y2="{height - 34}" stroke="#222" '
        f'stroke-dasharray="{"none" if mark == 1 else "2 4"}"/>'
        f'<text x="{_x(mark):.1f}" y="{height - 16}" font-size="13" text-anchor="middle">{mark}</text>'
        for mark in MARKS
    ]
    for number, (policy, (one, many)) in enumerate(figures.items()):
        y = TOP + ROW * number
        name = NAMES[policy]
        weight = ' font-weight="bold"' if policy == "the rule" else ""
        parts += [
            f'<text x="{LEFT - 10}" y="{y + 18}" text-anchor="end"{weight}>{escape(name)}</text>',
            _bar(y, one, "#555", name),
            _bar(y + BAR + 1, many, "url(#hatch)", name),
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"
