"""Every act on a balance, in any order, as hypothesis draws them: no state is reached outside the table of
docs/states.md, a refused act leaves nothing behind, and what was sent never changes by a byte."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from attributions.bilan.models import (
    AnnualBalance,
    BalanceCorrection,
    BalanceDispatch,
    BalanceRemark,
    BalanceSignature,
    BalanceVersion,
)
from attributions.bilan.operations.lines import correct_line
from attributions.bilan.operations.remarks import answer_remark, comment_balance, make_remark
from attributions.bilan.operations.sending import send_balance, sign_version
from attributions.bilan.queries.content import place_of
from attributions.bilan.queries.figures import figure_at, figures
from attributions.bilan.queries.files import check_file
from attributions.bilan.queries.review import review
from flux.models import FlowEntry, Routing, Unit
from reservations.canonical import seal_of
from reservations.refusals import Refusal
from tests.attributions.bilan.balances import SENT, YEAR, given_back, t5
from tests.house.test_states import transitions
from tests.world import World

TABLE = {(before, act.split(" ")[0].rstrip(","), after) for before, act, after in transitions("Annual balance")}
#: Who acts for each party.
PARTIES = {"landlord": "alice", "state": "bob", "als": "adam", "city": "chloe", "epci": "emma"}
TABLES = (BalanceVersion, BalanceDispatch, BalanceRemark, BalanceSignature, BalanceCorrection, FlowEntry)


class Reviews(RuleBasedStateMachine):
    """One balance. Each rule is one act; each move of the balance is looked up in the table."""

    walked: ClassVar[set[tuple[str, str, str]]] = set()
    world: ClassVar[World]
    routing: ClassVar[Routing]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.now: datetime = SENT
        self.kept: dict[int, str] = {}
        self.refusals: list[str] = []

    def teardown(self) -> None:
        shown = review(self.world.landlord, self.world.places["Aude"], YEAR, None, today=self.now.date())
        assert shown.state == self.state()
        assert [each for each in self.refusals if not each.endswith(".")] == [], "a refusal is a sentence"
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    @initialize()
    def live(self) -> None:
        self.send("")

    def state(self) -> str:
        """Where the balance stands, from its rows; that the page says the same is checked at the end."""
        latest = self.latest()
        if latest is None:
            return "DRAFT"
        if latest.sealed_at is not None:
            return "SEALED"
        return "CONTESTED" if BalanceRemark.objects.filter(answer="").exists() else "SENT"

    def act(self, name: str, done: Callable[[], object]) -> None:
        """Do one act: its move is reported, or it is refused and nothing is written."""
        self.now += timedelta(hours=5)
        before, rows = self.state(), [table.objects.count() for table in TABLES]
        try:
            with transaction.atomic():
                done()
        except Refusal as refusal:
            self.refusals.append(str(refusal))
            assert [table.objects.count() for table in TABLES] == rows
            assert self.state() == before
            return
        move = (before, name, self.state())
        assert move in TABLE, "a move that is not told"
        Reviews.walked.add(move)

    def latest(self) -> BalanceVersion | None:
        return BalanceVersion.objects.order_by("-number").first()

    @rule(note=st.sampled_from(["", "Ce qui a changé."]))
    def send(self, note: str) -> None:
        about = {"landlord": self.world.landlord, "departement": self.world.places["Aude"], "exercise": YEAR}
        by = self.world.people["alice"]
        self.act("send_balance", lambda: send_balance(**about, note=note, by=by, now=self.now))

    @rule(text=st.sampled_from(["", "Peu de T5.", "Une année courte."]))
    def comment(self, text: str) -> None:
        about = {"landlord": self.world.landlord, "departement": self.world.places["Aude"], "exercise": YEAR}
        by = self.world.people["aline"]
        self.act("comment_balance", lambda: comment_balance(**about, holder=None, text=text, by=by, now=self.now))

    @rule(party=st.sampled_from(sorted(PARTIES)), whose=st.sampled_from(["T5", "every"]), data=st.data())
    def remark(self, party: str, whose: str, data: st.DataObject) -> None:
        version = self.latest()
        if version is None:
            return
        place = t5(self.world)
        if whose == "every":
            place = data.draw(st.sampled_from(sorted(figures(json.loads(version.content)))))
        self.act(
            "make_remark",
            lambda: make_remark(
                version=version,
                organisation=self.organisation(party),
                place=place,
                reason="Ce chiffre est faux.",
                by=self.world.people[PARTIES[party]],
                now=self.now,
            ),
        )

    @rule(answer=st.sampled_from(["CORRECTED", "MAINTAINED"]), first=st.booleans())
    def answer(self, answer: str, first: bool) -> None:
        open_remarks = list(BalanceRemark.objects.filter(answer="").order_by("pk" if first else "-pk"))
        if not open_remarks:
            return
        self.settle(open_remarks[0], answer)

    def settle(self, remark: BalanceRemark, answer: str) -> None:
        by = self.world.people["aline"]
        self.act("answer_remark", lambda: answer_remark(remark=remark, answer=answer, text="Vu.", by=by, now=self.now))

    @rule()
    def maintain_after_all(self) -> None:
        """A line stated corrected, in no version yet."""
        unsent = BalanceRemark.objects.filter(answer="CORRECTED", corrected_in=None).order_by("pk").first()
        if unsent is not None:
            self.settle(unsent, "MAINTAINED")

    @rule(quantity=st.sampled_from([-1, 1]))
    def correct(self, quantity: int) -> None:
        balance = AnnualBalance.objects.first() or AnnualBalance.objects.create(
            landlord=self.world.landlord, departement=self.world.places["Aude"], exercise=YEAR
        )
        self.act(
            "correct_line",
            lambda: correct_line(
                balance=balance,
                vacancy=self.routing.vacancy,
                holder=self.routing.holder,
                stage="OFFERED",
                quantity=quantity,
                why="Travaux.",
                by=self.world.people["aline"],
                now=self.now,
            ),
        )

    @rule(rooms=st.sampled_from([4, 5]))
    def describe(self, rooms: int) -> None:
        """Not an act of the review: the unit is described otherwise, and every cell follows."""
        Unit.objects.filter(pk=self.routing.vacancy.unit_id).update(rooms=rooms)

    @rule(party=st.sampled_from(sorted(PARTIES)))
    def sign(self, party: str) -> None:
        self.sign_as(party)

    @rule()
    def settle_and_sign(self) -> None:
        """Every remark is answered and what was corrected is sent, then every party signs."""
        for remark in BalanceRemark.objects.filter(answer="").order_by("pk"):
            self.settle(remark, "MAINTAINED")
        if BalanceRemark.objects.filter(answer="CORRECTED", corrected_in=None).exists():
            self.send("Corrigé.")
        for party in PARTIES:
            self.sign_as(party)

    def sign_as(self, party: str) -> None:
        version = self.latest()
        if version is None:
            return
        organisation, by = self.organisation(party), self.world.people[PARTIES[party]]
        self.act(
            "sign_version",
            lambda: sign_version(version=version, organisation=organisation, by=by, now=self.now),
        )

    def organisation(self, party: str) -> object:
        return self.world.landlord.organisation if party == "landlord" else getattr(self.world, party)

    @invariant()
    def what_was_sent_never_changes(self) -> None:
        versions = list(BalanceVersion.objects.order_by("number"))
        assert [version.number for version in versions] == list(range(1, len(versions) + 1))
        for version in versions:
            assert self.kept.setdefault(version.pk, version.content) == version.content
            payload = json.loads(version.content)
            assert seal_of(payload) == version.seal
            assert (payload["version"], check_file(version.content.encode()).same) == (version.number, True)
            asked = set(version.dispatches.filter(signs=True).values_list("organisation", flat=True).order_by())
            signed = set(version.signatures.values_list("organisation", flat=True).order_by())
            assert signed <= asked
            assert (version.sealed_at is not None) is (signed == asked)
            if version.sealed_at is not None:
                made = version.remarks.filter(made_at__lte=version.sealed_at)
                assert not made.exclude(answered_at__lte=version.sealed_at).exists(), "sealed over a question"

    @invariant()
    def what_was_answered_holds(self) -> None:
        for remark in BalanceRemark.objects.select_related("holder__organisation", "version", "corrected_in"):
            payload = json.loads(remark.version.content)
            assert figure_at(payload, place_of(remark)) == remark.shown
            if remark.corrected_in is not None:
                assert remark.corrected_in.number > remark.version.number
                assert figure_at(json.loads(remark.corrected_in.content), place_of(remark)) != remark.shown


@pytest.mark.django_db
def test_any_sequence_of_acts_keeps_what_was_sent(world: World) -> None:
    world.vacancy(rooms=4)
    Reviews.world, Reviews.routing = world, given_back(world)
    Reviews.walked.clear()
    run_state_machine_as_test(
        Reviews,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert {state for _, _, state in Reviews.walked} >= {"SENT", "CONTESTED", "SEALED"}
