"""The drawing of what known departures bring: the worst deviation of some families by window. Plain SVG."""

from __future__ import annotations

from html import escape

from benchmarks.ahead.windows import Table
from benchmarks.policies import WINDOWS

FILE = "known.svg"

#: Families drawn, by the name of their line, and how.
DRAWN = {
    "B4 10 EPCI, 50 communes, 2,000 vacancies": ("10 EPCI et 50 communes", "none"),
    "C bursty": ("les mêmes, logements par paquets", "8 4"),
    "D refusals, territories": ("les mêmes, des genres refusés", "2 4"),
    "E fully reserved, territories": ("les mêmes, tout étant réservé", "12 4 2 4"),
    "A one territory, 30 holders": ("un seul territoire, 30 réservataires", "none"),
}

LEFT, TOP, BETWEEN, HEIGHT, WIDTH = 60, 60, 110, 300, 860
LOWEST, HIGHEST = 0.7, 1.3


def _y(value: float) -> float:
    return TOP + HEIGHT * (HIGHEST - min(max(value, LOWEST), HIGHEST)) / (HIGHEST - LOWEST)


def _french(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")


def _apart(heights: dict[str, float]) -> dict[str, float]:
    """Labels from the lowest line up, each high enough above the one below to be read."""
    found: dict[str, float] = {}
    free = float(TOP + HEIGHT)
    for family in sorted(heights, key=heights.__getitem__, reverse=True):
        found[family] = min(heights[family], free)
        free = found[family] - 18
    return found


def svg(table: Table) -> str:
    """One line a family, one mark a window: the mean over draws."""
    title = "Pire écart au cours de l’année, en logements, selon le nombre de départs connus"
    bottom = TOP + HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 60}" font-family="sans-serif" '
        'font-size="14" fill="#222" role="img">',
        f"<title>{title}</title>",
        f'<rect width="{WIDTH}" height="{bottom + 60}" fill="#fff"/>',
        f'<text x="12" y="24" font-size="16" font-weight="bold">{title}</text>',
    ]
    for mark in (0.8, 1.0, 1.2):
        dash = "none" if mark == 1 else "2 4"
        parts.append(
            f'<line x1="{LEFT}" y1="{_y(mark):.1f}" x2="{LEFT + 4 * BETWEEN}" y2="{_y(mark):.1f}" stroke="#222" '
            f'stroke-dasharray="{dash}" opacity="0.5"/>'
            f'<text x="{LEFT - 10}" y="{_y(mark) + 5:.1f}" text-anchor="end">{_french(mark)}</text>'
        )
    for place, departures in enumerate(WINDOWS):
        parts.append(f'<text x="{LEFT + place * BETWEEN}" y="{bottom + 24}" text-anchor="middle">{departures}</text>')
    parts.append(f'<text x="{LEFT}" y="{bottom + 48}" font-size="13">départs connus à chaque décision</text>')
    labels = _apart({family: _y(table[family][0][-1].worst) + 5 for family in DRAWN})
    for family, (name, dash) in DRAWN.items():
        lines, _ = table[family]
        points = [(LEFT + place * BETWEEN, _y(line.worst)) for place, line in enumerate(lines)]
        drawn = " ".join(f"{x},{y:.1f}" for x, y in points)
        look = f'fill="none" stroke="#222" stroke-width="2" stroke-dasharray="{dash}"'
        parts += [
            f'<polyline points="{drawn}" {look}/>',
            *(
                f'<circle cx="{x}" cy="{y:.1f}" r="3.5" fill="#222"><title>{escape(name)} : {_french(line.worst)}'
                "</title></circle>"
                for (x, y), line in zip(points, lines, strict=True)
            ),
            f'<text x="{points[-1][0] + 14}" y="{labels[family]:.1f}">{_french(lines[-1].worst)} {escape(name)}</text>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"
