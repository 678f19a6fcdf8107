"""What a convention settles: its shares, its terms, who proposes in the préfet's name; and what of it cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from itertools import combinations

from django.db.models import Q

from reservations.models import Convention, LegalParameter, Organisation, Quota, ReservationHolder, Territory
from reservations.models.categories import CODES, whole_dimension
from reservations.models.convention import UNIT
from reservations.models.ground import ShareGround, grounds_of
from reservations.models.terms import RESTARTING, TERMS, UNOFFERABLE
from reservations.models.territory import within
from reservations.operations.grounds import check_grounds
from reservations.operations.rate_table import RateTerms, rate_terms
from reservations.operations.terms import (
    WHOLE,
    ConventionTerms,
    DelegationRefused,
    DelegationScope,
    TermsRefused,
    check_accord,
    check_bounds,
    check_delays,
    check_procedure,
    check_renewal,
    check_scope,
    scope_of,
)
from reservations.pages.articles import free_text
from reservations.refusals import Refusal
from reservations.words import integer, of, towards, upper_first

Fallback = Convention.Fallback


class QuotaRefused(Refusal):
    """A share or a rank that cannot be."""


#: A signed percentage is exact: no more decimals than a millionth of a unit can hold.
FOUR_DECIMALS = Decimal("0.0001")
#: A carried-over ceiling is typed in units, to the hundredth.
TWO_DECIMALS = Decimal("0.01")

#: Terms that are lists.
LISTS = ("fallback", "clock_restarts", "not_offered", "publics")

#: What a person may agree on: wider is a slip of the keyboard.
MOST_CARRIED = 1000

#: Characters of what the parties write of their own: ten pages or so.
MOST_WRITTEN = 30_000


@dataclass(frozen=True, slots=True)
class QuotaTerms:
    """What a convention gives one contingent: a share in millionths of a unit, and its rank.

    `delegates`: who proposes in the place of the préfet, of an EPCI or of a département, each on its own territory;
    `scope`, how far.
    `yearly_units`: units a year on a `planned_flow`, of which the share is `share_of_units`. `declined`: codes of what
    it does not take. `rates`: the rows of its table, `share` being then the general one. `grounds`: why it was given,
    part by part; none where nobody says it.
    """

    holder: ReservationHolder
    share: int
    rank: int
    delegates: tuple[Organisation, ...] = ()
    yearly_units: int | None = None
    planned_flow: int | None = None
    declined: tuple[str, ...] = ()
    rates: tuple[RateTerms, ...] = ()
    scope: DelegationScope = WHOLE
    grounds: tuple[ShareGround, ...] = ()


def share_of(percent: Decimal) -> int:
    """The integer share of a percentage, in millionths of a unit.

    Raises QuotaRefused when it is not above 0 and up to 100, or has over four decimals: never rounded silently.
    """
    if not 0 < percent <= 100:
        raise QuotaRefused("Une part va de plus de 0 % à 100 % : écrivez 12,5 pour 12,5 %.", field="percent")
    if percent != percent.quantize(FOUR_DECIMALS):
        raise QuotaRefused("Une part s’écrit avec quatre décimales au plus : 33,3333 %.", field="percent")
    return int(percent * UNIT / 100)


def share_of_units(units: int, planned_flow: int | None) -> int:
    """The share that so many units a year make of a planned flow, in millionths, rounded up: the flow once come, all
    of them are due (and no more, what is due being capped).

    Raises QuotaRefused when no flow is known, or when it is smaller.
    """
    if not planned_flow:
        raise QuotaRefused(
            "Aucun flux n’est connu sur ce périmètre, ni prévu ni observé depuis douze mois : écrivez une part en %.",
            field="units",
        )
    if not 1 <= units <= planned_flow:
        raise QuotaRefused(
            f"Le flux prévu sur ce périmètre est de {planned_flow} logement{'s' * (planned_flow > 1)} par an : "
            f"écrivez de 1 à {planned_flow}.",
            field="units",
        )
    return -(-units * UNIT // planned_flow)


def check_quotas(quotas: Iterable[QuotaTerms]) -> None:
    """Raise QuotaRefused when a share is not that of its units a year, or when a contingent would take nothing."""
    for quota in quotas:
        if quota.yearly_units is not None and quota.rates:
            raise QuotaRefused(
                f"{quota.holder} : des logements par an ne changent pas d’un logement à l’autre. Écrivez une part en "
                "%, ou retirez sa table de taux.",
                field="units",
            )
        if quota.yearly_units is not None and quota.share != share_of_units(quota.yearly_units, quota.planned_flow):
            raise QuotaRefused(f"La part {of(quota.holder)} n’est pas celle de ses logements par an.", field="units")
        check_grounds(quota.grounds, quota.share, quota.rates, yearly_units=quota.yearly_units)
        if not set(quota.declined) <= set(CODES):
            raise QuotaRefused("Choisissez parmi les catégories de la liste.", field="declined")
        if dimension := whole_dimension(quota.declined):
            kind = {"typology": "une taille", "financing": "un financement", "qpv": "une des deux situations"}
            raise QuotaRefused(
                f"{quota.holder} ne pourrait recevoir aucun logement : laissez au moins {kind[dimension]}.",
                field="declined",
            )


def quota_terms(quota: Quota) -> QuotaTerms:
    """What a convention gives one contingent, apart from it. Its delegations come with their delegates, its
    rates with their territories."""
    delegations = list(quota.delegations.all())
    return QuotaTerms(
        quota.holder,
        quota.share,
        quota.rank,
        tuple(delegation.delegate for delegation in delegations),
        quota.yearly_units,
        quota.planned_flow,
        tuple(quota.declined),
        tuple(rate_terms(rate) for rate in quota.rates.all()),
        scope_of(delegations[0]) if delegations else WHOLE,
        grounds_of(quota.grounds),
    )


def cap_of(units: Decimal, field: str = "carry_over_cap") -> int:
    """The ceiling of what is carried over, or of what a unit given back leaves due, typed in units, in millionths:
    exact.

    Raises TermsRefused out of ]0, 1 000], or with over two decimals.
    """
    if not 0 < units <= MOST_CARRIED:
        raise TermsRefused(
            "Écrivez un plafond de plus de 0 et d’au plus 1 000 logements : 1,5 par exemple.", field=field
        )
    if units != units.quantize(TWO_DECIMALS):
        raise TermsRefused("Un plafond s’écrit avec deux décimales au plus : 1,25.", field=field)
    return int(units * UNIT)


def proposed_terms(organisation: Organisation, starts_on: date) -> ConventionTerms:
    """What the law and usage propose to this signatory on the first day of a convention. One query.

    A figure that no parameter holds on that day is not proposed. Without a candidate, Action Logement's units go to
    the mayor first (loi ELAN); anybody's to the next holder by the rule, then to the landlord for one letting.
    """
    code = LegalParameter.Code
    in_force = LegalParameter.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=starts_on),
        code__in=(code.PROPOSAL_DAYS, code.FIRST_LETTING_DAYS, code.MINIMUM_CANDIDATES),
        starts_on__lte=starts_on,
    )
    values = {each: int(value) for each, value in in_force.values_list("code", "value")}
    mayor_first = organisation.kind == Organisation.Kind.ACTION_LOGEMENT
    return ConventionTerms(
        proposal_days=values.get(code.PROPOSAL_DAYS),
        first_letting_days=values.get(code.FIRST_LETTING_DAYS),
        minimum_candidates=values.get(code.MINIMUM_CANDIDATES),
        fallback=((Fallback.MAYOR,) if mayor_first else ()) + (Fallback.NEXT, Fallback.LANDLORD),
    )


def terms_of(convention: Convention) -> ConventionTerms:
    """The terms of a version, apart from it."""
    given = {name: getattr(convention, name) for name in TERMS}
    return ConventionTerms(**given | {name: tuple(given[name]) for name in LISTS})


def apply_terms(convention: Convention, terms: ConventionTerms) -> None:
    """Put terms on a draft, unsaved. Raises TermsRefused at the field of the first one that cannot be."""
    check_terms(terms)
    for each in fields(terms):
        setattr(convention, each.name, getattr(terms, each.name))
    for name in LISTS:
        setattr(convention, name, list(getattr(terms, name)))


def check_terms(terms: ConventionTerms) -> None:
    """Raise TermsRefused at the field of the first term that cannot be."""
    check_bounds(terms)
    check_delays(terms)
    check_procedure(terms)
    check_renewal(terms)
    capped = terms.carry_over == Convention.CarryOver.CAPPED
    if capped and not terms.carry_over_cap:
        raise TermsRefused("Écrivez le plafond du report, en logements : 1,5 par exemple.", field="carry_over_cap")
    if not capped and terms.carry_over_cap is not None:
        raise TermsRefused(
            "Un plafond ne sert qu’à un report plafonné : choisissez-le, ou effacez le plafond.", field="carry_over_cap"
        )
    if terms.carry_over_cap is not None:
        cap_of(Decimal(terms.carry_over_cap) / UNIT)
    _check_counting(terms)
    _check_fallback(terms.fallback)
    _check_sides(terms)
    _check_articles(terms.articles)


def _check_counting(terms: ConventionTerms) -> None:
    """A unit that counts later than its routing cannot also count whatever becomes of it; what always counts gives no
    turn back, of which to keep so much."""
    point = Convention.CountingPoint(terms.counting_point)
    if point != point.ROUTED and terms.returns_effect == Convention.ReturnsEffect.YES:
        raise TermsRefused(
            f"Un logement ne peut pas compter {point.label} et compter toujours quand il est rendu avant. Choisissez "
            "« compte si le réservataire en est la cause » ou « ne compte jamais », ou comptez à l’orientation.",
            field="returns_effect",
        )
    if terms.returned_cap is not None:
        if terms.returns_effect != Convention.ReturnsEffect.NO:
            raise TermsRefused(
                "Un logement que le réservataire rend de son fait compte ici : il ne laisse rien à plafonner. Effacez "
                "ce plafond, ou choisissez « ne compte jamais ».",
                field="returned_cap",
            )
        cap_of(Decimal(terms.returned_cap) / UNIT, "returned_cap")


def _check_fallback(steps: Sequence[str]) -> None:
    if not steps:
        raise TermsRefused(
            "Dites où va un logement sans candidat : au moins une étape, le bailleur par exemple.", field="fallback"
        )
    if len(set(steps)) < len(steps):
        raise TermsRefused("Une même étape est écrite deux fois : gardez-en une.", field="fallback")
    if Fallback.LANDLORD in steps[:-1]:
        raise TermsRefused(
            "Le bailleur vient en dernier : il garde le logement pour une location, rien ne peut suivre.",
            field="fallback",
        )


def _check_sides(terms: ConventionTerms) -> None:
    """Whose doing gives a new delay, or makes a unit count as never offered."""
    for name, possible in (("clock_restarts", RESTARTING), ("not_offered", UNOFFERABLE)):
        given = getattr(terms, name)
        if not set(given) <= set(possible) or len(set(given)) < len(given):
            raise TermsRefused("Choisissez parmi les réponses de la liste, chacune une fois.", field=name)
    if terms.new_candidates_days is not None and not terms.clock_restarts:
        raise TermsRefused(
            "Dites après quel refus le délai repart, ou effacez le nouveau délai.", field="clock_restarts"
        )


def _check_articles(typed: str) -> None:
    """Each article of the parties has a title of its own, and a text."""
    if len(typed) > MOST_WRITTEN:
        raise TermsRefused(
            f"Vos articles font {integer(len(typed))} signes : gardez-en {integer(MOST_WRITTEN)}, et joignez le reste "
            "à la convention signée.",
            field="articles",
        )
    titles: list[str] = []
    for article in free_text(typed).articles:
        if not article.title:
            raise TermsRefused(
                "Un article n’a pas de titre : commencez-le par une ligne « Article : titre ».", field="articles"
            )
        if not article.paragraphs:
            raise TermsRefused(
                f"L’article « {article.title} » n’a pas de texte : écrivez-le en dessous.", field="articles"
            )
        if article.title in titles:
            raise TermsRefused(f"Deux articles s’appellent « {article.title} » : distinguez-les.", field="articles")
        titles.append(article.title)


def check_delegations(quotas: Iterable[QuotaTerms], perimeter: Territory, *, managed: str) -> None:
    """Raise DelegationRefused unless each delegate may propose in the préfet's name in this perimeter, or, of an EPCI
    or a département, is one of its communes; and where the landlord looks for candidates itself (`managed`), since one
    party proposes.

    A commune may be a delegate beside its EPCI: it is then the one that proposes on its territory (the mayor did not
    agree to the EPCI's delegation; CCH, L441-1). Two delegates of one scale on the same commune are refused.
    """
    for quota in quotas:
        check_scope(quota.scope, to_somebody=bool(quota.delegates))
        if not quota.delegates:
            continue
        if managed == Convention.Management.DELEGATED:
            raise DelegationRefused(
                "La gestion est déléguée au bailleur, qui cherche lui-même les candidats : personne d’autre ne "
                "propose. Choisissez la gestion directe, ou retirez la délégation.",
                field="delegates",
            )
        if quota.holder.contingent not in ReservationHolder.STATE:
            _check_own_communes(quota, perimeter)
            continue
        if quota.holder.contingent == ReservationHolder.Contingent.STATE_AGENTS:
            raise DelegationRefused(
                "Les logements réservés aux agents de l’État ne se délèguent pas (CCH, L441-1) : retirez cette "
                "délégation, ou portez-la sur les publics prioritaires.",
                field="delegates",
            )
        for delegate in quota.delegates:
            _check_delegate(delegate, perimeter)
        for one, other in combinations(quota.delegates, 2):
            _check_apart(one, other)
        check_accord(quota.scope, quota.delegates)


def _check_own_communes(quota: QuotaTerms, perimeter: Territory) -> None:
    """An EPCI or a département delegates to its communes alone, and to each for its own territory."""
    if not quota.holder.organisation.may_delegate:
        raise DelegationRefused(
            f"{quota.holder} ne délègue pas ses droits : seuls le préfet (CCH, L441-1), une intercommunalité ou un "
            "département le font. Retirez cette délégation.",
            field="delegates",
        )
    for delegate in quota.delegates:
        if delegate.kind != Organisation.Kind.COMMUNE:
            raise DelegationRefused(
                f"{upper_first(towards(quota.holder))} ne délègue qu’à ses communes : retirez {delegate.name}.",
                field="delegates",
            )
        _check_delegate(delegate, perimeter)


def _check_delegate(delegate: Organisation, perimeter: Territory) -> None:
    if delegate.kind not in Organisation.OWN_TERRITORY:
        raise DelegationRefused(
            f"Il n’est délégué qu’à une commune ou une intercommunalité (CCH, L441-1) : retirez {towards(delegate)}.",
            field="delegates",
        )
    there = delegate.territory_id and Territory.objects.communes_within(perimeter).filter(within(delegate.territory_id))
    if not there or not there.exists():
        raise DelegationRefused(
            f"{delegate.name} n’a aucune commune dans le périmètre ({perimeter.name}) : retirez cette délégation.",
            field="delegates",
        )


def _check_apart(one: Organisation, other: Organisation) -> None:
    """No commune is left to two delegates of one scale."""
    assert one.territory is not None
    assert other.territory_id is not None
    same_scale = one.kind == other.kind
    if same_scale and Territory.objects.communes_within(one.territory).filter(within(other.territory_id)).exists():
        raise DelegationRefused(
            f"{one.name} et {other.name} proposeraient sur le même territoire : gardez une seule des deux.",
            field="delegates",
        )
