"""Why not this destination: the words of each row of the ranking."""

from __future__ import annotations

from flux.engine import rule
from flux.engine.facts import HolderFacts, Situation
from flux.engine.why_not import CHOSEN
from flux.models import Recommendation
from flux.queries.recommendations import ranking_of

UNIT = 1_000_000
COUNTED = {"unit": UNIT, "sequence": 9, "landlord": "1", "dimensions": ("typology", "commune")}


def hints(*holders: tuple[str, int, int, tuple[int, int]], may_take: bool = True) -> list[str]:
    """Decide between holders given as (name, share, delay, lacks), and read the ranking back."""
    situation = Situation(
        **COUNTED,
        categories=("T3", "11262"),
        holders=tuple(
            HolderFacts(str(n), name, n, share, delay, 0, 0, may_take or n == 1, lacks)
            for n, (name, share, delay, lacks) in enumerate(holders, start=1)
        ),
        place="Narbonne",
    )
    decision = rule.decide(situation)
    stored = Recommendation(situation=situation.as_json(), ranking=decision.ranking_as_json(), reason=decision.reason)
    ranking = ranking_of(stored)
    assert ranking.labels == ("T3", "Narbonne")
    return [f"{row.name} : {row.hint}" for row in ranking.rows]


def test_band_is_distinguished_by_what_each_has_already() -> None:
    assert hints(
        ("Non réservé", 500_000, 600_000, (600_000, 0)),
        ("Ville", 500_000, 650_000, (-2_250_000, 2_900_000)),
        ("État", 0, 0, (0, 0)),
    )[:2] == [
        "Ville : Recommandée : plus grand reste dû.",
        "Non réservé : Écart voisin, mais moins de manques : priorité +6,60.",
    ]
    assert hints(
        ("Non réservé", 500_000, 600_000, (3_000_000, 0)),
        ("Ville", 500_000, 650_000, (-2_250_000, 0)),
    ) == [
        f"Non réservé : {CHOSEN[rule.PROFILE]}",
        "Ville : Plus grand écart, mais déjà 2,25 d’avance (T3).",
    ]


def test_who_is_ahead_or_far_behind_the_first_is_notified() -> None:
    rows = hints(
        ("Non réservé", 200_000, 1_300_000, (0, 0)),
        ("Ville", 300_000, 500_000, (0, 0)),
        ("État", 300_000, -800_000, (0, 0)),
        ("Action Logement", 200_000, 20_000, (0, 0)),
    )
    assert rows[0] == "Non réservé : Recommandée : plus grand reste dû."
    assert "État : A déjà reçu 0,80 logement de plus que son dû." in rows
    assert len(rows) == 4


def test_only_one_may_take() -> None:
    assert hints(("Non réservé", 400_000, 400_000, (0, 0)), ("Ville", 600_000, 600_000, (0, 0)), may_take=False) == [
        "Non réservé : Seule destination possible.",
        "Ville : Ne peut pas recevoir ce logement.",
    ]
