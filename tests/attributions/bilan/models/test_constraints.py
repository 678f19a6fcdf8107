"""The database says no, in French: each constraint of the balances broken on purpose, and each trigger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import DatabaseError, models, transaction

from attributions.bilan.models import (
    AnnualBalance,
    BalanceComment,
    BalanceCorrection,
    BalanceDispatch,
    BalanceDownload,
    BalanceRemark,
    BalanceSignature,
    BalanceTolerance,
    BalanceVersion,
)
from attributions.bilan.operations.sending import open_version, record_version_download
from reservations.refusals import Refusal, constraints_speak
from tests.attributions.bilan.balances import SENT, answer, contest, correct, lived, send, sign
from tests.world import World
from tests.world_again import done_once

pytestmark = pytest.mark.django_db

TABLES = (
    AnnualBalance,
    BalanceComment,
    BalanceCorrection,
    BalanceDispatch,
    BalanceRemark,
    BalanceSignature,
    BalanceTolerance,
    BalanceVersion,
)


class Reviewed:
    """A balance sent, contested, corrected, read, signed by the State and downloaded."""

    def __init__(self, world: World) -> None:
        self.world = world
        routing = lived(world)
        self.version = send(world)
        self.balance = self.version.balance
        self.remark = contest(world, self.version)
        correct(world, self.balance, routing, remark=self.remark)
        self.correction = BalanceCorrection.objects.get()
        self.dispatch = open_version(version=self.version, organisation=world.city, by=world.people["chloe"], now=SENT)
        [self.signature] = sign(world, self.version, "state")
        self.download = record_version_download(
            version=self.version, form=BalanceDownload.Form.JSON, member=world.member("chloe"), now=SENT
        )
        self.alice = world.people["alice"]

    def new_version(self, **given: object) -> BalanceVersion:
        row = {"balance": self.balance, "number": 2, "content": "{}", "seal": "0" * 64, "sent_at": SENT}
        return BalanceVersion(**row | {"sent_by": self.alice} | given)

    def new_dispatch(self, **given: object) -> BalanceDispatch:
        return BalanceDispatch(**{"version": self.version, "organisation": self.world.operator, "signs": False} | given)

    def new_remark(self, **given: object) -> BalanceRemark:
        row = {"version": self.version, "organisation": self.world.city, "line": "SUMMARY", "measure": "due"}
        return BalanceRemark(
            **row | {"shown": 1, "reason": "Non.", "made_at": SENT, "made_by": self.world.people["chloe"]} | given
        )

    def comment(self, **given: object) -> BalanceComment:
        row = {"balance": self.balance, "text": "Oui.", "written_at": SENT, "written_by": self.alice}
        return BalanceComment(**row | given)

    def tolerance(self) -> BalanceTolerance:
        region = self.world.places["Occitanie"]
        return BalanceTolerance(region=region, exercise=2026, until=date(2027, 3, 31), source="Lettre.")


@done_once
def reviewed(world: World) -> Reviewed:
    return Reviewed(world)


Break = Callable[[Reviewed], models.Model]


def twice(make: Break) -> Break:
    """The second of two alike."""

    def made(at: Reviewed) -> models.Model:
        make(at).save()
        return make(at)

    return made


BROKEN: list[tuple[Break, str]] = [
    (
        lambda at: AnnualBalance(
            landlord=at.world.landlord, departement=at.world.places["Aude"], exercise=at.balance.exercise
        ),
        "Le bilan de cette année existe déjà pour ce département.",
    ),
    (lambda at: at.new_version(number=1), "Cette version existe déjà. Rechargez la page."),
    (lambda at: at.new_version(number=0), "Les versions se comptent à partir de 1."),
    (lambda at: at.new_version(seal="G" * 64), "L’empreinte d’une version est un SHA-256 en hexadécimal."),
    (lambda at: at.new_dispatch(opened_at=SENT), "Une lecture porte sa date et la personne."),
    (lambda at: at.new_remark(reason=""), "Une remarque dit ce que vous contestez, et pourquoi."),
    (lambda at: at.new_remark(answer="MAINTAINED"), "Une réponse porte sa date, son auteur et une phrase."),
    (
        lambda at: at.new_remark(
            answer="MAINTAINED", answer_text="Si.", answered_at=SENT, answered_by=at.alice, corrected_in=at.version
        ),
        "Seule une remarque corrigée l’est dans une version.",
    ),
    (
        lambda at: BalanceSignature(
            version=at.version, organisation=at.world.state, signed_at=SENT, signed_by=at.alice
        ),
        "Cette version est déjà signée au nom de votre organisation.",
    ),
    (twice(lambda at: at.comment()), "Cette ligne a déjà un commentaire. Rechargez la page pour le modifier."),
    (
        lambda at: BalanceCorrection(
            balance=at.balance,
            vacancy=at.correction.vacancy,
            holder=at.correction.holder,
            entry=at.correction.vacancy.entries.order_by("pk")[0],
            made_at=SENT,
            made_by=at.alice,
        ),
        "Dites pourquoi cette ligne est corrigée : les réservataires le liront.",
    ),
    (twice(lambda at: at.tolerance()), "Une date est déjà tolérée dans cette région pour cet exercice."),
]


@pytest.mark.parametrize(("broken", "sentence"), BROKEN, ids=[sentence for _, sentence in BROKEN])
def test_each_constraint_speaks(world: World, broken: Break, sentence: str) -> None:
    at = reviewed(world)
    with pytest.raises(Refusal) as caught, constraints_speak(*TABLES):
        broken(at).save()
    assert str(caught.value) == sentence


def test_version_is_sent_to_an_organisation_once(world: World) -> None:
    at = reviewed(world)
    with pytest.raises(DatabaseError, match="balance_dispatch_once"), transaction.atomic():
        at.new_dispatch(organisation=world.city).save()


def test_what_was_sent_stated_and_signed_is_kept(world: World) -> None:
    at = reviewed(world)
    answer(world, at.remark, "MAINTAINED", text="Non.")
    for row, changed in (
        (at.version, {"content": "{}"}),
        (at.version, {"seal": "0" * 64}),
        (at.version, {"note": "Autre chose."}),
        (at.dispatch, {"signs": False}),
        (at.dispatch, {"opened_at": SENT}),
        (at.remark, {"shown": 9}),
        (at.remark, {"reason": "Autre chose."}),
        (at.remark, {"answer_text": "Autre chose."}),
        (at.signature, {"signed_at": SENT}),
        (at.correction, {"why": "Autre chose."}),
        (at.download, {"form": "PDF"}),
    ):
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(**changed)
    for row in (at.version, at.dispatch, at.remark, at.signature, at.correction, at.download):
        with pytest.raises(DatabaseError, match=r"Cannot .*delete"), transaction.atomic():
            type(row).objects.filter(pk=row.pk)._raw_delete("default")


def test_version_is_sealed_once(world: World) -> None:
    at = reviewed(world)
    BalanceVersion.objects.filter(pk=at.version.pk).update(sealed_at=SENT)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        BalanceVersion.objects.filter(pk=at.version.pk).update(sealed_at=None)
