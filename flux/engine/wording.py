"""The decision in one French sentence, and the figures it is made of."""

from __future__ import annotations

from flux.engine.facts import Decision, HolderFacts, Situation
from flux.engine.rule import DEADLINE, FALLBACK, LARGEST_DELAY, ONLY_ONE, PROFILE, TIE
from reservations.rounding import nearest, written

DIMENSIONS = {
    "typology": "typologie",
    "financing": "financement",
    "qpv": "quartier",
    "period": "construction",
    "commune": "commune",
    "attractiveness": "attractivité",
}
FEMININE = {"typology", "period", "commune", "attractiveness"}


def units(shares: int, unit: int, *, signed: bool = False, places: int = 2) -> str:
    """Shares as units with two decimals, the French way: « 0,76 », « −0,80 », « +1,03 » (`reservations.rounding`)."""
    return written(nearest(10**places * shares, unit), places, signed=signed)


def counted(shares: int, unit: int, *, places: int = 2) -> str:
    """« 0,76 logement », « 2,00 logements »: plural from two, as the figure is shown."""
    shown = units(shares, unit, places=places)
    return f"{shown} logement{'' if shown.lstrip('−').startswith(('0,', '1,')) else 's'}"


def sentence(situation: Situation, decision: Decision) -> str:
    """Why this holder, in one sentence: who, how much, and what made the difference; first, what was passed over."""
    return passing(situation) + _why(situation, decision)


def passing(situation: Situation) -> str:
    """What a convention's chain passed over, stated before the sentence; empty for nothing."""
    if not situation.passed:
        return ""
    return f"{situation.passed}, commune du logement, n’est pas inscrite ici : étape passée. "


def _why(situation: Situation, decision: Decision) -> str:
    facts = {holder.id: holder for holder in situation.holders}
    chosen = facts[decision.holder]
    if decision.reason == FALLBACK:
        return _fallback(situation, chosen)
    if decision.reason == ONLY_ONE:
        return _only_one(situation, chosen)
    first, *others = [rank for rank in decision.ranking if rank.eligible]
    rivals = [rank for rank in others if rank.in_band] if decision.reason in {TIE, PROFILE} else others
    if decision.reason == TIE:
        rivals = [rank for rank in rivals if (rank.priority, rank.delay) == (first.priority, first.delay)]
    rival = facts[max(rivals, key=lambda rank: (rank.delay, -facts[rank.id].rank)).id]
    words = {DEADLINE: _deadline, TIE: _tie, LARGEST_DELAY: _largest_delay, PROFILE: _profile}
    return words[decision.reason](situation, chosen, rival) + uniformly(situation, decision.reason, chosen, rival)


def uniformly(situation: Situation, reason: str, *compared: HolderFacts) -> str:
    """Whose convention has a lack count several times, where lacks made the difference; "" for nobody."""
    asking = [holder for holder in compared if holder.weights]
    if reason not in {PROFILE, TIE} or not asking:
        return ""
    weight, at = max((weight, at) for holder in asking for at, weight in enumerate(holder.weights))
    lack = category_name(situation.dimensions[at], situation.categories[at], situation.place)
    names = " et ".join(holder.name for holder in asking)
    verb = "demande" if len(asking) == 1 else "demandent"
    conventions = f"La convention de {names}" if len(asking) == 1 else f"Les conventions de {names}"
    return f" {conventions} {verb} l’uniformité d’une commune à l’autre : le manque à {lack} y compte {weight} fois."


def _fallback(situation: Situation, chosen: HolderFacts) -> str:
    assert situation.chain is not None, "a chain alone gives this reason"
    after = situation.chain.after
    if situation.chain.proposer:
        return (
            f"Rendu par {after} : sa convention l’envoie alors à la commune du logement, "
            f"{situation.chain.proposed_by}, qui n’a pas de droit ici : elle propose sur la part non réservée du "
            "bailleur, pour une location."
        )
    if chosen.id == situation.landlord:
        return f"Rendu par {after} : sa convention le laisse alors au bailleur (non réservé), pour une location."
    whom = {"MAYOR": "à la commune du logement", "STATE": "au préfet"}[situation.chain.step]
    return f"Rendu par {after} : sa convention l’envoie alors {whom}, {chosen.name}."


def _only_one(situation: Situation, chosen: HolderFacts) -> str:
    if chosen.id == situation.landlord:
        return "Aucun réservataire ne peut recevoir ce logement : il reste au bailleur (non réservé)."
    return f"Seule destination possible : {chosen.name}."


def _deadline(situation: Situation, chosen: HolderFacts, rival: HolderFacts) -> str:
    unit = situation.unit
    return (
        f"Le tour de {chosen.name} ne peut plus attendre : reste dû {counted(chosen.delay(unit), unit)}, et attendre "
        f"mettrait l’écart au-delà d’un logement ; {rival.name} ({units(rival.delay(unit), unit)}) peut "
        "encore attendre."
    )


def _tie(situation: Situation, chosen: HolderFacts, rival: HolderFacts) -> str:
    unit = situation.unit
    if chosen.share > rival.share:
        settled = "part plus grande ici"
    elif not chosen.last_served < rival.last_served:
        settled = "rang de sa part dans les conventions"
    elif chosen.last_served:
        settled = "dernier logement reçu plus ancien"
    else:
        settled = "aucun logement encore reçu dans l’exercice"
    return (
        f"À égalité avec {rival.name} (reste dû {counted(chosen.delay(unit), unit)} chacun, même total de manques) ; "
        f"ce qui départage {chosen.name} : {settled}."
    )


def _largest_delay(situation: Situation, chosen: HolderFacts, rival: HolderFacts) -> str:
    unit = situation.unit
    return (
        f"Plus grand reste dû : {counted(chosen.delay(unit), unit)} ; ensuite {rival.name}, "
        f"{units(rival.delay(unit), unit)}."
    )


def _profile(situation: Situation, chosen: HolderFacts, rival: HolderFacts) -> str:
    unit = situation.unit
    advantage = sorted(
        (theirs - own, i)
        for i, (own, theirs) in enumerate(zip(chosen.weighed, rival.weighed, strict=True))
        if own > theirs
    )
    named = " et ".join(
        f"{category_name(situation.dimensions[i], situation.categories[i], situation.place)} "
        f"({units(chosen.lacks[i], unit, signed=True)} contre {units(rival.lacks[i], unit, signed=True)})"
        for _, i in advantage[:2]
    )
    return (
        f"Reste dû {counted(chosen.delay(unit), unit)}, voisin du plus grand ({rival.name}, "
        f"{units(rival.delay(unit), unit)}), et plus grand manque dans les catégories de ce logement : {named}."
    )


def category_name(dimension: str, category: str, place: str = "") -> str:
    """How a category reads in a sentence; an empty one is « non renseigné », a commune is known by its `place`."""
    label = DIMENSIONS.get(dimension, dimension)
    if not category:
        return f"{label} non renseigné{'e' if dimension in FEMININE else ''}"
    if dimension == "commune" and place:
        return place
    if dimension in {"commune", "attractiveness"}:
        return f"{label} {category}"
    if category == "AUTRE":
        return "autre financement"
    return f"construction {category}" if dimension == "period" else category
