"""A landlord between two worlds: Orbieu Habitat, part in stock, part in flux (the mixed system).

Its old titles are imported as an inventory; the State and Action Logement have signed their conventions in flux; the
Ville de Narbonne is still in stock, with its conversion on the table; Sigean has nothing yet. A new programme is let
for the first time, as its funders agreed.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from attributions.demonstration import people as lives
from attributions.demonstration.cast import Cast, sign_by_each
from attributions.demonstration.stock import invented_file, open_account
from attributions.demonstration.years import Departure, at, departures, follow_outside, live_a_day
from flux.imports.inventory import read_inventory
from flux.imports.rpls import read_rpls
from flux.models import Programme, Return, Routing, StockAssignment, Unit, Vacancy
from flux.operations.allotment import Share, agree_allotment, plan_delivery, set_allotment
from flux.operations.cancellation import cancel_vacancy, reclassify_vacancy
from flux.operations.conversions import take_into_convention, work_out
from flux.operations.forecast import send_forecast, write_forecast
from flux.operations.returning import return_vacancy
from flux.operations.starting import set_decision_window
from flux.operations.stock_import import import_stock
from flux.operations.stock_inventory import import_inventory
from flux.operations.vacancy import declare_vacancy
from flux.pages.conversion import given_for
from flux.queries.conversion import Wish
from reservations.models import Convention, Landlord, Membership, ReservationHolder, Territory, User
from reservations.operations.convention import draft_convention, propose_convention
from reservations.operations.convention_amendment import amend_convention
from reservations.operations.convention_terms import QuotaTerms, proposed_terms, share_of
from reservations.operations.party import register_landlord
from reservations.operations.person import grant_membership, register_user
from reservations.operations.rate_table import RateTerms
from reservations.operations.terms import ConventionTerms
from reservations.queries.parties import DEMO_PASSWORD

SIREN = "999000029"
NEW_PROGRAMME = "LES TERRASSES DU MOLE"
Kind = Vacancy.Kind
WIRING = "Installation électrique à refaire : diagnostic de l’état des lieux de sortie."
LEAK = "Dégât des eaux constaté à la visite : cloison de la salle de bains à reprendre."
Contingent = ReservationHolder.Contingent

#: Communes of its stock: INSEE code, postcode, name, addresses.
COMMUNES = (("11262", "11100", "NARBONNE", 9), ("11106", "11110", "COURSAN", 4), ("11379", "11130", "SIGEAN", 4))


@dataclass(frozen=True, slots=True)
class Orbieu:
    """The landlord, and the two people who act for it."""

    landlord: Landlord
    manager: User
    clerk: User


def tell_mixed(cast: Cast, *, now: datetime, today: date, say: Callable[[str], None]) -> None:
    """Everything of this landlord up to this morning, through operations only."""
    since, until = date(today.year, 1, 1), date(today.year + 2, 12, 31)
    orbieu = _arrive(cast, today)
    _build(orbieu, today)
    _take_inventory(cast, orbieu, today)
    _sign(cast, orbieu, since=since, until=until, today=today)
    open_account(cast, orbieu.landlord, orbieu.manager, opened_on=since)
    _forecast(orbieu, today)
    count = _live(orbieu, today)
    _give_one_back(cast, orbieu, now)
    routings = Routing.objects.filter(vacancy__unit__landlord=orbieu.landlord)
    late = routings.filter(closed_at=None, vacancy__kind=Kind.IN_FLOW).order_by("-vacancy")[:3]  # acted upon below
    followed = routings.exclude(pk__in=[routing.pk for routing in late])
    follow_outside(followed, orbieu.clerk, since=since, until=today)
    _let_the_new_programme(cast, orbieu, now)
    _convert(cast, orbieu, today)
    _correct_two(orbieu, now)
    if (last := lives.routed(orbieu.landlord).first()) is not None:
        lives.find_works(last, orbieu.clerk, text=LEAK, now=now)
    lives.hand_on_one_in_stock(orbieu.landlord, orbieu.clerk, now=now)
    say(f"{orbieu.landlord.organisation.name}, en système mixte : {count} logements libérés en {today.year}")


def _arrive(cast: Cast, today: date) -> Orbieu:
    """It decides each departure alone, as it did before it came."""
    aude = cast.robine.organisation.territory
    landlord = register_landlord(siren=SIREN, name="Orbieu Habitat", acronym="OH", territory=aude)
    people = []
    for login, name, role in (
        ("direction@orbieu-habitat.example", "Direction des réservations", Membership.Role.LANDLORD_MANAGER),
        ("attribution@orbieu-habitat.example", "Service attribution", Membership.Role.LANDLORD_STAFF),
    ):
        user = register_user(email=login, full_name=name, password=DEMO_PASSWORD)
        grant_membership(user=user, organisation=landlord.organisation, role=role)
        people.append(user)
    year = date(today.year, 1, 1)
    set_decision_window(landlord=landlord, length=1, days=0, starts_on=year, by=people[0], today=year)
    return Orbieu(landlord, *people)


def _build(orbieu: Orbieu, today: date) -> None:
    content = invented_file("Orbieu Habitat", COMMUNES, new=(NEW_PROGRAMME, "11266", today.year))
    lots = read_rpls(content, communes=Territory.objects.communal_codes()).lots
    import_stock(landlord=orbieu.landlord, lots=lots)


def _take_inventory(cast: Cast, orbieu: Orbieu, today: date) -> None:
    """The old titles, as a file: a loan that runs, one whose extension ends soon, single rights, security."""
    units = defaultdict(list)
    for unit in Unit.objects.filter(landlord=orbieu.landlord).select_related("commune").order_by("reference"):
        units[unit.commune.code].append(unit.reference)
    soon = today + timedelta(100)
    narbonne, sigean = units["11262"], units["11379"]
    titles = [
        ("VN-2009-03", cast.city.siren, 4, "garantie", "suite", "15/03/2009", f"28/02/{today.year + 6}", narbonne[:18]),
        ("VN-1996-11", cast.city.siren, 4, "garantie", "suite", "01/06/1996", _day(soon, -5), narbonne[18:23]),
        ("SIG-2001-01", cast.sigean.siren, 4, "terrain", "suite", "01/01/2001", "", sigean[:4]),
        ("SI-2015-02", cast.state.siren, 1, "sécurité intérieure", "suite", "01/01/2015", "", narbonne[23:26]),
    ]
    rows = [COLUMNS]
    for reference, siren, contingent, ground, use, start, loan_end, references in titles:
        rows += [f"{reference};{siren};{contingent};{ground};{use};{start};;{loan_end};;{unit};" for unit in references]
    programme = Programme.objects.filter(landlord=orbieu.landlord, commune__code="11106").order_by("number")[0]
    financed = f"AL-2004-07;{cast.action_logement.siren};3;financement;unique;01/09/2004"
    rows.append(f"{financed};31/12/{today.year + 4};;{programme.number};;3")
    reading = read_inventory("\n".join(rows).encode())
    assert not reading.errors, reading.errors
    import_inventory(landlord=orbieu.landlord, lines=reading.lines, by=orbieu.manager, today=today)


COLUMNS = (
    "reference_titre;siren_reservataire;contingent;fondement;usage;debut;fin;fin_emprunt;programme;"
    "reference_logement;nombre_logements"
)


def _day(day: date, years: int) -> str:
    """The same day some years away, as a file writes it; 29 February becomes 28."""
    return f"{min(day.day, 28):02d}/{day.month:02d}/{day.year + years}"


def _sign(cast: Cast, orbieu: Orbieu, *, since: date, until: date, today: date) -> None:
    """The State's convention, amended in the summer; Action Logement's; the agglomeration's still proposed, which
    the State signs too, with a table of rates."""
    aude = cast.robine.organisation.territory
    assert aude is not None
    signed_on = date(since.year - 1, 12, 12)
    state = draft_convention(
        landlord=orbieu.landlord,
        organisation=cast.state,
        perimeter=aude,
        starts_on=since,
        ends_on=until,
        quotas=_state_shares(cast, "22"),
        by=orbieu.manager,
    )
    sign_by_each(state, signed_on)
    decided, effect = date(today.year, 2, 20), date(today.year, 3, 1)
    if effect <= today:
        amendment = amend_convention(convention=state, starts_on=effect, by=orbieu.manager, today=decided)
        draft_convention(
            landlord=orbieu.landlord,
            organisation=cast.state,
            perimeter=aude,
            starts_on=effect,
            ends_on=until,
            quotas=_state_shares(cast, "25"),
            by=orbieu.manager,
            replaces=amendment,
        )
        propose_convention(convention=amendment, by=orbieu.manager, today=decided)
        sign_by_each(amendment, decided)
    employers = draft_convention(
        landlord=orbieu.landlord,
        organisation=cast.action_logement,
        perimeter=aude,
        starts_on=since,
        ends_on=until,
        quotas=[QuotaTerms(cast.holder(cast.action_logement, Contingent.ACTION_LOGEMENT), share_of(Decimal(20)), 3)],
        terms=replace(
            proposed_terms(cast.action_logement, since),
            counting_point=Convention.CountingPoint.LEASED,
            carry_over=Convention.CarryOver.FULL,
            first_letting_counts=True,
        ),
        by=orbieu.manager,
    )
    sign_by_each(employers, signed_on)
    perimeter = cast.agglomeration.territory
    assert perimeter is not None
    proposed = draft_convention(
        landlord=orbieu.landlord,
        organisation=cast.agglomeration,
        perimeter=perimeter,
        starts_on=date(today.year + 1, 1, 1),
        ends_on=until,
        quotas=[
            QuotaTerms(
                cast.holder(cast.agglomeration, Contingent.AUTHORITY),
                share_of(Decimal(6)),
                5,
                rates=_agglomeration_rates(perimeter, today.year + 1),
            )
        ],
        terms=ConventionTerms(
            proposal_days=20,
            minimum_candidates=3,
            management=Convention.Management.DELEGATED,
            articles=SHARED_ARTICLES,
        ),
        others=[cast.state],
        by=orbieu.manager,
    )
    propose_convention(convention=proposed, by=orbieu.manager, today=today)


#: What the three parties write of their own.
SHARED_ARTICLES = (
    "Les parties appliquent ensemble les orientations de la conférence intercommunale du logement.\n\n"
    "Article : Comité de suivi\n"
    "Le bailleur, l’agglomération et l’État se réunissent chaque printemps, sur le bilan de l’année écoulée."
)


def _agglomeration_rates(perimeter: Territory, first: int) -> tuple[RateTerms, ...]:
    """Large units of Narbonne count more, and more still the year after; a step that needs no amendment."""
    narbonne = Territory.objects.get(kind=Territory.Kind.COMMUNE, code="11262", epci=perimeter)
    large = ("typology:T4", "typology:T5", "typology:T6+")
    return (
        RateTerms(share_of(Decimal(8)), territory=narbonne, categories=large),
        RateTerms(share_of(Decimal(10)), territory=narbonne, categories=large, since_year=first + 1),
    )


def _state_shares(cast: Cast, percent: str) -> list[QuotaTerms]:
    """Two contingents; the Ville de Narbonne proposes in the préfet's name on its territory (CCH, L441-1)."""
    return [
        QuotaTerms(
            cast.holder(cast.state, Contingent.STATE_PRIORITY), share_of(Decimal(percent)), 1, delegates=(cast.city,)
        ),
        QuotaTerms(cast.holder(cast.state, Contingent.STATE_AGENTS), share_of(Decimal(4)), 2),
    ]


