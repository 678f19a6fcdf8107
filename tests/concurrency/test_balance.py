"""Two people on one balance: one wins, the other reads a sentence, and no version is sent twice."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from attributions.bilan.models import BalanceRemark, BalanceSignature, BalanceVersion, PrintedBalance
from attributions.bilan.operations.lines import BalanceRefused
from attributions.bilan.operations.printing import order_printing
from attributions.bilan.queries import since
from attributions.bilan.queries.balance import balance
from attributions.households.models import Lease
from attributions.households.operations.lease import undo_lease
from flux.models import Ledger
from tests.attributions.bilan.acts import DECEMBER, at, lived_by_act
from tests.attributions.bilan.balances import YEAR, answer, contest, correct, draw_balances, lived, send, sign
from tests.attributions.bilan.test_late_real_acts import read_as_sealed, sealed_figures
from tests.attributions.bilan.test_sealed_year import MAY
from tests.concurrency.together import at_once, held
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_managers_send_the_same_balance(world: World) -> None:
    """The second finds that nothing has changed since the first."""
    lived(world)
    sent = at_once(lambda: send(world), lambda: send(world))
    assert sorted(type(each).__name__ for each in sent) == ["BalanceRefused", "BalanceVersion"]
    [refused] = [each for each in sent if isinstance(each, BalanceRefused)]
    assert str(refused).startswith("Rien n’a changé depuis la version 1")
    assert BalanceVersion.objects.count() == 1


def test_the_accounts_are_held_while_their_balance_is_sent(world: World) -> None:
    """What several queries read of them is of one moment: nothing moves before the version is written and sealed."""
    lived(world)
    accounts = Ledger.objects.filter(landlord=world.landlord)
    assert held(lambda: send(world), accounts, writing="attributions_balanceversion")


def test_a_party_signs_while_the_next_version_is_sent(world: World) -> None:
    """Signed first, the signature stays on version 1; sent first, the party reads that version 2 came."""
    routing = lived(world)
    first = send(world)
    correct(world, first.balance, routing)
    signed, second = at_once(lambda: sign(world, first, "city"), lambda: send(world))
    assert isinstance(second, BalanceVersion)
    if isinstance(signed, Exception):
        assert str(signed).startswith("Entre-temps, la version 2 a été envoyée")
        assert not BalanceSignature.objects.exists()
    else:
        assert [each.version for each in BalanceSignature.objects.all()] == [first]


def test_the_last_two_parties_sign_together(world: World) -> None:
    """Whoever is last seals: never neither of the two."""
    lived(world)
    version = send(world)
    sign(world, version, "landlord", "state", "als")
    at_once(lambda: sign(world, version, "city"), lambda: sign(world, version, "epci"))
    version.refresh_from_db()
    assert version.sealed_at is not None
    assert version.signatures.count() == 5


def test_two_people_answer_a_remark(world: World) -> None:
    lived(world)
    remark = contest(world, send(world))
    rows = at_once(
        lambda: answer(world, remark, "MAINTAINED", text="Il a été proposé."),
        lambda: answer(world, remark, "MAINTAINED", text="Voir le compte."),
    )
    assert sorted(type(each).__name__ for each in rows) == ["BalanceRefused", "BalanceRemark"]
    [kept] = [each for each in rows if isinstance(each, BalanceRemark)]
    remark.refresh_from_db()
    assert remark.answer_text == kept.answer_text


def test_two_workers_draw_the_same_balance_once(db: None) -> None:
    """A message and the sweep, or two messages: one draws, the other leaves it."""
    order_printing(page="<!doctype html><title>Bilan</title><p>Bilan</p>", address="/")
    assert sorted(at_once(draw_balances, draw_balances)) == [0, 1]
    drawn = PrintedBalance.objects.get()
    assert (drawn.attempts, drawn.is_ready) == (1, True)


def test_two_people_order_the_same_balance_once(db: None) -> None:
    page = "<!doctype html><title>Bilan</title><p>Bilan</p>"
    first, second = at_once(*2 * [lambda: order_printing(page=page, address="/")])
    assert first.pk == second.pk


def test_a_sealed_year_is_read_of_one_moment(world: World, time_machine: Any) -> None:
    """R441-5-1, docs/decisions/0121: what was sealed is what is known less what came since. A lease undone once the
    latter is read was still taken from the former: a list of 212 units had 211."""
    time_machine.move_to(at(MAY), tick=False)
    lived_by_act(world)
    version = send(world)
    sign(world, version)
    lease, undone = Lease.objects.get(signed_on=DECEMBER), []

    def undo() -> None:
        undo_lease(lease=lease, why="Erreur de logement.", by=world.people["aline"], now=at(MAY))
        connection.close()

    def meanwhile(execute: Any, statement: str, *rest: Any) -> Any:
        found = execute(statement, *rest)
        if since.FALLEN.format(**since.PIECES) in statement and not undone:
            undone.append(lease)
            with ThreadPoolExecutor(1) as threads:
                threads.submit(undo).result()
        return found

    with connection.execute_wrapper(meanwhile):
        read = balance(world.landlord, YEAR)
    assert undone
    version.refresh_from_db()
    assert read_as_sealed(read) == sealed_figures(json.loads(version.content))
    assert connection.connection.isolation_level is None, "an act that follows is of its own"
    assert balance(world.landlord, YEAR, live=True).cells.total().leased == read.cells.total().leased - 1
