"""What chance would seldom state to its end: one unit each, from its notice to what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flux.models import Routing, Vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from reservations.refusals import Refusal
from tests.house.life import flow, rights
from tests.house.life import households as made

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.house.life import Life

#: Two candidates, sent, instructed, on the agenda of a session.
HEARD = (made.prepare, made.prepare, made.send, made.instruct, made.instruct, made.convene)


def routed(life: Life, holder: str = "city") -> int:
    """A unit of the flow that goes to this holder, if it has a right still: its vacancy (id)."""
    vacancy: Vacancy = life.world.vacancy(now=life.now, rooms=life.chance.randint(2, 4))
    assert vacancy.ledger_id is not None
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=life.now)
    to = life.world.holders[holder]
    motive = {"motive": Routing.Motive.HOLDER_REQUEST, "motive_text": "Demande du réservataire."}
    try:
        if vacancy.recommendations.latest("attempt").holder != to:
            route_elsewhere(vacancy=vacancy, holder=to, **motive, **life.by())
    except Refusal:  # its right has ended
        pass
    if not Routing.objects.filter(vacancy=vacancy).exists():
        confirm_recommendations(vacancies=[vacancy.pk], **life.by())
    return vacancy.pk


def refused_then_let(life: Life) -> None:
    acts = (*HEARD, made.decide, made.offer, made.refuse, made.offer, made.accept, made.sign, made.close)
    life.tell(routed(life), acts, "ranked")


def let_then_undone(life: Life) -> None:
    life.tell(routed(life, "als"), (*HEARD, made.decide, made.offer, made.accept, made.sign, made.undo), "one")


def on_a_condition(life: Life) -> None:
    acts = (*HEARD, made.decide, made.bring, made.offer, made.stay_silent)
    life.tell(routed(life, "employer"), acts, "conditional")


def condition_waits(life: Life) -> None:
    life.tell(routed(life, "city"), (*HEARD, made.decide), "conditional")


def nobody_kept(life: Life) -> None:
    life.tell(routed(life, "priority"), (*HEARD, made.decide, made.correct, made.close), "nobody")


def from_afar(life: Life) -> None:
    life.tell(routed(life, "epci"), (*HEARD, made.stand_aside, made.vote), "remote")


def put_off(life: Life) -> None:
    acts = (*HEARD, made.postpone, made.convene, made.call_off, made.convene, made.open_only)
    life.tell(routed(life, "city"), acts, "one")


def allocated_then_withdrawn(life: Life) -> None:
    life.tell(routed(life, "als"), (*HEARD, made.decide, made.withdraw, made.offer), "ranked")


def works(life: Life) -> None:
    life.tell(routed(life, "als"), (made.prepare, made.send, flow.give_back_for_works))


def by_mistake(life: Life) -> None:
    life.tell(routed(life, "city"), (flow.give_back_by_mistake, flow.confirm))


def nobody_at_all(life: Life) -> None:
    life.tell(routed(life, "employer"), (flow.say_nobody,))


def taken_back(life: Life) -> None:
    life.tell(routed(life, "city"), (made.prepare, made.send, flow.take_back_a_unit))


def silence(life: Life) -> None:
    life.tell(routed(life, "employer"), (flow.lapse,))


def cancelled(life: Life) -> None:
    life.tell(routed(life, "city"), (made.prepare, made.send, flow.cancel))


def declared_otherwise(life: Life) -> None:
    life.tell(routed(life, "als"), (flow.reclassify, made.let_subtracted))


def followed_elsewhere(life: Life) -> None:
    life.tell(routed(life, "priority"), (made.answer_elsewhere, made.let_elsewhere))
    life.tell(routed(life, "agents"), (made.allocate_elsewhere, made.undo_elsewhere))


def new_programme(life: Life) -> None:
    life.tell(None, (flow.deliver, flow.plan, flow.reopen, flow.deliver))


def needs(life: Life) -> None:
    life.tell(None, (flow.ask, flow.ask, flow.ask_no_more, flow.ask))


def requests(life: Life) -> None:
    life.tell(None, (made.prepare, made.take_out, made.strike_off, made.reopen, made.rename, made.strike_off))


def a_right_ends(life: Life) -> None:
    life.tell(None, (rights.amend, rights.end, flow.settle_rights, rights.draft, rights.propose))


def a_notice(life: Life) -> None:
    life.tell(None, (rights.give_notice, rights.derogate, rights.terminate))


STORIES: list[Callable[[Life], None]] = [
    *(refused_then_let, let_then_undone, on_a_condition, condition_waits, nobody_kept, from_afar, put_off),
    *(allocated_then_withdrawn, works, by_mistake, nobody_at_all, taken_back, silence, cancelled, declared_otherwise),
    *(followed_elsewhere, new_programme, needs, requests, a_right_ends, a_notice),
]