def _forecast(orbieu: Orbieu, today: date) -> None:
    """This year's, sent in time; last year's story is another's."""
    written = min(date(today.year, 2, 10), today)
    aude = orbieu.landlord.organisation.territory
    assert aude is not None
    forecast = write_forecast(
        landlord=orbieu.landlord,
        departement=aude,
        exercise=today.year,
        expected=24,
        subtracted={Vacancy.Exclusion.INTERNAL_TRANSFER: 2, Vacancy.Exclusion.URBAN_RENEWAL: 1},
        by=orbieu.manager,
        today=written,
    )
    send_forecast(forecast=forecast, by=orbieu.manager, now=at(written, 10))


def _live(orbieu: Orbieu, today: date) -> int:
    """The year so far: units of the flow, and units in stock that go straight to their holder."""
    leaving = defaultdict(list)
    for departure in departures(orbieu.landlord, today.year, rotation=0.16):
        if departure.day < today:
            leaving[departure.day].append(departure)
    draw = random.Random("Orbieu Habitat, stock")  # noqa: S311 - a story, not a secret
    borne = StockAssignment.objects.filter(right__landlord=orbieu.landlord, unit__isnull=False).values("unit")
    kept = Unit.objects.filter(pk__in=borne).select_related("landlord", "commune", "programme").order_by("reference")
    for unit in draw.sample(list(kept), 4):
        day = date(today.year, 1, 4) + timedelta(draw.randrange(300))
        if day < today:
            leaving[day].append(Departure(day, unit, Kind.IN_FLOW, ""))
    days, out = sorted(leaving), None
    for number, day in enumerate(days):
        live_a_day(leaving[day], day, orbieu.clerk, automatic=False)
        if number == len(days) // 3 and (found := lives.routed(orbieu.landlord).first()) is not None:
            out = lives.find_works(found, orbieu.clerk, text=WIRING, now=at(day, 15))
        if number == 2 * len(days) // 3:
            if out is not None:
                lives.let_again(out, orbieu.clerk, now=at(day, 15))
            lives.end_technical_vacancy(orbieu.landlord, orbieu.clerk, now=at(day, 16))
    return sum(map(len, leaving.values()))


