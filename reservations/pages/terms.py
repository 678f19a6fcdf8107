"""What pages say of terms.

* What becomes of a convention at its term, in words: the same on its page, on paper and in mails.
* What the terms of a convention say, one after the other, as its page states them in the present tense.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from reservations.models import Convention, Quota, ReservationHolder, Signatory
from reservations.pages.articles import free_text
from reservations.pages.clauses import (
    carried_over,
    counted_days,
    delegated_to,
    earlier_dues_clause,
    in_days,
    opened_by,
    publics,
    returned_cap_clause,
    sides,
    uniform_clause,
    where_agreed,
)
from reservations.words import day, integer, months, plural, towards, upper_first

ONE_DAY = timedelta(days=1)


def renewed_in_short(convention: Convention) -> str:
    """The clause in a table of terms: « pour 1 an, 3 fois au plus », « pour 1 an, sans limite de nombre »."""
    if convention.renewal_months is None:
        return "aucune"
    times = convention.renewal_times
    most = "sans limite de nombre" if times is None else f"{integer(times)} fois au plus"
    return f"pour {months(convention.renewal_months)}, {most}"


def notice_in_short(convention: Convention) -> str:
    """« 3 mois avant chaque terme »."""
    return f"{months(convention.notice_months)} avant chaque terme" if convention.notice_months else "sans objet"


def renewal_clause(convention: Convention) -> str:
    """The clause in whole sentences (arrêté of 10 March 2011, article 1, 10°)."""
    if convention.renewal_months is None:
        return "Elle ne se prolonge que par un avenant ou une nouvelle convention."
    times = convention.renewal_times
    when = "À ce terme" if times == 1 else "À ce terme, et à chacun des suivants"
    most = "sans limite de nombre"
    if times is not None:
        most = "une seule fois" if times == 1 else f"{integer(times)} fois au plus"
    return (
        f"{when}, elle est reconduite tacitement pour {months(convention.renewal_months)}, {most}, aux mêmes "
        "conditions, sauf si l’une des parties la dénonce par écrit auprès des autres au moins "
        f"{months(convention.notice_months or 0)} avant le terme."
    )


def renewal_words(convention: Convention, on: date) -> str:
    """What comes at its next term, of a convention that binds on a day; "" when nothing is renewed tacitly."""
    runs = convention.status == Convention.Status.SIGNED and on <= convention.ends_on
    if convention.renewal_months is None or not runs:
        return ""
    term = convention.term(on)
    if text := denounced_by(convention):
        return f"Dénoncée par {text} : elle finit le {day(term)}, sans reconduction."
    until = convention.notice_until(term)
    if until is None:
        return f"Elle n’est plus reconduite : elle finit le {day(term)}."
    renewed = f"Elle sera reconduite le {day(term + ONE_DAY)} pour {months(convention.renewal_months)}"
    if on <= until:
        return f"{renewed}, sauf dénonciation au plus tard le {day(until)}."
    return f"{renewed} : la dénonciation était possible jusqu’au {day(until)}."


def denounced_by(convention: Convention) -> str:
    """Who stated that it is not renewed, and when; "" when nobody did. No query when its parties were read with it."""
    rows = [party for party in _parties(convention) if party.denounced_on is not None]
    return " et ".join(f"{party.organisation.name} le {day(party.denounced_on)}" for party in rows)


def _parties(convention: Convention) -> list[Signatory]:
    return sorted(convention.signatories.all(), key=lambda party: party.pk)


Point = Convention.CountingPoint
Effect = Convention.ReturnsEffect

#: When a unit counts, past the routing.
COUNTED = {
    Point.PROPOSED: "quand ses candidats sont proposés",
    Point.ALLOCATED: "quand la commission l’attribue",
    Point.LEASED: "quand le bail est signé",
}

#: Whether a unit that is given back counts.
RETURNED = {
    Effect.YES: "Un logement rendu compte toujours, sauf si des travaux empêchent de le louer.",
    Effect.NO: "Un logement rendu ne compte jamais.",
    Effect.YES_IF_HOLDER_FAULT: "Un logement rendu compte seulement si le réservataire en est la cause.",
}


def terms_context(convention: Convention, quotas: Iterable[Quota]) -> dict[str, object]:
    """What `flux/convention_terms.html` asks for."""
    fallback = [str(Convention.Fallback(each).label) for each in convention.fallback]
    written = free_text(convention.articles)
    return {
        "terms": terms(convention, quotas, fallback),
        "each_unit": each_unit(convention, fallback),
        "written": written,
        "written_words": free_text_words(len(written.articles)),
    }


def terms(convention: Convention, quotas: Iterable[Quota], fallback: Sequence[str]) -> list[tuple[str, str]]:
    """Each term and what it says. `fallback`: where a unit without candidates goes, in order."""
    return [
        ("Compté", counted(convention)),
        *((("Communes", text),) if (text := uniform_clause(convention)) else ()),
        ("Rendu", f"{RETURNED[Effect(convention.returns_effect)]} {returned_cap_clause(convention)}".rstrip()),
        ("Proposé", offered(convention)),
        ("Candidats perdus", restarts(convention)),
        ("Jours comptés", counted_days(convention)),
        ("Signalement", f"{opened_by(convention)} {signalled(convention)}"),
        *_agreed(convention),
        ("À son terme", renewal_clause(convention)),
        ("Sans candidat", without_candidates(convention, fallback)),
        ("D’une année sur l’autre", carried_over(convention)),
        *((("Avant la signature", text),) if (text := earlier_dues_clause(convention)) else ()),
        ("Programmes neufs", first_lettings(convention)),
        *(("Délégation", text) for text in _delegations(quotas)),
    ]


def counted(convention: Convention) -> str:
    """When a unit counts in the share; before, it is in course."""
    if convention.counting_point == Point.ROUTED:
        return f"Un logement compte dans la part dès qu’il est orienté vers {towards(convention.organisation)}."
    return (
        f"Un logement compte dans la part {COUNTED[Point(convention.counting_point)]}. Jusque-là il est en cours : "
        "aucun autre n’est orienté à sa place, et il redevient dû s’il n’y arrive pas, à moins que la convention ne "
        "compte ce logement rendu."
    )


def offered(convention: Convention) -> str:
    """When a unit that is given back does not count as offered."""
    if not convention.not_offered:
        return "Un logement rendu compte toujours comme proposé."
    return (
        f"Un logement rendu ne compte pas comme proposé quand la cause est {sides(convention.not_offered)}, à moins "
        "qu’il ne soit décompté du droit du réservataire."
    )


def restarts(convention: Convention) -> str:
    """What becomes of the delay when no candidate is left."""
    if not convention.new_candidates_days:
        return "Le délai ne repart pas : le bailleur rend le logement au flux."
    delay = in_days(convention.new_candidates_days, convention.day_unit)
    why = sides(convention.clock_restarts)
    return f"Quand il n’en reste aucun et que la cause en est {why}, le délai repart pour {delay}."


def signalled(convention: Convention) -> str:
    """How long the landlord has to state a unit."""
    if not convention.signal_days:
        return "Aucun délai n’est convenu pour signaler un logement."
    return f"Le bailleur signale alors le logement en {in_days(convention.signal_days, convention.day_unit)}."


def _agreed(convention: Convention) -> Iterator[tuple[str, str]]:
    """What is stated only where it was agreed."""
    if convention.publics:
        other = f"Un autre candidat est {convention.get_outside_publics_display()}."
        yield "Publics", f"{upper_first(publics(convention))}. {other}"
    yield from ((clause.heading, sentence) for clause, sentence in where_agreed(convention, "sentence"))


def without_candidates(convention: Convention, fallback: Sequence[str]) -> str:
    """Where a unit goes that nobody is proposed for."""
    passed = "Au terme du délai, le logement repart de lui-même. " if convention.proposal_days else ""
    return f"{passed}{f'Le logement va à : {", puis ".join(fallback)}.' if fallback else 'Aucun ordre n’est convenu.'}"


def first_lettings(convention: Convention) -> str:
    """Whether first lettings count in the share, and how long there is to propose."""
    count = "comptent dans" if convention.first_letting_counts else "s’ajoutent à"
    sentence = f"Les premières locations {count} la part."
    if not convention.first_letting_days:
        return sentence
    return f"{sentence} Délai pour proposer : {in_days(convention.first_letting_days, convention.day_unit)}."


def _delegations(quotas: Iterable[Quota]) -> Iterator[str]:
    """Who proposes in the place of the holder, for each contingent that delegates."""
    for quota in quotas:
        if given := list(quota.delegations.all()):
            named = ", ".join(map(delegated_to, given))
            state = quota.holder.contingent in ReservationHolder.STATE
            yield (
                f"{quota.holder} : {named} {plural(len(given), 'propose,proposent')} "
                f"{'au nom du préfet' if state else 'à sa place'} sur son territoire ; les logements restent décomptés "
                + ("de l’État (CCH, L441-1)." if state else "de sa part.")
            )


def each_unit(convention: Convention, fallback: Sequence[str]) -> str:
    """Who proposes for each unit, how many candidates and how fast; where it goes without any."""
    after = f" Sans candidat, le logement va d’abord à : {fallback[0]}." if fallback else ""
    if convention.management == Convention.Management.DELEGATED:
        return (
            f"{convention.landlord.organisation.name} cherche les candidats à la place du réservataire (gestion "
            f"déléguée) ; le logement reste décompté de sa part.{after}"
        )
    count = convention.minimum_candidates
    asked = f"au moins {integer(count)} {plural(count, 'candidat,candidats')}" if count else "ses candidats"
    delay = ", sans délai convenu"
    if convention.proposal_days:
        delay = f" en {in_days(convention.proposal_days, convention.day_unit)}"
    who = f"{upper_first(towards(convention.organisation))} propose"
    if convention.is_served_by_state:
        who = "Les services de l’État, à la place du réservataire, proposent"
    return f"{who} {asked}{delay}.{after}"


def free_text_words(articles: int) -> str:
    """What the parties wrote beside: so many articles, or a preamble alone."""
    if not articles:
        return "Préambule écrit par les parties"
    return f"{integer(articles)} {plural(articles, 'article écrit,articles écrits')} par les parties"
