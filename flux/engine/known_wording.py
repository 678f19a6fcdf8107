"""Version 2 in one French sentence: what the known departures changed, or that they confirm the choice.

A sentence of its own fits `LONGEST` characters whatever the names: fewer and fewer words are used until it does.
"""

from __future__ import annotations

from collections.abc import Iterable

from flux.engine.facts import Decision, Situation
from flux.engine.forecast import Peak, inside_of, plan_of, rivals, turning_point
from flux.engine.window import KNOWN_DEADLINE, KNOWN_MIX, Plan, Window
from flux.engine.wording import counted, passing, sentence, units

LONGEST = 200


def known_sentence(situation: Situation, decision: Decision) -> str:
    """Why this holder, the known departures being planned; with one only, or one choice only, version 1's sentence."""
    if decision.reason in {KNOWN_DEADLINE, KNOWN_MIX}:
        window = Window(situation)
        instead = window.best([decision.version_1])
        forms = {KNOWN_DEADLINE: _deadline, KNOWN_MIX: _mix}[decision.reason](situation, window, decision, instead)
        return passing(situation) + shortest(forms)
    text = sentence(situation, decision)
    if situation.known and rivals(decision.ranking) > 1:
        return f"{text} Les {situation.departures} départs connus le confirment."
    return text


def shortest(forms: Iterable[str]) -> str:
    """The first of these, from the fullest to the shortest, that fits; the last one always does."""
    *_, last = found = list(forms)
    return next((form for form in found if len(form) <= LONGEST), last)


def to(inside: str) -> str:
    """« à H40 », « à la Ville de Narbonne », « au Grand Narbonne »."""
    for article, contracted in (("le ", "au "), ("les ", "aux ")):
        if inside.startswith(article):
            return contracted + inside.removeprefix(article)
    return f"à {inside}"


def upper_first(text: str) -> str:
    """At the head of a sentence; the rest keeps its capitals."""
    return f"{text[:1].upper()}{text[1:]}"


def ordinal(step: int) -> str:
    """« 1ᵉʳ », « 6ᵉ »."""
    return "1ᵉʳ" if step == 1 else f"{step}ᵉ"


def of_the_known(situation: Situation, step: int) -> str:
    """« 6ᵉ des 8 départs connus », « dernier des 8 départs connus »."""
    known = situation.departures
    return f"{'dernier' if step == known else ordinal(step)} des {known} départs connus"


def aside(peak: Peak, unit: int) -> str:
    """« en avance de 0,89 logement », « en retard de 1,02 logement »."""
    return f"en {'avance' if peak.gap < 0 else 'retard'} de {counted(abs(peak.gap), unit)}"


def filling(plan: Plan, instead: Plan, situation: Situation, *, verb: str = "") -> str:
    """What a plan fills beside another one: « comble 6,75 logements de manques par genre, au lieu de 6,15 »; or, where
    both only add to what holders have enough of, « ajoute 0,15 logement d’avance par genre, au lieu de 0,35 ». With the
    decimals that it takes to state one from the other. « Commune d’abord »: a convention asks for uniformity, hence
    that lack counts several times. `verb`: how these verbs end, « rait »."""
    unit, kind = situation.unit, "par genre, commune d’abord" if situation.uniform else "par genre"
    ahead = plan.mix < 0 and instead.mix < 0
    this, that = (-plan.mix, -instead.mix) if ahead else (plan.mix, instead.mix)
    for places in range(2, 7):
        other = units(that, unit, places=places)
        if units(this, unit, places=places) != other:
            break
    figure = counted(this, unit, places=places)
    if ahead:
        return f"ajoute{verb} {figure} d’avance {kind}, au lieu de {other}"
    return f"comble{verb} {figure} de manques {kind}, au lieu de {other}"


def _deadline(situation: Situation, window: Window, decision: Decision, instead: Plan) -> list[str]:
    unit, names = situation.unit, inside_of(situation)
    peak = turning_point(window, instead, plan_of(decision))
    chosen, first, other = names[decision.holder], names[decision.version_1], names[peak.holder]
    owed = units(window.owed[decision.version_1][0], unit)
    when = of_the_known(situation, peak.step)
    kept = "le dépassement est le plus petit possible" if decision.excess else "personne ne dépasse les limites"
    now, then = f"{upper_first(to(chosen))} maintenant", f"{aside(peak, unit)} après le {when}"
    if other == chosen:
        forms = [
            f"{now}, qui serait au mieux {then} si {first} (reste dû {owed}) passait d’abord",
            f"{now}, qui serait au mieux {then} si {first} passait d’abord",
            f"{now}, qui serait sinon, au mieux, {then}",
        ]
    elif other == first:
        forms = [
            f"{now} : passer d’abord mettrait {first} (reste dû {owed}), au mieux, {then}",
            f"{now} : passer d’abord mettrait {first}, au mieux, {then}",
            f"Passer d’abord mettrait {first}, au mieux, {then}",
        ]
    else:
        forms = [
            f"{now} : si {first} (reste dû {owed}) passait d’abord, {other} serait au mieux {then}",
            f"{now} : si {first} passait d’abord, {other} serait au mieux {then}",
            f"{now} : sinon, {other} serait au mieux {then}",
            f"Sinon, {other} serait au mieux {then}",
        ]
    forms.append(f"Si un autre passait d’abord, l’un des réservataires serait au mieux {then}")
    return [f"{form} ; ainsi, {kept}." for form in forms]


def _mix(situation: Situation, window: Window, decision: Decision, instead: Plan) -> list[str]:
    unit, names = situation.unit, inside_of(situation)
    chosen, first = names[decision.holder], names[decision.version_1]
    owed = units(window.owed[decision.version_1][0], unit)
    fills = filling(plan_of(decision), instead, situation)
    now, known = f"{upper_first(to(chosen))} maintenant", situation.departures
    if decision.version_1 in decision.plan:
        step = decision.plan.index(decision.version_1) + 1
        then, together = f"reçoit le {of_the_known(situation, step)}", "l’ensemble"
    else:
        gaps = zip(window.gaps(decision.plan)[decision.version_1], window.limits, strict=True)
        harmless = all(abs(gap) <= limit for gap, limit in gaps)
        then = f"peut attendre{', sans dépasser les limites' if harmless else ''}"
        together = f"l’ensemble des {known} départs connus"
    return [
        f"{now}, et {first} (reste dû {owed}) {then} : {together} {fills} si {first} passait d’abord.",
        f"{now}, et {first} (reste dû {owed}) {then} : {together} {fills}.",
        f"{now}, et {first} {then} : {together} {fills}.",
        f"{upper_first(first)} {then} : {together} {fills}.",
        f"Ainsi, l’ensemble des {known} départs connus {fills} si un autre passait d’abord.",
    ]
