"""A unit is in what shares bear on or out of it, for a dated reason; out, its vacancies are recorded and not routed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from flux.models import OutsideFlow, StockAssignment, Unit, Vacancy
from flux.operations.routing import sweep_waiting_vacancies
from flux.operations.stock import OutsideRefused, end_outside_flow, keep_in_stock, set_outside_flow
from reservations.imports.door import confirm, digest_of, receive_file, run
from reservations.imports.kinds import kind_of
from reservations.models import FileImport, ImportedLine
from tests.flux.views.pages import messages_of, text_of
from tests.world import World

SignIn = Callable[[str], Client]


def day(days: int = 0) -> str:
    return f"{timezone.localdate() + timedelta(days=days):%d/%m/%Y}"


def page(unit: Unit) -> str:
    return reverse("unit-outside", args=[unit.pk])


@pytest.mark.parametrize(
    ("kind", "follows"),
    [("TECHNICAL", "Il n’entre dans aucun compte."), ("FIRST_LETTING", "Il n’est pas encore orienté.")],
)
def test_what_follows_is_never_a_routing_that_will_not_come(
    world: World, sign_in: SignIn, kind: str, follows: str
) -> None:
    """« Pas encore orienté » was stated of a unit that works keep empty, which nobody routes (CCH, R441-5)."""
    unit = world.unit()
    given = {"kind": kind, "notice_on": day(), "available_on": day(30)}
    answer = sign_in("aline").post(f"{reverse('vacancy-declare')}?unit={unit.pk}", given, follow=True)
    [stated] = messages_of(answer)
    assert stated.endswith(follows)


def test_a_vacancy_outside_is_recorded_counts_in_no_account_and_enters_again(world: World, sign_in: SignIn) -> None:
    """CCH, R441-5: the percentage bears on the lettable social stock; a résidence étudiante is not of it."""
    alice, unit, usual = sign_in("alice"), world.unit(), world.unit()
    given = {"reason": "STUDENT", "starts_on": day(-30), "source": "convention APL de la résidence"}
    assert "Choisissez un motif." in text_of(alice.post(page(unit), given | {"reason": ""}))
    assert "à plus d’un an" in text_of(alice.post(page(unit), given | {"starts_on": day(500)}))
    assert alice.post(page(unit), given).status_code == 302
    declaring = f"{reverse('vacancy-declare')}?unit={unit.pk}"
    assert "hors de l’assiette du flux : résidence universitaire" in text_of(alice.get(declaring))
    answer = alice.post(declaring, {"notice_on": day(), "available_on": day(30)}, follow=True)
    assert "Il n’entre dans aucun compte" in text_of(answer)
    vacancy = Vacancy.objects.get(unit=unit)
    assert (vacancy.kind, vacancy.ledger) == ("OUTSIDE", None)
    assert "Aucune part ne porte sur ce logement" in text_of(answer)
    sweep_waiting_vacancies()
    assert not vacancy.recommendations.exists()
    balance = reverse("balance", args=[world.landlord.pk, timezone.localdate().year])
    assert "Hors de l’assiette du flux −1" in text_of(alice.get(balance))
    text = text_of(alice.get(reverse("unit-detail", args=[unit.pk])))
    assert "Résidence universitaire ou étudiante" in text
    assert "Remettre dans l’assiette" in text
    ending = {"ends_on": day(-1), "why": "fin de l’agrément"}
    assert "ou annulez d’abord cette déclaration" in text_of(alice.post(page(unit), ending))
    assert "choisissez un jour après" in text_of(alice.post(page(unit), ending | {"ends_on": day(-60)}))
    assert alice.post(page(unit), ending | {"ends_on": day()}).status_code == 302
    assert "Mettre hors assiette" in text_of(alice.get(reverse("unit-detail", args=[unit.pk])))
    refused = alice.post(
        f"{reverse('vacancy-declare')}?unit={usual.pk}",
        {"kind": "OUTSIDE", "notice_on": day(), "available_on": day(30)},
    )
    assert "Choisissez l’un des classements proposés." in text_of(refused)


def test_what_was_declared_in_the_flow_is_declared_again_outside(world: World, sign_in: SignIn) -> None:
    alice, unit = sign_in("alice"), world.unit()
    vacancy = world.vacancy(unit=unit)
    today = timezone.localdate()
    set_outside_flow(
        unit=unit, reason="STAFF", starts_on=today, source="contrat", by=world.people["alice"], today=today
    )
    cancel = reverse("vacancy-cancel", args=[vacancy.pk])
    assert "Hors assiette du flux" in text_of(alice.get(cancel))
    typed = {"reason": "RECLASSIFIED", "kind": "OUTSIDE", "text": "C’est la loge du gardien."}
    assert alice.post(cancel, typed).status_code == 302
    assert Vacancy.objects.get(unit=unit).kind == "OUTSIDE"


def test_an_act_that_contradicts_another_is_refused_and_what_was_stated_stays(world: World) -> None:
    alice, today = world.people["alice"], timezone.localdate()
    kept, gone, out = world.unit(), world.unit(), world.unit()
    keep_in_stock(unit=kept, holder=world.holders["city"], ground="LAND", starts_on=today, by=alice)
    assert StockAssignment.objects.filter(unit=kept).exists()
    Unit.objects.filter(pk=gone.pk).update(left_on=today, left_why="DEMOLISHED")
    values = {"reason": "HOSTEL", "starts_on": today, "source": "agrément", "by": alice, "today": today}
    for unit, sentence in ((kept, "Mettez d’abord fin à ce droit"), (gone, "démoli")):
        with pytest.raises(OutsideRefused, match=sentence):
            set_outside_flow(unit=unit, **values)
    for wrong, sentence in (({"reason": "X"}, "motifs proposés"), ({"source": " "}, "Citez")):
        with pytest.raises(OutsideRefused, match=sentence):
            set_outside_flow(unit=out, **values | wrong)
    outside = set_outside_flow(unit=out, **values)
    with pytest.raises(OutsideRefused, match="Dites pourquoi"):
        end_outside_flow(outside=outside, ends_on=today, why="", by=alice)
    end_outside_flow(outside=outside, ends_on=today, why="fin", by=alice)
    with pytest.raises(OutsideRefused, match="déjà revenu"):
        end_outside_flow(outside=outside, ends_on=today, why="fin", by=alice)
    for statement in ("UPDATE {} SET reason = 'STAFF'", "UPDATE {} SET ends_on = NULL", "DELETE FROM {}"):
        with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format("flux_outsideflow"))


def test_a_file_says_them_and_goes_out_as_it_came_in(world: World, sign_in: SignIn) -> None:
    first, second, kept = world.unit(), world.unit(), world.unit()
    alice = world.people["alice"]
    keep_in_stock(unit=kept, holder=world.holders["city"], ground="LAND", starts_on=timezone.localdate(), by=alice)
    kind = kind_of("assiette")
    assert (kind.may(world.member("alice")), kind.may(world.member("aline"))) == (True, False)

    def give(*lines: str) -> FileImport:
        content = "\n".join(("logement;motif;depuis;jusqu’au;source", *lines)).encode()
        organisation = world.landlord.organisation
        return run(receive_file(organisation=organisation, kind=kind, name="a.csv", content=content, by=alice))

    order = give(
        f"{first.reference};Résidence sociale;01/01/2024;;convention",
        f"{second.reference};logement-foyer ou pension de famille;01/01/2023;31/12/2024;agrément",
        f"{kept.reference};résidence sociale;01/01/2024;;convention",
        f"{first.reference};résidence sociale;01/02/2024;01/01/2024;convention",
        "RH-99-999;résidence sociale;01/01/2024;;convention",
    )
    assert (order.new, order.refused) == (2, 3)
    refused = ImportedLine.objects.filter(file_import=order, verdict="REFUSED").order_by("line")
    assert [line.remarks[0][0] for line in refused] == [*("logement", "jusqu’au", "logement")]
    order = give(
        f"{first.reference};Résidence sociale;01/01/2024;;convention",
        f"{second.reference};logement-foyer ou pension de famille;01/01/2023;31/12/2024;agrément",
    )
    confirm(order=order, digest=digest_of(order), by=alice)
    assert run(order).state == FileImport.State.DONE, order.failure
    assert OutsideFlow.objects.count() == 2
    text = text_of(sign_in("alice").get(reverse("unit-detail", args=[second.pk])))
    assert "Dans l’assiette du flux Logement-foyer ou pension de famille, du 1er janvier 2023 au" in text
    rows = list(kind.recorded(world.member("alice")))
    again = give(*(";".join(line.values()) for line in rows), f"{first.reference};résidence sociale;01/06/2024;;bail")
    assert (again.same, again.new, again.refused) == (2, 0, 1)