def _give_one_back(cast: Cast, orbieu: Orbieu, now: datetime) -> None:
    """Action Logement, or the State, gives back its latest unit: the convention's chain says where it goes."""
    routing = (
        Routing.objects.filter(
            vacancy__unit__landlord=orbieu.landlord,
            vacancy__kind=Kind.IN_FLOW,
            closed_at=None,
            holder__organisation__in=[cast.action_logement, cast.state],
        )
        .select_related("holder__organisation", "acting")
        .exclude(vacancy__entries__stage="ALLOCATED")
        .order_by("pk")
        .last()
    )
    if routing is not None:
        declining = routing.acting or routing.holder.organisation
        return_vacancy(
            routing=routing,
            reason=Return.Reason.DECLINED,
            text="Aucun de nos candidats ne cherche dans cette commune.",
            by=User.objects.filter(memberships__organisation=declining).order_by("pk")[0],
            now=now,
        )


def _correct_two(orbieu: Orbieu, now: datetime) -> None:
    """Two declarations put right: a tenant who stays after all, and a unit that an internal transfer needed."""
    routed = (
        Vacancy.objects.filter(unit__landlord=orbieu.landlord, kind=Kind.IN_FLOW, routings__closed_at=None)
        .exclude(entries__stage="ALLOCATED")
        .exclude(entries__stage="RETURNED")
        .order_by("-pk")[:2]
    )
    for number, vacancy in enumerate(routed):
        if number == 0:
            cancel_vacancy(
                vacancy=vacancy,
                reason=Vacancy.Cancellation.NOTICE_WITHDRAWN,
                text="Le locataire a retiré son congé : sa mutation professionnelle est reportée.",
                by=orbieu.clerk,
                now=now,
            )
        else:
            reclassify_vacancy(
                vacancy=vacancy,
                kind=Kind.EXCLUDED,
                exclusion=Vacancy.Exclusion.INTERNAL_TRANSFER,
                text="Attribué à l’un de nos locataires en sous-occupation : mutation interne, à soustraire du flux.",
                by=orbieu.clerk,
                now=now,
            )


