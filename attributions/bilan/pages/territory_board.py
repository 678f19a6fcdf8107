"""What is said of the scores of a territory."""

from __future__ import annotations

from attributions.bilan.queries.objectives import Score
from attributions.bilan.queries.territory_board import Judgement, Verdict
from flux.pages.caps import verdict_name, verdict_pill
from flux.queries.state_cap import Verdict as CapVerdict
from reservations.words import integer, plural, upper_first

#: What is said, then how many leases where they count, and the class of the pill.
VERDICTS = {
    Judgement.KEPT: ("Tenu", "ok"),
    Judgement.UNDER: ("Sous le plafond", "ok"),
    Judgement.ROUNDING: (upper_first(verdict_name(CapVerdict.ROUNDING)), verdict_pill(CapVerdict.ROUNDING)),
    Judgement.OVER: ("Dépassé de", "late"),
    Judgement.SHORT: ("Il manque", "todo"),
    Judgement.AWAITED: ("Bilan attendu", "wait"),
    Judgement.ABSENT: ("Bilan absent", "late"),
    Judgement.NO_LEASE: ("Aucun bail", "wait"),
    Judgement.NOT_TOLD: ("Non communiqué", ""),
    Judgement.UNDECIDED: ("Non tranché", "wait"),
    Judgement.NO_TARGET: ("Aucun taux en vigueur", "wait"),
    Judgement.FEW: ("Petit effectif", ""),
}


def verdict_words(verdict: Verdict) -> str:
    """« Tenu », « Il manque 8 baux », « Il manque 3 à 8 baux », « Petit effectif »…"""
    words, _ = VERDICTS[verdict.judgement]
    if verdict.judgement not in (Judgement.OVER, Judgement.SHORT):
        return words
    leases = f"{verdict.leases} à {verdict.most}" if verdict.most > verdict.leases else str(verdict.leases)
    return f"{words} {leases} {plural(max(verdict.leases, verdict.most), 'bail,baux')}"


def counted_words(score: Score) -> str:
    """« 12 », « entre 53 et 58 », « non communiqué »: how many leases are counted, as this reader may have it."""
    if score.ends is None:
        return "non communiqué"
    least, most = map(integer, score.ends)
    return least if least == most else f"entre {least} et {most}"


def score_pill(verdict: Verdict) -> str:
    """The class of its pill."""
    return VERDICTS[verdict.judgement][1]
