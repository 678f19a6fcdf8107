"""A year lived, its balance sent, contested and signed through the acts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from attributions.bilan.models import AnnualBalance, BalanceRemark, BalanceSignature, BalanceVersion
from attributions.bilan.operations.lines import correct_line
from attributions.bilan.operations.printing import draw_next
from attributions.bilan.operations.remarks import answer_remark, make_remark
from attributions.bilan.operations.sending import send_balance, sign_version
from attributions.bilan.queries.figures import FigurePlace, key_of
from flux.models import Ledger, Routing
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from reservations.models import User
from reservations.operations.person import grant_membership
from tests.world import MORNING, PASSWORD, Role, World
from tests.world_again import done_once

#: A working morning before the day of the law (28 February 2027), and the days that follow.
SENT = datetime(2027, 2, 9, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
YEAR = 2026


def draw_balances(*, now: datetime | None = None) -> int:
    """As a worker that is woken until nothing waits: how many files are drawn."""
    drawn = 0
    while (is_there := draw_next(now=now)) is not None:
        drawn += is_there
    return drawn


@done_once
def lived(world: World) -> Routing:
    """Ten units routed, T2 to T4, one without a QPV answer; and a T5 that went to the city, which gave it back: it
    counts among the units offered to the city. That routing."""
    for number in range(10):
        qpv = {"in_qpv": None} if number == 3 else {}
        world.vacancy(rooms=2 + number % 3, commune="Coursan" if number % 4 == 0 else "Narbonne", **qpv)
    ledger = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    waiting = list(ledger.vacancies.order_by("pk").values_list("pk", flat=True))
    confirm_recommendations(vacancies=waiting, by=world.people["aline"], now=MORNING)
    return given_back(world)


def given_back(world: World) -> Routing:
    """One more T5, to the city, which gives it back."""
    vacancy, aline, city = world.vacancy(rooms=5), world.people["aline"], world.holders["city"]
    assert vacancy.ledger_id is not None
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    if vacancy.recommendations.latest("attempt").holder == city:
        [routing] = confirm_recommendations(vacancies=[vacancy.pk], by=aline, now=MORNING)
    else:
        routing = route_elsewhere(
            vacancy=vacancy, holder=city, motive="OTHER", motive_text="Accord du matin.", by=aline, now=MORNING
        )
    return_vacancy(routing=routing, reason="DECLINED", text="Les travaux ne sont pas finis.", by=aline, now=MORNING)
    return routing


@done_once
def people(world: World) -> None:
    """Anna at Action Logement; Éric, who acts for Le Grand Narbonne as a holder."""
    for name, organisation in (("anna", world.als), ("eric", world.epci)):
        user = User(email=f"{name}@exemple.test", full_name=name.capitalize())
        user.set_password(PASSWORD)
        user.save()
        world.people[name] = user
        grant_membership(user=user, organisation=organisation, role=Role.HOLDER_STAFF)


@done_once
def send(world: World, *, now: datetime = SENT, **given: Any) -> BalanceVersion:
    """Robine Habitat sends the balance of the Aude."""
    about = {
        "landlord": world.landlord,
        "departement": world.places["Aude"],
        "exercise": YEAR,
        "by": world.people["alice"],
    }
    return send_balance(**about | given, now=now)


def t5(world: World, measure: str = "offered") -> FigurePlace:
    """The city's T5."""
    return FigurePlace("TYPOLOGY", key_of(world.holders["city"]), "T5", measure)


def contest(world: World, version: BalanceVersion, *, now: datetime = SENT + DAY, **given: Any) -> BalanceRemark:
    """The city contests that T5."""
    about = {
        "organisation": world.city,
        "place": t5(world),
        "reason": "Ses travaux n’étaient pas finis : il ne nous a pas été proposé.",
        "claimed": 0,
        "by": world.people["chloe"],
    }
    return make_remark(version=version, **about | given, now=now)


def correct(world: World, balance: AnnualBalance, routing: Routing, **given: Any) -> None:
    """The landlord takes it out."""
    about = {
        "vacancy": routing.vacancy,
        "holder": routing.holder,
        "stage": "OFFERED",
        "quantity": -1,
        "why": "Les travaux n’étaient pas finis.",
        "by": world.people["aline"],
    }
    correct_line(balance=balance, **about | given, now=SENT + 2 * DAY)


def answer(world: World, remark: BalanceRemark, answer: str = "CORRECTED", **given: Any) -> BalanceRemark:
    about = {"text": "Exact, corrigé.", "by": world.people["aline"]}
    return answer_remark(remark=remark, answer=answer, **about | given, now=SENT + 2 * DAY)


def sign(world: World, version: BalanceVersion, *names: str) -> list[BalanceSignature]:
    """Sign in the name of these organisations, all five of them by default."""
    acting = {"landlord": "alice", "state": "bob", "als": "anna", "city": "chloe", "epci": "emma"}
    found = []
    for name in names or acting:
        at = world.landlord.organisation if name == "landlord" else getattr(world, name)
        by = world.people.get(acting[name], world.people["adam"])
        found.append(sign_version(version=version, organisation=at, by=by, now=SENT + 3 * DAY))
    return found
