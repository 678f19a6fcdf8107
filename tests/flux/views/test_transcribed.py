"""Five conventions as parties negotiate them, transcribed whole, signed by each, printed and executed.

What each stands for is in the order of the arrêté of 10 March 2011 (article 1) and of CCH, R441-5 to R441-5-4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from flux.models import FlowEntry, Ledger, LedgerLine
from flux.operations.conversions import sign_by_hand, sign_for
from flux.operations.routing import confirm_recommendations, sweep_waiting_vacancies
from reservations.models import Convention, Organisation, ReservationHolder
from reservations.models.clauses import declared
from reservations.models.convention import UNIT
from reservations.models.renewal import RenewalTerms
from reservations.operations.convention import draft_convention
from reservations.operations.convention_pause import deposit_accord, propose_pause
from reservations.operations.convention_signature import Paper
from reservations.operations.convention_terms import QuotaTerms
from reservations.operations.party import register_organisation
from reservations.operations.rate_table import RateTerms
from reservations.operations.terms import ConventionTerms
from tests.flux.views.pages import text_of
from tests.world import World, siren

SignIn = Callable[[str], Client]

LARGE = ("typology:T4", "typology:T5")
SIGNED, STARTS, ENDS = date(2025, 11, 20), date(2026, 1, 1), date(2028, 12, 31)
SCAN = Paper("convention-signee.pdf", b"%PDF-1.7 une page")

#: What the State's model settles of publics and procedure (arrêté of 10 March 2011, article 1, 3° to 11°).
STATE_PROCEDURE = {
    "publics": ("DALO", "PRIORITY", "LABELLED"),
    "outside_publics": "REFUSED",
    "file_days": 15,
    "dalo_refusal_said": True,
    "clauses": {
        "PUBLICS": "L’éligibilité s’établit par la labellisation du service instructeur de l’État.",
        "SIGNAL": "Le bailleur signale chaque logement avec son loyer, ses charges et sa date de disponibilité.",
        "FILES": "Un dossier comprend les pièces de la liste nationale et l’attestation d’enregistrement.",
        "CARENCE": "Le demandeur qui ne répond pas à deux sollicitations est réputé défaillant.",
        "DECISIONS": "Le bailleur notifie chaque décision de la commission sous huit jours.",
        "SUPPORT": "Un diagnostic social accompagne les ménages qui en ont besoin.",
        "TAKEN_BACK": "Un logement repris pour une location est compensé dans l’année.",
        "LEASES": "Le bailleur informe l’État de chaque bail signé et de chaque refus.",
        "DALO_REFUSAL": "Le refus d’un ménage reconnu prioritaire est motivé par écrit.",
        "EVALUATION": "Les parties évaluent la convention chaque printemps.",
    },
}


def percent(figure: str) -> int:
    return int(Decimal(figure) * UNIT / 100)


def rate(figure: str, **units: Any) -> RateTerms:
    return RateTerms(share=percent(figure), **units)


def transcribed(world: World) -> dict[str, dict[str, Any]]:
    """Each convention: with whom, where, which shares, which terms."""
    where, hold = world.places, world.holders
    council = register_organisation(
        siren=siren(60),
        name="Département de l’Aude",
        article="le",
        kind=Organisation.Kind.DEPARTEMENT,
        territory=where["Aude"],
    )
    village = register_organisation(
        siren=siren(61), name="Ville de Sigean", article="la", kind=Organisation.Kind.COMMUNE, territory=where["Sigean"]
    )
    of = {each.organisation_id: each for each in ReservationHolder.objects.filter(organisation__in=[council, village])}
    return {
        # The State's, with rates by priority district (R441-5-2 II) and the matters of the arrêté.
        "state": {
            "organisation": world.state,
            "perimeter": where["Aude"],
            "quotas": [
                QuotaTerms(
                    hold["priority"],
                    percent("25"),
                    1,
                    rates=(
                        rate("20", categories=("qpv:en QPV",)),
                        rate("27", categories=("qpv:hors QPV",)),
                    ),
                ),
                QuotaTerms(hold["agents"], percent("3"), 2, declined=("typology:T1",)),
            ],
            "terms": ConventionTerms(
                proposal_days=30,
                first_letting_days=60,
                minimum_candidates=3,
                new_candidates_days=10,
                returns_effect="NO",
                returned_cap=2_000_000,
                fallback=("STATE", "LANDLORD"),
                **STATE_PROCEDURE,
            ),
        },
        # Signed by three: the landlord, the EPCI and the State.
        "epci": {
            "organisation": world.epci,
            "perimeter": where["Le Grand Narbonne"],
            "others": [world.state],
            "quotas": [QuotaTerms(hold["epci"], percent("6.25"), 4)],
            "terms": ConventionTerms(
                proposal_days=25,
                management="DELEGATED",
                fallback=("MAYOR", "NEXT", "LANDLORD"),
                signal_days=5,
                articles=(
                    "Les parties partagent les orientations de la conférence.\n\nArticle : Comité de suivi\n"
                    "Les trois signataires se réunissent chaque printemps."
                ),
            ),
        },
        # Counted on leases, its deficit carried over up to two units and a half.
        "als": {
            "organisation": world.als,
            "perimeter": where["Aude"],
            "quotas": [QuotaTerms(hold["als"], percent("20"), 3)],
            "terms": ConventionTerms(
                counting_point="LEASED",
                carry_over="CAPPED",
                carry_over_cap=2_500_000,
                first_letting_counts=True,
                proposal_days=15,
                day_unit="POSTPONED",
                opens_on="AVAILABLE",
            ),
        },
        # By commune and typology, with a step in 2027 that needs no amendment.
        "council": {
            "organisation": council,
            "perimeter": where["Aude"],
            "quotas": [
                QuotaTerms(
                    of[council.pk],
                    percent("4"),
                    5,
                    rates=(
                        rate("6", territory=where["Narbonne"], categories=LARGE),
                        rate("8", territory=where["Narbonne"], categories=LARGE, since_year=2027),
                        rate("0", territory=where["Coursan"]),
                    ),
                )
            ],
            "terms": ConventionTerms(carry_over="FULL", proposal_days=20, returns_effect="YES", day_unit="CLEAR"),
        },
        # A small commune, in calendar days, August set aside; for a year, renewed tacitly four times at most.
        "village": {
            "organisation": village,
            "perimeter": where["Sigean"],
            "quotas": [QuotaTerms(of[village.pk], percent("10"), 6)],
            "terms": ConventionTerms(
                proposal_days=30,
                minimum_candidates=1,
                day_unit="CALENDAR",
                august_suspended=True,
                opens_on="WORKS",
                clock_restarts=("APPLICANT",),
                new_candidates_days=15,
                not_offered=("APPLICANT", "LANDLORD"),
                renewal_months=12,
                renewal_times=4,
                notice_months=3,
            ),
            # For a year, renewed tacitly: in 2027 it goes on with no act.
            "ends_on": date(2026, 12, 31),
        },
    }


def drafted(world: World, given: dict[str, Any], **changed: Any) -> Convention:
    result = given | changed
    return draft_convention(
        landlord=world.other_landlord, starts_on=STARTS, by=world.people["zoe"], **{"ends_on": ENDS} | result
    )


def signed(world: World, row: Convention) -> Convention:
    """Each party by itself, on its own account where somebody acts for it, by the file it signed elsewhere."""
    people = {
        world.other_landlord.organisation_id: "zoe",
        world.state.pk: "bob",
        world.epci.pk: "emma",
    }
    for party in row.signatories.select_related("organisation").order_by("pk"):
        assert Convention.objects.get(pk=row.pk).is_open, "in force before all have signed"
        name = people.get(party.organisation_id)
        if name is not None:
            sign_for(convention=row, organisation=party.organisation, by=world.people[name], today=SIGNED)
        else:
            sign_by_hand(
                convention=row,
                organisation=party.organisation,
                signed_on=SIGNED,
                signer="M. Pons, directeur",
                paper=SCAN,
                by=world.people["zoe"],
                today=SIGNED,
            )
    row.refresh_from_db()
    return row


def read(client: Client, row: Convention) -> tuple[str, str]:
    """The page and the paper, in words."""
    detail = text_of(client.get(reverse("convention-detail", args=[row.pk])))
    return detail, text_of(client.get(reverse("convention-document", args=[row.pk])))


def letters(text: str) -> str:
    """What is left of a text once its lines, its hyphens and its spaces are forgotten."""
    return re.sub(r"[^0-9a-zà-ÿœ]", "", text.lower())


#: Terms that go together: the database keeps none of them without the others.
LINKED = {
    "returns_effect": ("returns_effect", "returned_cap"),
    "carry_over": ("carry_over", "carry_over_cap"),
    "carry_over_cap": ("carry_over", "carry_over_cap"),
    "renewal_months": tuple(declared(RenewalTerms)),
}


def without(terms: ConventionTerms) -> Iterator[tuple[str, ConventionTerms]]:
    """The same terms, each time with one of them as nobody had agreed anything."""
    usual = ConventionTerms()
    for each in fields(terms):
        if getattr(terms, each.name) != getattr(usual, each.name):
            yield each.name, replace(terms, **{each.name: getattr(usual, each.name)})


@pytest.mark.parametrize("name", ["state", "epci", "als", "council", "village"])
def test_it_is_signed_by_each_printed_and_no_clause_is_lost(world: World, sign_in: SignIn, name: str) -> None:
    """Each term, put back as nobody had agreed anything, changes the page and the paper: it is stated in both. What the
    paper says is in the PDF, tagged, letter for letter."""
    given, zoe = transcribed(world)[name], sign_in("zoe")
    row = drafted(world, given)
    detail, paper = read(zoe, row)
    for term, changed in without(given["terms"]):
        linked = LINKED.get(term, (term,))
        values = {each: getattr(changed if each == term else ConventionTerms(), each) for each in linked}
        values |= {"term_on": None} if term == "renewal_months" else {}
        values |= {"notice_months": 6} if term == "notice_months" else {}  # a renewal always has one
        columns = {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
        kept = Convention.objects.filter(pk=row.pk).values(*columns).get()
        Convention.objects.filter(pk=row.pk).update(**columns)
        other = read(zoe, row)
        assert (term, other[0] != detail, other[1] != paper) == (term, True, True)
        Convention.objects.filter(pk=row.pk).update(**kept)
    row = signed(world, row)
    assert (row.status, row.signed_on) == (Convention.Status.SIGNED, SIGNED)
    detail, paper = read(zoe, row)
    for quota in given["quotas"]:
        for each in quota.rates:
            assert each.when in detail
            assert each.when in paper
    reader = PdfReader(BytesIO(zoe.get(reverse("convention-document-pdf", args=[row.pk])).getvalue()))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    printed = letters(" ".join(page.extract_text() for page in reader.pages))
    articles = re.split(r"Article \d+\.", paper)[1:]
    assert len(articles) >= 12
    rows = [each for text in articles for each in re.split(r"[.;:]", text) if len(each) > 20]
    lost = [each for each in rows if letters(each) not in printed]
    assert lost == []


#: (commune, rooms, in a priority district): what falls vacant, in turn.
FLOW = [
    *(("Narbonne", 4, False), ("Narbonne", 2, True), ("Coursan", 3, False), ("Sigean", 3, False)),
    *(("Narbonne", 5, True), ("Coursan", 4, False), ("Narbonne", 1, False), ("Sigean", 2, False)),
]


#: In their second year, the village and the landlord suspend their convention for a month.
SUSPENDED = (date(2027, 8, 1), date(2027, 8, 31))


def suspend(world: World, row: Convention, *, today: date) -> None:
    """Proposed by the landlord on its account, agreed by the village on paper."""
    pause = propose_pause(
        convention=row,
        organisation=row.landlord.organisation,
        starts_on=SUSPENDED[0],
        ends_on=SUSPENDED[1],
        why="La mairie n’a pas d’agent au logement en août.",
        by=world.people["zoe"],
        today=today,
    )
    deposit_accord(
        pause=pause,
        organisation=row.organisation,
        signed_on=today,
        signer="M. le Maire",
        paper=Paper("accord-suspension.pdf", b"%PDF-1.7 accord de la commune"),
        by=world.people["zoe"],
        today=today,
    )


def shares(commune: str, rooms: int, *, in_qpv: bool, on: date) -> dict[str, int]:
    """What the conventions above give of one unit, written apart, in millionths."""
    large = commune == "Narbonne" and rooms in (4, 5)
    council = 0 if commune == "Coursan" else (80_000 if on.year >= 2027 else 60_000) if large else 40_000
    suspended = SUSPENDED[0] <= on <= SUSPENDED[1]
    return {
        "Préfecture de l’Aude, prioritaires": 200_000 if in_qpv else 270_000,
        "Préfecture de l’Aude, agents": 30_000,  # due of a T1 too, which they do not take
        "Le Grand Narbonne": 62_500,
        "Action Logement Services": 200_000,
        "Département de l’Aude": council,
        "Ville de Sigean": 100_000 if commune == "Sigean" and not suspended else 0,
    }


def test_two_years_are_executed_as_they_were_signed(world: World, sign_in: SignIn, time_machine: Any) -> None:
    """Each unit credits each holder what its convention says of that unit that day, to the millionth; nobody is left a
    unit behind, nor given one ahead. One is suspended for a month: it is stated on its page and on its paper."""
    time_machine.move_to(datetime(2025, 11, 20, 9, tzinfo=UTC), tick=False)
    rows = {name: signed(world, drafted(world, given)) for name, given in transcribed(world).items()}
    assert {row.status for row in rows.values()} == {Convention.Status.SIGNED}
    for year in (2026, 2027):
        expected: dict[int, int] = {}
        if year == 2027:
            time_machine.move_to(datetime(2027, 1, 2, 8, tzinfo=UTC), tick=False)
            suspend(world, rows["village"], today=date(2027, 1, 2))
            for each in read(sign_in("zoe"), rows["village"]):
                assert "1er août 2027" in each
                assert "31 août 2027" in each
        for number in range(32):
            now = datetime(year, 1 + number // 3, 2 + 7 * (number % 3), 9, tzinfo=UTC)
            time_machine.move_to(now, tick=False)
            commune, rooms, in_qpv = FLOW[number % len(FLOW)]
            unit = world.unit(landlord=world.other_landlord, commune=commune, rooms=rooms, in_qpv=in_qpv)
            vacancy = world.vacancy(unit, now=now)
            sweep_waiting_vacancies(now=now)
            confirm_recommendations(vacancies=[vacancy.pk], by=world.people["zoe"], now=now)
            for holder, share in by_holder(shares(commune, rooms, in_qpv=in_qpv, on=now.date())).items():
                expected[holder] = expected.get(holder, 0) + share
        ledger = Ledger.objects.get(landlord=world.other_landlord, exercise=year, kind=Ledger.Kind.ORDINARY)
        lines = list(LedgerLine.objects.filter(ledger=ledger).exclude(holder__contingent=7))
        entries = FlowEntry.objects.filter(ledger=ledger, stage="DUE").exclude(holder__contingent=7)
        entered = dict(entries.order_by().values_list("holder").annotate(Sum("quantity")))
        assert entered == {pk: due for pk, due in expected.items() if due}
        assert [line for line in lines if abs(line.due - UNIT * line.received) > UNIT] == []


def by_holder(values: dict[str, int]) -> dict[int, int]:
    found = {}
    for holder in ReservationHolder.objects.select_related("organisation").exclude(contingent=7):
        name = holder.organisation.name
        if holder.contingent in (1, 2):
            name += ", agents" if holder.contingent == 1 else ", prioritaires"
        if name in values:
            found[holder.pk] = values[name]
    return found
