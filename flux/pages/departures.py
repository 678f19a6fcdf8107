"""What pages say of departures.

* The known departures as a page states them: where each would go, what everybody is owed on the way, and what another
  choice would change. Only the first is a decision, once it is taken; all the rest is a forecast.
* When a unit counts, by the convention: what is received, what is on its way, and what due is compared with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from flux.engine.facts import Decision, Situation
from flux.engine.forecast import Departure, Supposed, departures, inside_of, names_of, paths, plan_of, supposed
from flux.engine.known_wording import aside, of_the_known
from flux.engine.window import Plan, limits
from flux.models import ExpectedHolder, Vacancy
from flux.pages.units import headline
from flux.queries.accounts import AccountLine
from flux.words import counted, gap, units
from reservations.models.terms import Terms
from reservations.pages.table import Number, Rows, Shown, Table, Text
from reservations.words import day, integer, near_day, plural, to, towards, upper_first

#: When nothing says when a unit counts: what is left of the flow is the landlord's, by no convention.
NO_CONVENTION = "sans convention"


def counted_when(line: AccountLine) -> str:
    """« à l’orientation », « au bail signé », « sans convention », as tables and files of the accounts write it."""
    return line.counting_point_words if line.is_agreed else NO_CONVENTION


def compared(line: AccountLine) -> str:
    """What due is compared with, in sentences; empty where a unit counts once routed, and none is in course."""
    figures = line.figures
    if line.counting_point == Terms.CountingPoint.ROUTED and not figures.in_course:
        return ""
    sentence = f"La convention compte un logement {line.counting_point_words}."
    if not figures.in_course:
        return f"{sentence} Rien n’est en cours."
    many = figures.in_course > 1
    who, them = ("logements orientés sont", "les") if many else ("logement orienté est", "le")
    end = "ceux qui n’y arrivent pas redeviennent dus" if many else "s’il n’y arrive pas, il redevient dû"
    return (
        f"{sentence} {integer(figures.in_course)} {who} en cours : la règle {them} compte en attendant, pour ne pas "
        f"servir deux fois, et lit un écart de {gap(figures.left)} ; {end}."
    )


def in_course_too(later: bool) -> str:
    """« , en cours compris »: after units received as the rule counts them, where a convention counts them `later` than
    their routing; empty elsewhere."""
    return ", en cours compris" if later else ""


@dataclass(frozen=True, slots=True)
class KnownPlan:
    """The plan of the known departures, for a page: `title`, `note`, what of it is decided; its tables: the departures,
    what each holder is owed on the way, then what if another, when another could come first at no cost."""

    title: str
    note: str
    tables: tuple[Table, ...]


#: What a reader may know of a departure outside of what it sees.
ELSEWHERE = "un logement hors de votre territoire"

NOTES = {
    True: "Ils étaient connus quand ce calcul a été fait. Seul le premier a une destination : la suite était prévue.",
    False: "Ce que la règle ferait si elle décidait aujourd’hui. Rien n’est encore décidé : ce sont des prévisions.",
}
QUESTIONS = {True: "Et si un autre était passé d’abord ?", False: "Et si un autre passait d’abord ?"}


def known_plan(
    facts: Situation,
    decision: Decision,
    *,
    first: Vacancy | None,
    seen: Mapping[int, Vacancy],
    named: bool,
    firm: Mapping[int, date] | None = None,
    later: bool = False,
) -> KnownPlan | None:
    """The plan behind a decision, or behind a forecast when `firm` gives the day of each departure (ids), in order;
    None when only one was known. `first`: the departure that comes first; `seen`: those that the reader may see, by id;
    `named`: may the reader know the references of units? `later`: does a convention count units later than their
    routing, so that the rule counts those in course?
    """
    if not facts.known:
        return None
    plan, decided = plan_of(decision), firm is None
    others = [other for key, other in supposed(facts, decision.ranking).items() if key != decision.holder]
    days = [f"le {near_day(each)} au plus tard" for each in firm.values()] if firm else []
    tables = [_departures(facts, decision, first, seen, named=named, days=days), _paths(facts, decision, later=later)]
    if others:
        tables.append(_others(facts, plan, others, QUESTIONS[decided]))
    return KnownPlan(f"Les {facts.departures} départs connus", NOTES[decided], tuple(tables))


def _departures(
    facts: Situation,
    decision: Decision,
    first: Vacancy | None,
    seen: Mapping[int, Vacancy],
    *,
    named: bool,
    days: Sequence[str],
) -> Table:
    names, known = names_of(facts), list(departures(facts, decision.plan))

    def destination(each: Departure) -> Text:
        chosen = each.decided and not days
        return Text(names[each.holder], hint="seule décision prise" if chosen else "prévision", strong=chosen)

    def when(each: Departure) -> str:
        return days[each.step - 1] if days else "décidé" if each.decided else "pas encore"

    note = (
        "Besoin couvert : ce qui manque à sa destination de logements de ce genre, en logements ; celui de la commune "
        "compte plusieurs fois quand la convention de la destination demande l’uniformité."
    )
    return Rows(
        known,
        Shown(
            "Logement",
            lambda each: departure_cell(each.step, seen.get(int(each.vacancy)) if each.vacancy else first, named=named),
        ),
        Shown("Destination", destination),
        Number("Besoin couvert", lambda each: gap(each.lack)),
        Shown("Décidé" if days else "Ce jour-là", when),
    ).titled(
        "t-departs",
        "Dans l’ordre d’enregistrement",
        note,
        mark=lambda each: "first" if each is known[0] and not days else "",
    )


def departure_cell(step: int, vacancy: Vacancy | None, *, named: bool) -> Text:
    """« 2. T3 PLUS, hors QPV », its commune below, leading to its page; nothing of what the reader may not see."""
    if vacancy is None:
        return Text(f"{step}. {ELSEWHERE}")
    unit = vacancy.unit
    words = f"{unit.reference}, {headline(unit)}" if named else headline(unit)
    return Text(f"{step}. {words}", hint=unit.commune.name, link=reverse("vacancy-detail", args=[vacancy.pk]))


def _paths(facts: Situation, decision: Decision, *, later: bool) -> Table:
    usual, last = limits(facts.unit)
    note = (
        f"En logements{in_course_too(later)} : + à recevoir, − d’avance. Limites : "
        f"{units(usual)} après chaque départ, {units(last)} après le dernier. Départ crédité : l’écart du compte, avec "
        "la part que le premier départ crédite à chacun, que le compte n’a qu’une fois ce départ décidé."
    )
    return Rows(
        paths(facts, decision.plan),
        Shown("Réservataire", lambda path: path.name),
        Number("Départ crédité", lambda path: gap(path.now)),
        Number("Au plus bas", lambda path: gap(path.lowest)),
        Number("Au plus haut", lambda path: gap(path.highest)),
        Shown("Limite", lambda path: Text("dépassée", pill="late") if path.beyond else Text("tenue", pill="ok")),
    ).titled("t-chemins", "Reste dû à chacun, si ce plan est suivi", note)


def _others(facts: Situation, plan: Plan, others: Sequence[Supposed], question: str) -> Table:
    names = names_of(facts)
    note = (
        "Le meilleur plan possible, pour chaque autre destination sans risque. Plan retenu : "
        f"{counted(plan.mix)} de besoins couverts."
    )
    return Rows(
        others,
        Shown("D’abord", lambda other: names[other.holder]),
        Shown("Ce qui ne tient plus", lambda other: other_choice(facts, plan, other)),
        Shown(
            "Plus grand écart",
            lambda other: Text(
                gap(other.worst.gap), hint=f"{names[other.worst.holder]}, {of_the_known(facts, other.worst.step)}"
            ),
        ),
        Number("Besoins couverts", lambda other: units(other.plan.mix)),
        Shown("Les suivants, prévision", lambda other: ", ".join(names[key] for key in other.others)),
    ).titled("t-autres", question, note)


def other_choice(facts: Situation, plan: Plan, other: Supposed) -> str:
    """« Ce qui ne tient plus » if this one came first: who goes beyond the limits, then what is filled less."""
    worst = other.worst
    if worst.over:
        who = upper_first(inside_of(facts)[worst.holder])
        then = f"{aside(worst, facts.unit)} après le {of_the_known(facts, worst.step)}"
        broken = f"{who} serait au mieux {then}, au-delà de la limite."
    else:
        broken = "Personne ne dépasserait les limites."
    if other.plan.mix == plan.mix:
        return f"{broken} Autant de besoins par genre seraient couverts."
    less = "moins" if other.plan.mix < plan.mix else "plus"
    return f"{broken} Il y aurait {counted(plan.mix - other.plan.mix)} de besoins couverts en {less}."


def foreseen_for(expected: ExpectedHolder) -> str:
    """« Prévision : à la Ville de Narbonne »: where a departure that waits would go."""
    return f"Prévision : {to(expected.holder)}"


def foreseen_until(expected: ExpectedHolder, since: date) -> str:
    """Since when it has been forecast there, when it is decided, and its place among the others."""
    return (
        f"Prévu ainsi depuis le {day(since)}. Décidé le {day(expected.firm_on)} au plus tard, "
        f"{place(expected.rank, expected.known)}."
    )


def place(rank: int, known: int) -> str:
    """« le premier des 7 départs connus », « seul départ connu pour l’instant »."""
    if known == 1:
        return "seul départ connu pour l’instant"
    order = "premier" if rank == 1 else f"{rank}ᵉ"
    return f"{order} des {known} départs connus"


def may_come(count: int) -> str:
    """What a holder reads above the forecasts that name it."""
    return (
        f"{count} {plural(count, 'logement peut,logements peuvent')} vous revenir : préparez "
        "des candidats. Ce n’est pas une décision : rien n’est compté, et la prévision "
        "change si d’autres logements se libèrent."
    )


def coming(forecasts: Sequence[ExpectedHolder], *, several: bool) -> Table:
    """The departures that may come to a holder, the earliest decided first; no name, no address. `several`: its own
    contingents are distinguished."""
    return Rows(
        forecasts,
        Shown(
            "Logement",
            lambda each: Text(
                headline(each.vacancy.unit),
                hint=each.vacancy.unit.commune.name,
                link=reverse("vacancy-detail", args=[each.vacancy_id]),
            ),
        ),
        Shown("État", lambda each: Text("Prévision", pill="wait", hint=str(each.holder) if several else "")),
        Shown("Décidé", lambda each: f"le {near_day(each.firm_on)} au plus tard"),
        Shown("Bailleur", lambda each: str(each.vacancy.unit.landlord)),
        Shown("Libre le", lambda each: near_day(each.vacancy.available_on)),
        Shown("Prévu ainsi depuis", lambda each: near_day(each.since)),
    ).titled("t-prevus", "Logements qui peuvent vous revenir", "Le plus tôt décidé d’abord.")


def passed_before(earlier: int) -> str:
    """Why a motive is asked, above its field; empty when nobody is passed."""
    if not earlier:
        return ""
    return (
        f"{earlier} {plural(earlier, 'départ enregistré,départs enregistrés')} plus tôt "
        f"{plural(earlier, 'attend,attendent')} aussi : dites pourquoi celui-ci passe avant. Les réservataires le "
        "liront, sans votre nom."
    )


def decided_now(vacancy: Vacancy, holder: str) -> str:
    """After « Décider maintenant »."""
    return f"{vacancy.unit} est décidé : la règle le recommande pour {towards(holder)}."
