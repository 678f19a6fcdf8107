"""The flow: units fall vacant, are routed, given back, cancelled, declared otherwise; what holders ask for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from attributions.households.operations.calls import cancel_followed, reclassify_followed
from attributions.households.operations.silence import give_unit_back, lapse_silent_routings, say_no_candidate
from flux.models import AuditAlert, IncomeCeiling, Ledger, Programme, Return, Routing, StockAssignment, Unit, Vacancy
from flux.operations.allotment import (
    Share,
    agree_allotment,
    plan_delivery,
    register_programme,
    reopen_allotment,
    set_allotment,
)
from flux.operations.audit import acknowledge_alert, record_differences
from flux.operations.conversions import work_out
from flux.operations.forecast import send_forecast, write_forecast
from flux.operations.needs import declare_needs, withdraw_needs
from flux.operations.reference_figures import record_income_ceiling
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from flux.operations.stock import classify_programme, keep_in_stock, set_routing_policy
from flux.operations.stock_rights import end_assignment, settle_ended_rights
from flux.operations.units import UnitFacts, describe_unit
from flux.operations.vacancy import declare_vacancy
from flux.pages.conversion import given_for
from flux.queries.controls.accounts import Check, Difference
from flux.queries.conversion import Wish

if TYPE_CHECKING:
    from tests.house.life import Act, Life

Kind, Exclusion, Reason = Vacancy.Kind, Vacancy.Exclusion, Return.Reason
FINANCING = ("13", "16", "14", "", "11")


def settle(life: Life) -> None:
    """Units of every description, some whose description is not known, and the forecast of the year."""
    world, drawn = life.world, life.chance
    for number in range(24):
        world.unit(
            commune=("Narbonne", "Narbonne", "Coursan", "Sigean")[number % 4],
            rooms=drawn.randint(1, 7),
            financing_code=drawn.choice(FINANCING),
            in_qpv=drawn.choice([True, False, None]),
            construction_year=drawn.choice([1948, 1972, 1984, 2015, None]),
        )
    for _ in range(4):
        world.unit(landlord=world.other_landlord, commune="Béziers")
    written = write_forecast(
        landlord=world.landlord,
        departement=world.places["Aude"],
        exercise=2026,
        expected=60,
        subtracted={Exclusion.INTERNAL_TRANSFER: 6, Exclusion.URBAN_RENEWAL: 1},
        by=world.people["alice"],
        today=life.today,
    )
    send_forecast(forecast=written, **life.by("alice"))


def _idle(life: Life) -> Unit | None:
    """A unit that nobody has and that is not declared."""
    held = Vacancy.objects.filter(cancelled_at=None).values("unit")
    landlord = life.world.landlord if life.chance.random() < 0.85 else life.world.other_landlord
    found = Unit.objects.filter(landlord=landlord).exclude(pk__in=held).order_by("pk")
    return life.pick(found) or life.world.unit(landlord=landlord, commune="Béziers" if landlord.pk == 2 else "Narbonne")


def _declare(life: Life, unit: Unit, kind: str, exclusion: str = "") -> Vacancy:
    return declare_vacancy(
        unit=unit,
        kind=kind,
        exclusion=exclusion,
        notice_on=life.today - timedelta(days=life.chance.randint(0, 20)),
        available_on=life.today + timedelta(days=life.chance.randint(5, 60)),
        confirmed=True,
        **life.by(),
    )


def declare(life: Life) -> object:
    """A unit of the flow falls vacant, and the rule says whose turn it is."""
    vacancy = _declare(life, _idle(life), Kind.IN_FLOW)
    if life.chance.random() < 0.9:
        route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=life.now)
    return vacancy


def subtract(life: Life) -> object:
    return _declare(life, _idle(life), Kind.EXCLUDED, life.chance.choice(Exclusion.values))


def declare_technical(life: Life) -> object:
    return _declare(life, _idle(life), Kind.TECHNICAL)


def keep(life: Life) -> object:
    unit = life.world.unit(commune="Narbonne")
    holder = life.world.holders[life.chance.choice(["city", "als"])]
    kept = keep_in_stock(
        unit=unit,
        holder=holder,
        ground="LAND",
        starts_on=date(2020, 1, 1),
        by=life.world.people["alice"],
        today=life.today,
    )
    if life.chance.random() < 0.7:
        _declare(life, unit, Kind.STOCK)
    return kept


def end_stock(life: Life) -> object:
    found = life.pick(StockAssignment.objects.filter(ends_on=None).order_by("pk"))
    if found is None:
        return None
    ended = {"ends_on": life.today, "why": "Vendu.", "by": life.world.people["alice"]}
    return end_assignment(assignment=found, **ended)


def confirm(life: Life) -> object:
    """What the rule stated, of everything that waits for one landlord."""
    landlord = life.chance.choice([life.world.landlord, life.world.landlord, life.world.other_landlord])
    waiting = Vacancy.objects.to_confirm().filter(unit__landlord=landlord).order_by("pk")
    pks = list(waiting.values_list("pk", flat=True))[: life.chance.randint(1, 3)]
    if not pks:
        return None
    by = "aline" if landlord == life.world.landlord else "zoe"
    return confirm_recommendations(vacancies=pks, **life.by(by)) or None


def reroute(life: Life) -> object:
    waiting = Vacancy.objects.to_confirm().filter(unit__landlord=life.world.landlord).order_by("pk")
    vacancy = life.pick(waiting)
    if vacancy is None:
        return None
    holder = life.world.holders[life.chance.choice(["city", "als", "priority", "agents", "employer", "landlord"])]
    motive = life.chance.choice(Routing.Motive.values)
    return route_elsewhere(
        vacancy=vacancy, holder=holder, motive=motive, motive_text="Accord entre les parties.", **life.by()
    )


def _open(life: Life) -> Routing | None:
    rows = Routing.objects.filter(closed_at=None, vacancy__kind=Kind.IN_FLOW)
    if life.focus:
        rows = rows.filter(vacancy=life.focus)
    return life.pick(rows.select_related("vacancy__unit", "holder__organisation").order_by("pk"))


def _give_back(life: Life, reason: str) -> object:
    routing = _open(life)
    if routing is None:
        return None
    return give_unit_back(routing=routing, reason=reason, text="Étage trop haut.", **life.by())


def give_back_for_works(life: Life) -> object:
    return _give_back(life, Reason.WORKS)


def give_back_by_mistake(life: Life) -> object:
    return _give_back(life, Reason.ERROR)


def take_back_a_unit(life: Life) -> object:
    return _give_back(life, Reason.WITHDRAWN)


def say_nobody(life: Life) -> object:
    routing = _open(life)
    return routing and say_no_candidate(routing=routing, text="", **life.by())


def lapse(life: Life) -> object:
    """Three weeks of silence, then the night."""
    if life.now + timedelta(days=21) > life.until:
        return None
    life.wait(21)
    return lapse_silent_routings(now=life.now) or None


def cancel(life: Life) -> object:
    rows = Vacancy.objects.filter(cancelled_at=None, unit__landlord=life.world.landlord)
    rows = rows.filter(pk=life.focus) if life.focus else rows.exclude(kind=Kind.FIRST_LETTING)
    vacancy = life.pick(rows.select_related("unit").order_by("pk"))
    reason = life.chance.choice(["DECLARED_BY_MISTAKE", "NOTICE_WITHDRAWN"])
    return vacancy and cancel_followed(vacancy=vacancy, reason=reason, text="Le locataire reste.", **life.by())


def reclassify(life: Life) -> object:
    rows = Vacancy.objects.filter(cancelled_at=None, kind=Kind.IN_FLOW, unit__landlord=life.world.landlord)
    rows = rows.filter(pk=life.focus) if life.focus else rows
    vacancy = life.pick(rows.select_related("unit").order_by("pk"))
    if vacancy is None:
        return None
    into = {"kind": Kind.EXCLUDED, "exclusion": life.chance.choice(Exclusion.values)}
    return reclassify_followed(vacancy=vacancy, text="Mutation oubliée.", **into, **life.by())


def deliver(life: Life) -> object:
    """A new programme is shared out, agreed on, and its first units are let."""
    world, alice = life.world, life.world.people["alice"]
    programme = register_programme(
        landlord=world.landlord,
        name=f"{life.chance.choice(['Les Quais', 'Le Clos', 'Aux Aires', 'Étang de Bages'])} {life.next_number()}",
        commune=world.places[life.chance.choice(["Narbonne", "Coursan"])],
        delivered_on=life.today + timedelta(days=30),
        expected_units=4,
        by=alice,
    )
    if life.chance.random() < 0.2:
        return programme
    shares = [Share(world.holders["city"], 1), Share(world.holders["employer"], 1), Share(world.holders["als"], 1)]
    set_allotment(programme=programme, shares=shares, by=alice)
    if life.chance.random() < 0.2:
        return programme
    agree_allotment(programme=programme, agreed_on=life.today, why="Concertation du 12.", **life.by("alice"))
    for _ in range(life.chance.randint(1, 4)):
        unit = world.unit(commune=programme.commune.name)
        Unit.objects.filter(pk=unit.pk).update(programme=programme, construction_year=2026)
        unit.refresh_from_db()
        _declare(life, unit, Kind.FIRST_LETTING)
    return programme


def plan(life: Life) -> object:
    found = life.pick(Programme.objects.exclude(expected_units=None).order_by("pk"))
    if found is None:
        return None
    later = life.today + timedelta(days=45)
    return plan_delivery(
        programme=found, delivered_on=later, expected_units=5, by=life.world.people["alice"], why="Retard de chantier."
    )


def reopen(life: Life) -> object:
    found = life.pick(Programme.objects.exclude(expected_units=None).order_by("pk"))
    return found and reopen_allotment(programme=found, why="À revoir.", by=life.world.people["alice"])


def ask(life: Life) -> object:
    """A holder says what it needs."""
    holder = life.world.holders[life.chance.choice(["city", "als", "employer"])]
    ledger = life.pick(Ledger.objects.ordinary().filter(landlord=life.world.landlord).order_by("pk"))
    if ledger is None:
        return None
    mix = {"typology": {"T2": life.chance.randint(1, 5), "T3": life.chance.randint(1, 5)}}
    return declare_needs(ledger=ledger, holder=holder, mix=mix, note="Familles.", **life.by("chloe"))


def ask_no_more(life: Life) -> object:
    ledger = Ledger.objects.ordinary().filter(landlord=life.world.landlord).order_by("pk").last()
    return ledger and withdraw_needs(ledger=ledger, holder=life.world.holders["city"], **life.by("chloe"))


def describe(life: Life) -> object:
    """What was not known of a unit is."""
    unit = life.pick(Unit.objects.filter(landlord=life.world.landlord).order_by("pk"))
    facts = UnitFacts(**{name: getattr(unit, name) for name in UnitFacts.__dataclass_fields__} | {"floor": 3})
    return describe_unit(unit=unit, facts=facts, by=life.world.people["aline"]) or True


def classify(life: Life) -> object:
    found = life.pick(Programme.objects.filter(landlord=life.world.landlord).order_by("pk"))
    grade = life.chance.choice(["A", "B", "C"])
    return classify_programme(programme=found, attractiveness=grade, by=life.world.people["alice"])


def automate(life: Life) -> object:
    """The other landlord lets the rule route."""
    starts = {"starts_on": life.today + timedelta(days=1), "today": life.today}
    world = life.world
    return set_routing_policy(landlord=world.other_landlord, mode="AUTOMATIC", by=world.people["zoe"], **starts)


def convert(life: Life) -> object:
    world = life.world
    years = {"starts_on": date(2029, 1, 1), "ends_on": date(2031, 12, 31)}
    wish = Wish(world.landlord, world.holders["city"], world.places["Narbonne"], **years)
    given = given_for(wish, on=life.today)
    rotation = {"rotation": [{"weight": 100, "rate": life.chance.randint(5, 20), "source": "rapport"}]}
    label = f"Lecture {life.next_number()}"
    return work_out(wish=wish, label=label, given=given | rotation, by=world.people["alice"])


def audit(life: Life) -> object:
    ledger = Ledger.objects.order_by("pk").first()
    if ledger is None or AuditAlert.objects.exists():
        return None
    return record_differences(differences=[Difference(ledger.pk, Check.SEQUENCE, 1, 2)], now=life.now)


def acknowledge(life: Life) -> object:
    found = AuditAlert.objects.filter(acknowledged_at=None).order_by("pk").first()
    return found and acknowledge_alert(alert=found, text="Vu avec l’exploitant.", **life.by("adam"))


def settle_rights(life: Life) -> object:
    """The night after a right ended: what it was owed goes to whoever takes it over."""
    return settle_ended_rights(now=life.now) or None


def raise_a_ceiling(life: Life) -> object:
    return record_income_ceiling(
        financing="PLUS",
        zone=IncomeCeiling.Zone.values[life.count % 3],
        household=1 + life.next_number() % 5,
        amount=22_642,
        starts_on=date(2026, 1, 1),
        source="Arrêté du 22 décembre 2025",
        by=life.world.people["adam"],
        today=life.today,
    )


OFTEN: list[Act] = [declare, declare, confirm]
ACTS: list[Act] = [
    *(declare, subtract, declare_technical, keep, confirm, reroute),
    *(give_back_for_works, give_back_by_mistake, take_back_a_unit, say_nobody, lapse, cancel, reclassify),
    *(deliver, plan, reopen, ask, ask_no_more, describe, classify, automate, convert, audit, acknowledge),
    *(end_stock, settle_rights, raise_a_ceiling),
]
