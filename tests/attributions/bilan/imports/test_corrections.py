"""Corrected lines of balances, by the one door for files: the act of the page, each fault on its line, and what
goes out comes in again as it was."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from attributions.bilan.imports.corrections import Corrections
from attributions.bilan.models import AnnualBalance, BalanceCorrection
from attributions.bilan.operations.lines import open_balance
from flux.models import FlowEntry, Routing
from flux.operations.cancellation import cancel_vacancy
from tests.attributions.bilan.balances import correct
from tests.attributions.bilan.balances import send as send_balance
from tests.flux.operations.test_returning import give_back, send
from tests.reservations.imports.leaving import file_of
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, written
from tests.world import MORNING, World

KIND = Corrections.code
HEAD = "logement;congé reçu le;réservataire;exercice;chiffre;du fait de;compte;pourquoi;corrigée le"
SAID = "pour de vrai"


def row(routing: Routing, *cells: str, text: str = SAID) -> str:
    notice, siren = f"{routing.vacancy.notice_on:%d/%m/%Y}", routing.holder.organisation.siren
    figure, side, counted, *made = cells
    return ";".join((routing.vacancy.unit.reference, notice, siren, "2026", figure, side, counted, text, *made))


def entries() -> list[tuple[str, str, int, date, date | None]]:
    rows = FlowEntry.objects.filter(correction__isnull=False).order_by("pk")
    return list(rows.values_list("stage", "side", "quantity", "on", "acted_on"))


def test_a_file_corrects_lines_by_the_act_of_the_page_and_the_same_file_changes_nothing(
    world: World, time_machine: Any
) -> None:
    """The draft of the year opens with its first correction; each entry has the day of the act that it corrects."""
    held, gone = send(world, "city"), send(world, "city")
    give_back(world, gone)
    send(world, "als", gone.vacancy)
    time_machine.move_to(MORNING + timedelta(days=9))
    content = csv_of(
        HEAD,
        row(held, "délai écoulé sans candidat", "", "oui"),
        row(held, "candidature non aboutie", "le demandeur", "oui", "26/11/2026 10:30:00"),
        row(held, "candidature non aboutie", "le demandeur", "oui", "26/11/2026 10:30:01"),
        row(gone, "proposé", "", "non"),
    )
    order = written(world, KIND, content, person="aline")
    assert counts(order) == (4, 0, 0, 0)
    assert AnnualBalance.objects.get().exercise == 2026
    on = MORNING.date()
    assert entries() == [
        ("LAPSED", "", 1, on, on),
        ("REFUSED", "APPLICANT", 1, on, on),
        ("REFUSED", "APPLICANT", 1, on, on),
        ("OFFERED", "", -1, on, on),
    ]
    assert {each.why for each in BalanceCorrection.objects.all()} == {SAID}
    assert counts(given(world, KIND, content, person="aline")) == (0, 0, 4, 0)
    other = given(world, KIND, csv_of(HEAD, row(gone, "proposé", "", "non", text="autre raison")), person="aline")
    assert (counts(other), other.warned) == ((0, 0, 1, 0), 1)
    assert counts(given(world, KIND, file_of(world, KIND))) == (0, 0, 4, 0)


def test_each_wrong_correction_is_named_by_line_and_column(world: World, time_machine: Any) -> None:
    """Nothing is written, not even the draft of the balance."""
    held, stock = send(world, "city"), world.vacancy(kind="TECHNICAL")
    time_machine.move_to(MORNING + timedelta(days=9))
    good = row(held, "délai écoulé sans candidat", "", "oui")
    content = csv_of(
        HEAD,
        good.replace(held.vacancy.unit.reference, stock.unit.reference),
        good.replace(";2026;", ";2025;"),
        row(held, "proposé", "", "non"),
        row(held, "proposé", "le demandeur", "oui"),
        row(held, "candidats désignés", "", "oui", "01/12/2027 10:00:00"),
        row(held, "candidats désignés", "", "oui", "hier"),
        row(held, "attribué", "", "oui"),
        good.replace(held.holder.organisation.siren, "Mme Durand"),
    )
    order = given(world, KIND, content, person="aline")
    assert [(at, column) for at, column, _ in faults(order)] == [
        (2, "congé reçu le"),
        (3, "logement"),
        (4, "logement"),
        (5, "du fait de"),
        (6, "corrigée le"),
        (7, "corrigée le"),
        (8, "chiffre"),
        (9, "réservataire"),
    ]
    assert not AnnualBalance.objects.exists()


def test_what_was_cancelled_or_waits_again_leaves_as_a_notice_without_its_corrections(world: World) -> None:
    kept, again, cancelled = (send(world, "city") for _ in range(3))
    balance = open_balance(world.landlord, kept.vacancy.ledger.departement, 2026)
    for routing in (kept, again, cancelled):
        correct(world, balance, routing, stage="LAPSED", quantity=1)
    give_back(world, again)
    cancel_vacancy(
        vacancy=cancelled.vacancy, reason="NOTICE_WITHDRAWN", text="Reste.", by=world.people["aline"], now=MORNING
    )
    assert BalanceCorrection.objects.count() == 3
    rows = file_of(world, KIND).decode("utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in rows[1:]] == [kept.vacancy.unit.reference]


def test_nobody_dates_a_correction_before_what_was_sent_nor_before_its_notice(world: World, time_machine: Any) -> None:
    """A correction of another tool keeps its moment; one made after a version was sent from here is of its own day."""
    held = send(world, "city")
    time_machine.move_to(MORNING + timedelta(days=9))
    early = row(held, "délai écoulé sans candidat", "", "oui", "23/11/2026 10:30:00")
    order = given(world, KIND, csv_of(HEAD, early), person="aline")
    assert [column for _, column, _ in faults(order)] == ["corrigée le"]
    assert "Le congé de ce logement est du 24/11/2026" in faults(order)[0][2]
    send_balance(world, now=MORNING + timedelta(days=5))
    before = row(held, "délai écoulé sans candidat", "", "oui", "26/11/2026 10:30:00")
    order = given(world, KIND, csv_of(HEAD, before), person="aline")
    assert "a été envoyé d’ici le 29/11/2026 sans cette correction" in faults(order)[0][2]
    assert not BalanceCorrection.objects.exists()
    since = row(held, "délai écoulé sans candidat", "", "oui", "30/11/2026 10:30:00")
    assert counts(written(world, KIND, csv_of(HEAD, since), person="aline")) == (1, 0, 0, 0)