def _let_the_new_programme(cast: Cast, orbieu: Orbieu, now: datetime) -> None:
    """Shared by its funders before delivery, then let for the first time: five of its units so far."""
    today = now.date()
    programme = Programme.objects.get(landlord=orbieu.landlord, name__startswith=NEW_PROGRAMME)
    units = list(
        Unit.objects.filter(programme=programme)
        .select_related("landlord", "commune", "programme")
        .order_by("reference")
    )
    plan_delivery(programme=programme, delivered_on=today - timedelta(20), expected_units=len(units), by=orbieu.manager)
    set_allotment(
        programme=programme,
        shares=[
            Share(cast.holder(cast.state, Contingent.STATE_PRIORITY), 4),
            Share(cast.holder(cast.action_logement, Contingent.ACTION_LOGEMENT), 3, tuple(units[:1])),
            Share(cast.holder(cast.agglomeration, Contingent.AUTHORITY), 2),
        ],
        by=orbieu.manager,
    )
    agree_allotment(
        programme=programme,
        agreed_on=today - timedelta(60),
        by=orbieu.manager,
        why="Réunion des financeurs.",
        now=now - timedelta(60),
    )
    for unit in units[:5]:
        declare_vacancy(
            unit=unit,
            kind=Kind.FIRST_LETTING,
            notice_on=today - timedelta(9),  # the day itself: of the same exercise whatever the day of the story
            available_on=today - timedelta(9),
            by=orbieu.clerk,
            now=now - timedelta(9),
        )


def _convert(cast: Cast, orbieu: Orbieu, today: date) -> None:
    """The city's old rights as a share of the flow: two lengths of convention, the shorter one proposed."""
    narbonne = cast.city.territory
    assert narbonne is not None
    for years, label in ((3, "Trois ans"), (6, "Six ans")):
        wish = Wish(
            landlord=orbieu.landlord,
            holder=cast.holder(cast.city, Contingent.AUTHORITY),
            perimeter=narbonne,
            starts_on=date(today.year + 1, 1, 1),
            ends_on=date(today.year + years, 12, 31),
        )
        variant = work_out(wish=wish, label=label, given=given_for(wish, on=today), by=orbieu.manager)
        if years == 3:
            convention = take_into_convention(conversion=variant, by=orbieu.manager, today=today)
            propose_convention(convention=convention, by=orbieu.manager, today=today)
