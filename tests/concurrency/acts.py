"""One unit at each of its steps, one household, the accounts of two years: what any two acts may meet on; and the acts
that people, software and the night do there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from django.utils import timezone

from attributions.bilan.operations.lines import hold_accounts, hold_balance, open_balance
from attributions.households.models import Application, Offer, Proposal
from attributions.households.operations.application import Identity, add_alias, correct_identity
from attributions.households.operations.calls import cancel_followed, reclassify_followed
from attributions.households.operations.lease import record_outside_lease, sign_lease, undo_lease
from attributions.households.operations.offers import answer_offer, send_offer, withdraw_proposal
from attributions.households.operations.on_paper import type_candidate
from attributions.households.operations.past_candidacies import close_application, reopen_application
from attributions.households.operations.proposal import add_candidate, edit_proposal
from attributions.households.operations.sending import send_proposals
from attributions.households.operations.withdrawals import record_outside_allocation
from flux.models import Ledger, Programme, Routing, Unit, Vacancy
from flux.operations.cancellation import cancel_vacancy
from flux.operations.ledgers import PastBook
from flux.operations.outcomes import record_allocation, resume_vacancy
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from flux.operations.stock import keep_in_stock
from flux.operations.stock_rights import settle_ledger
from flux.operations.units import UnitFacts, describe_unit
from tests.attributions.households.candidates import excluded, routed
from tests.attributions.households.rows import Case, accepted, application, candidates, decided
from tests.flux.programmes import agreed, let, unit_of
from tests.world import MORNING, World, convention

TODAY = timezone.localdate(MORNING)
A_YEAR_AGO = MORNING.replace(year=MORNING.year - 1, month=12)


@dataclass
class There:
    """What the acts are done on. `household` is a candidate of several units at once."""

    household: Application
    other: Application
    closed: Application
    units: dict[str, Unit] = field(default_factory=dict)
    vacancies: dict[str, Vacancy] = field(default_factory=dict)
    routings: dict[str, Routing] = field(default_factory=dict)
    proposals: dict[str, list[Proposal]] = field(default_factory=dict)
    offer: Offer | None = None
    programme: Programme | None = None


def lived(world: World) -> There:
    """The account of this year is opened before that of the year before: its id is the lower of the two."""
    city = world.city
    there = There(application(world), application(world), application(world))
    Application.objects.filter(pk=there.other.pk).update(name=there.household.name)
    there.units["free"] = world.unit()
    for name in ("confirmed", "described", "waiting"):
        there.vacancies[name] = world.vacancy()
        there.units[name] = there.vacancies[name].unit
    route_waiting_vacancies(ledger_id=there.vacancies["waiting"].ledger_id, now=MORNING)
    there.vacancies["late"] = world.vacancy()  # not yet recommended
    for name in ("empty", "draft", "ready"):
        there.routings[name] = routed(world)
    both = [there.household, application(world)]
    there.proposals["draft"] = candidates(world, there.routings["draft"], applications=both, status="DRAFT")
    there.proposals["ready"] = candidates(world, there.routings["ready"], applications=[there.household])
    there.proposals["offered"] = decided(world, Case(), Case(), applications=both)
    there.offer = send_offer(proposal=there.proposals["offered"][0], by=world.people["aline"], now=MORNING)
    there.proposals["accepted"] = accepted(world, Case(), applications=[there.household])
    there.routings["paper"] = routed(world, "als")
    there.vacancies["excluded"] = excluded(world)
    for name in ("state", "city"):
        terms = world.conventions[name]
        convention(
            world.landlord,
            terms.organisation,
            terms.perimeter,
            *((quota.holder, quota.percent, quota.rank) for quota in terms.quotas.order_by("rank")),
            starts_on=date(TODAY.year - 1, 1, 1),
            ends_on=date(TODAY.year - 1, 12, 31),
        )
    there.vacancies["past"] = world.vacancy(now=A_YEAR_AGO)
    there.routings["past"] = routed(world, "city", there.vacancies["past"], now=A_YEAR_AGO)
    there.programme = agreed(world, ("city", 2, []), units=4)
    there.units["new"] = unit_of(world, there.programme)
    there.vacancies["let"] = let(world, there.programme)
    assert city.pk
    for name in ("kept", "kept and free"):
        unit = there.units[name] = world.unit()
        keep_in_stock(unit=unit, holder=world.holders["als"], ground="LAND", starts_on=TODAY, by=world.people["alice"])
    there.vacancies["kept"] = world.vacancy(there.units["kept"], kind="STOCK")
    there.routings["out"] = routed(world)
    return_vacancy(routing=there.routings["out"], reason="WORKS", text="Toit.", by=world.people["aline"], now=MORNING)
    close_application(application=there.closed, cause="LEASE", on=TODAY, by=world.people["chloe"], now=MORNING)
    there.vacancies["works"] = world.vacancy(kind="TECHNICAL", now=A_YEAR_AGO)
    return there


Act = Callable[[World, There], object]


def _identity(there: There) -> Identity:
    return Identity(there.household.name, there.household.birth_date)


def _balance(world: World, there: There) -> None:
    ledger = Ledger.objects.get(pk=there.vacancies["past"].ledger_id)
    held = hold_balance(open_balance(ledger.landlord, ledger.departement, ledger.exercise))
    hold_accounts(held.balance)


def _cancel(name: str, act: Callable[..., object] = cancel_followed) -> Act:
    return lambda world, there: act(
        vacancy=there.vacancies[name],
        reason="DECLARED_BY_MISTAKE",
        text="Erreur.",
        by=world.people["aline"],
        now=MORNING,
    )


def _take_over(world: World, there: There) -> None:
    """What a file of past routings holds before its first line."""
    book, unit = PastBook(), there.vacancies["past"].unit
    book.hold([unit.pk])
    book.hold_ledgers([unit], since=A_YEAR_AGO.year)


def _give_back(name: str) -> Act:
    """By its holder, a unit that came to it by a right of its own."""
    return lambda world, there: return_vacancy(
        routing=there.vacancies[name].routings.get(),
        reason="DECLINED",
        text="Trop cher.",
        by=world.people["aline"],
        now=MORNING,
    )


def _undo(world: World, there: There) -> None:
    """A lease recorded elsewhere by mistake."""
    terms = {"by": world.people["aline"], "now": MORNING}
    vacancy = there.routings["empty"].vacancy
    undo_lease(lease=record_outside_lease(vacancy=vacancy, signed_on=TODAY, facts={}, **terms), why="Erreur.", **terms)


def _reclassify(name: str, kind: str) -> Act:
    return lambda world, there: reclassify_followed(
        vacancy=there.vacancies[name], kind=kind, text="Travaux.", by=world.people["aline"], now=MORNING
    )


def _with(who: str, act: Callable[..., object], **given: Callable[[World, There], Any]) -> Act:
    """An act of one person, given what is read of what was lived."""
    return lambda world, there: act(
        by=world.people[who], now=MORNING, **{name: read(world, there) for name, read in given.items()}
    )


def _routing(name: str) -> Callable[[World, There], Routing]:
    return lambda _, there: there.routings[name]


def _vacancy_of(name: str) -> Callable[[World, There], Vacancy]:
    return lambda _, there: there.routings[name].vacancy


def _returning(value: object) -> Callable[[World, There], Any]:
    return lambda *_: value


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "declare": lambda world, there: world.vacancy(there.units["free"]),
        "declare a first letting": lambda world, there: let(world, there.programme, there.units["new"]),
        "declare a unit kept in stock": lambda world, there: world.vacancy(there.units["kept and free"], kind="STOCK"),
        "route": lambda _, there: route_waiting_vacancies(ledger_id=there.vacancies["late"].ledger_id, now=MORNING),
        "confirm": lambda world, there: confirm_recommendations(
            vacancies=[there.vacancies["confirmed"].pk, there.vacancies["described"].pk],
            by=world.people["alice"],
            now=MORNING,
        ),
        "route elsewhere": lambda world, there: route_elsewhere(
            vacancy=there.vacancies["confirmed"],
            holder=world.holders["epci"],
            motive="OTHER",
            motive_text="Test.",
            by=world.people["alice"],
            now=MORNING,
        ),
        "cancel": _cancel("confirmed"),
        "reclassify": _reclassify("confirmed", "TECHNICAL"),
        "cancel outside the accounts": _cancel("excluded"),
        "cancel without candidates": _cancel("excluded", cancel_vacancy),
        "give back a first letting": _give_back("let"),
        "give back a unit kept in stock": _give_back("kept"),
        "let again after works": _with("aline", resume_vacancy, vacancy=_vacancy_of("out")),
        "let again what was out last year": _with(
            "aline", resume_vacancy, vacancy=lambda _, there: there.vacancies["works"]
        ),
        "take over past routings": _take_over,
        "reclassify outside the accounts": _reclassify("excluded", "TECHNICAL"),
        "reclassify into the accounts": _reclassify("excluded", "IN_FLOW"),
        "cancel a first letting": _cancel("let"),
        "cancel of last year": _cancel("past"),
        "give back of last year": lambda world, there: return_vacancy(
            routing=there.routings["past"], reason="WITHDRAWN", text="Vente.", by=world.people["aline"], now=MORNING
        ),
        "take out for works": lambda world, there: return_vacancy(
            routing=there.routings["empty"], reason="WORKS", text="Toit.", by=world.people["aline"], now=MORNING
        ),
        "allocate": lambda world, there: record_allocation(
            vacancy=there.routings["empty"].vacancy, on=TODAY, by=world.people["aline"], today=TODAY
        ),
        "settle last year": lambda _, there: settle_ledger(ledger_id=there.vacancies["past"].ledger_id, now=MORNING),
        "send a balance": _balance,
        "describe": lambda world, there: describe_unit(
            unit=there.units["described"], facts=UnitFacts(floor=3), by=world.people["aline"]
        ),
        "add a candidate": _with(
            "chloe",
            add_candidate,
            vacancy=_vacancy_of("empty"),
            routing=_routing("empty"),
            number=lambda _, there: there.household.number,
            identity=lambda _, there: _identity(there),
            proposer=lambda world, _: world.city,
        ),
        "type a candidate": _with(
            "aline",
            type_candidate,
            vacancy=_vacancy_of("paper"),
            routing=_routing("paper"),
            number=lambda _, there: there.household.number,
            identity=lambda _, there: _identity(there),
        ),
        "edit a candidate": _with(
            "chloe",
            edit_proposal,
            proposal=lambda _, there: there.proposals["draft"][0],
            facts=_returning({"adults": 3}),
        ),
        "send candidates": _with(
            "chloe",
            send_proposals,
            vacancy=_vacancy_of("draft"),
            routing=_routing("draft"),
            sender=lambda world, _: world.city,
            exemption=_returning("TOO_FEW"),
            exemption_text=_returning("Peu de demandes."),
        ),
        "withdraw": _with(
            "chloe",
            withdraw_proposal,
            proposal=lambda _, there: there.proposals["ready"][0],
            reason=_returning("WITHDREW"),
        ),
        "refuse an offer": _with(
            "aline",
            answer_offer,
            offer=lambda _, there: there.offer,
            accepted=_returning(False),
            reason=_returning("RENT_REFUSED"),
        ),
        "sign": _with(
            "aline", sign_lease, proposal=lambda _, there: there.proposals["accepted"][0], signed_on=_returning(TODAY)
        ),
        "allocate elsewhere": _with(
            "aline", record_outside_allocation, vacancy=_vacancy_of("empty"), on=_returning(TODAY)
        ),
        "sign elsewhere": _with(
            "aline",
            record_outside_lease,
            vacancy=_vacancy_of("empty"),
            signed_on=_returning(TODAY),
            facts=_returning({}),
        ),
        "undo a lease": _undo,
        "close a request": _with(
            "chloe",
            close_application,
            application=lambda _, there: there.other,
            cause=_returning("LEASE"),
            on=_returning(TODAY),
        ),
        "open a request again": _with(
            "chloe", reopen_application, application=lambda _, there: there.closed, why=_returning("Une erreur.")
        ),
        "merge requests": _with(
            "chloe",
            add_alias,
            application=lambda _, there: there.household,
            number=lambda _, there: there.other.number,
            organisation=lambda world, _: world.city,
        ),
        "correct an identity": _with(
            "chloe",
            correct_identity,
            application=lambda _, there: there.household,
            identity=lambda _, there: Identity("Autre Nom", there.household.birth_date),
            organisation=lambda world, _: world.city,
        ),
    }
)
