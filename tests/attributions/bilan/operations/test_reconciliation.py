"""Comparing files with the ledger: each finding on a real file, who reads it, and that nothing else moves."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.utils import ProgrammingError

from attributions.bilan.imports.reconciliation import LANDLORD, SYPLO_COLUMNS, read_compared
from attributions.bilan.models import Reconciliation, ReconciliationLine
from attributions.bilan.operations.reconciliation import ReconciliationRefused
from attributions.bilan.queries.reconciliation import reconciled
from attributions.bilan.reconciliation import Finding, Source, what_to_do
from attributions.households.models import AccessRecord, Application, ApplicationAlias, Lease
from attributions.retention import forget_reconciled_numbers, pseudonymise_due
from attributions.tasks import pseudonymise
from flux.models import FlowEntry
from flux.operations.outcomes import record_allocation
from reservations.models import LegalParameter
from reservations.operations.party import register_organisation
from reservations.operations.person import grant_membership
from reservations.refusals import Refusal, constraints_speak
from tests.attributions.bilan.reconciliations import (
    compared,
    let,
    many_leases,
    outcomes_of,
    sne_file,
    sne_row,
    syplo_file,
    syplo_row,
)
from tests.attributions.test_retention import everything_stored
from tests.flux.operations.test_returning import send
from tests.world import MORNING, World, siren

TODAY = MORNING.date()
STRANGER, ALIAS = "0999000000000AAA09", "011000000000000999"


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


def also_known(world: World, application: Application) -> None:
    """A second number of the same request."""
    ApplicationAlias.objects.create(application=application, number=ALIAS, recorded_by=world.people["chloe"])


def points(world: World, source: Source, *rows: dict[str, object], **given: Any) -> list[tuple[str, str, str]]:
    content = (sne_file if source == Source.SNE else syplo_file)(*rows)
    return outcomes_of(compared(world, source, content, **given))


# --- the SNE ---


def test_clean_file_of_the_sne_leaves_nothing_to_settle(world: World) -> None:
    leases = [let(world, holder, days=n) for n, holder in enumerate(("city", "als", "priority", "agents", "landlord"))]
    for write in ("csv", "xlsx"):
        kept = compared(world, Source.SNE, sne_file(*map(sne_row, leases), write=write))
        assert (outcomes_of(kept), kept.counts["MATCHED"], kept.rows) == ([], 5, 5)


def test_each_finding_of_the_sne_has_its_owner(world: World) -> None:
    right, contingent, dated, doubled, alone, moved = (let(world, days=n) for n in range(6))
    state = let(world, "priority", days=7)
    unit = {lease: lease.vacancy.unit.reference for lease in (contingent, dated, alone, moved, state)}
    kept = compared(
        world,
        Source.SNE,
        sne_file(
            sne_row(right),
            sne_row(contingent, holder="Action Logement"),
            sne_row(dated, closed="01/02/2026"),
            sne_row(doubled),
            sne_row(doubled),
            sne_row(moved, commune="11106"),
            sne_row(state, holder="Collectivités"),
            sne_row(right, number=STRANGER, unit="112620009999", closed="03/03/2026"),
            sne_row(right, number="0999000000000AAA08", closed="03/03/2025"),
        ),
    )
    assert outcomes_of(kept) == [
        ("NOT_OURS", "112620009999", "le bailleur"),
        ("NOT_THEIRS", unit[alone], "le bailleur"),
        ("CONTINGENT", unit[contingent], "Ville de Narbonne"),
        ("CONTINGENT", unit[state], "Préfecture de l’Aude"),
        ("UNIT", unit[moved], "le bailleur"),
        ("DATE", unit[dated], "le bailleur"),
        ("DUPLICATE", f"1126200000{doubled.pk}", "le guichet du SNE"),
    ]
    counts = {code: n for code, n in kept.counts.items() if n}
    assert counts == {
        "MATCHED": 2,
        "NOT_OURS": 1,
        "NOT_THEIRS": 1,
        "CONTINGENT": 2,
        "UNIT": 1,
        "DATE": 1,
        "DUPLICATE": 1,
        "OUTSIDE": 1,
    }
    assert kept.rows == counts["MATCHED"] + 7  # every finding but NOT_THEIRS is a row of the file


def test_household_is_known_by_all_its_numbers(world: World) -> None:
    lease, merged = let(world), let(world, days=1)
    assert lease.proposal is not None
    assert merged.proposal is not None
    also_known(world, lease.proposal.application)
    kept = Application.objects.create(number="011000000000000777")
    old = merged.proposal.application
    old.merged_into, old.closed_on, old.closure = kept, TODAY, "MERGED"
    old.save()
    rows = [sne_row(lease, number=ALIAS), sne_row(merged, number="011000000000000777")]
    assert points(world, Source.SNE, *rows) == []
    doubled = points(world, Source.SNE, *rows, sne_row(lease))
    assert [(finding, owner) for finding, _, owner in doubled] == [("DUPLICATE", "le guichet du SNE")]


def test_unit_pairs_what_has_no_number_and_says_when_numbers_differ(world: World) -> None:
    outside, other = let(world, known=False), let(world, days=1)
    reference = other.vacancy.unit.reference
    rows = [
        sne_row(outside, reference=outside.vacancy.unit.reference),
        sne_row(other, number=STRANGER, reference=reference),
    ]
    assert points(world, Source.SNE, *rows) == [("NUMBER", reference, "Ville de Narbonne")]


def test_the_rpls_identifier_pairs_units_and_the_reference_does_too(world: World) -> None:
    """The export of the SNE names a unit by « Numéro RPLS du logement attribué »: known now, it pairs what no number
    does, with or without the zero that a spreadsheet eats."""
    first = let(world, known=False, rpls_id="0112620001")
    second = let(world, days=3, known=False, rpls_id="1126200002", reference="B-02")
    rows = [sne_row(first, unit="112620001"), sne_row(second, unit="AUTRE", reference="b-02")]
    assert points(world, Source.SNE, *rows) == []


def test_without_number_nor_unit_nothing_is_guessed(world: World) -> None:
    lease = let(world, known=False)
    found = points(world, Source.SNE, sne_row(lease))
    assert [finding for finding, _, _ in found] == ["NOT_OURS", "NOT_THEIRS"]


def test_lease_that_is_only_there_is_reported_and_allocation_waits(world: World) -> None:
    routing = send(world, "city")
    record_allocation(vacancy=routing.vacancy, on=TODAY, by=world.people["aline"], today=TODAY)
    assert points(world, Source.SNE, sne_row(let(world))) == []
    lease = let(world, days=1)
    row = sne_row(lease, number=STRANGER, reference=routing.vacancy.unit.reference, closed=f"{TODAY:%d/%m/%Y}")
    kept = compared(world, Source.SNE, sne_file(row))
    late = kept.lines.get(finding="DATE")
    assert (late.unit_reference, late.our_day, late.owner) == (routing.vacancy.unit.reference, None, "LANDLORD")
    assert "pas encore ici : enregistrez-le" in late.todo


def test_undone_lease_and_cancelled_vacancy_are_not_ours(world: World) -> None:
    undone, cancelled, of_zoe = let(world), let(world, days=1), let(world, landlord=world.other_landlord)
    by = {"cancelled_at": MORNING, "cancelled_by": world.people["aline"]}
    Lease.objects.filter(pk=undone.pk).update(**by, cancelled_why="Erreur.")
    type(cancelled.vacancy).objects.filter(pk=cancelled.vacancy_id).update(
        **by, cancellation="ENTERED_BY_MISTAKE", cancellation_text="Erreur."
    )
    found = points(world, Source.SNE, *map(sne_row, (undone, cancelled, of_zoe)))
    assert [finding for finding, _, _ in found] == ["NOT_OURS"] * 3


# --- SYPLO ---


def test_syplo_is_compared_with_the_states_contingents_only(world: World) -> None:
    priority, agents, city = let(world, "priority"), let(world, "agents", days=1), let(world, days=2)
    entries(world, "priority")
    assert points(world, Source.SYPLO, syplo_row(priority), syplo_row(agents)) == []
    prefecture, unit = world.state.name, city.vacancy.unit.reference
    swapped = points(world, Source.SYPLO, syplo_row(priority, contingent="agents"), syplo_row(city))
    assert swapped == [
        ("NOT_THEIRS", agents.vacancy.unit.reference, prefecture),
        *sorted([("CONTINGENT", priority.vacancy.unit.reference, prefecture), ("CONTINGENT", unit, prefecture)]),
    ]


def entries(world: World, holder: str) -> None:
    """Something in the account of the State, by which its service is one that this landlord serves."""
    send(world, holder)
    assert FlowEntry.objects.filter(holder=world.holders[holder]).exists()


def test_proposals_that_came_to_nothing_and_other_landlords_are_outside(world: World) -> None:
    entries(world, "priority")
    lease = let(world, "priority")
    rows = [
        syplo_row(lease) | {LANDLORD: world.landlord.organisation.siren},
        syplo_row(lease, outcome="refusé", leased="") | {LANDLORD: ""},
        syplo_row(lease, number=STRANGER) | {LANDLORD: "999000011"},
    ]
    content = syplo_file(*rows, columns=(*SYPLO_COLUMNS, LANDLORD))
    kept = compared(world, Source.SYPLO, content)
    assert (outcomes_of(kept), kept.counts["MATCHED"], kept.counts["OUTSIDE"]) == ([], 1, 2)


def test_allocation_of_syplo_meets_ours_and_its_lease_is_awaited(world: World) -> None:
    routing = send(world, "priority")
    record_allocation(vacancy=routing.vacancy, on=TODAY, by=world.people["aline"], today=TODAY)
    lease = let(world, "agents")
    unit = routing.vacancy.unit.reference
    allocated = syplo_row(lease, number="", unit=unit, contingent="prioritaires", outcome="attribué", leased="")
    assert points(world, Source.SYPLO, syplo_row(lease), allocated) == []
    leased = allocated | {"Issue": "bail signé", "Date du bail": f"{TODAY:%d/%m/%Y}"}
    assert points(world, Source.SYPLO, syplo_row(lease), leased) == [("DATE", unit, "le bailleur")]
    behind = syplo_row(lease, outcome="attribué", leased="")
    assert points(world, Source.SYPLO, behind, allocated) == [
        ("DATE", lease.vacancy.unit.reference, "Préfecture de l’Aude")
    ]


def test_state_never_reads_the_reference_of_another_holders_unit(world: World) -> None:
    entries(world, "priority")
    lease = let(world)
    assert points(world, Source.SYPLO, syplo_row(lease, unit=""), who="bob") == [
        ("CONTINGENT", "", "Préfecture de l’Aude")
    ]


def test_syplo_states_neither_the_holder_nor_the_day_of_a_letting_of_another(world: World) -> None:
    """The State uploads any number: what it meets would state it who let to that household, and when."""
    entries(world, "priority")
    lease, of_state = let(world, days=3), let(world, "agents", days=5)
    rows = [syplo_row(lease, leased=f"{TODAY:%d/%m/%Y}"), syplo_row(of_state, contingent="prioritaires")]
    for who in ("bob", "aline"):
        kept = compared(world, Source.SYPLO, syplo_file(*rows), who=who)
        other, own = kept.lines.select_related("our_holder", "reconciliation").order_by("unit_reference", "-line")
        if other.vacancy_id != lease.vacancy_id:
            other, own = own, other
        assert (other.finding, other.our_holder, other.our_day, other.is_elsewhere) == ("CONTINGENT", None, None, True)
        assert "le compte l’oriente vers un autre" in other.todo
        assert "Narbonne" not in other.todo
        assert (own.our_holder, own.our_day) == (of_state.holder, of_state.signed_on)
    days = {"their_day": TODAY, "our_day": None}
    text = what_to_do(Finding.DATE, Source.SYPLO, theirs="", ours="", elsewhere=True, **days)
    assert "un autre jour ici" in text


def test_whose_syplo_it_is_must_be_known(world: World) -> None:
    lease = let(world, "priority")
    row = syplo_file(syplo_row(lease))
    with pytest.raises(ReconciliationRefused, match="Aucun contingent de l’État") as refused:
        compared(world, Source.SYPLO, row)
    assert refused.value.field == "source"
    assert not Reconciliation.objects.exists()
    entries(world, "priority")
    assert compared(world, Source.SYPLO, row).state == world.state


# --- what it writes, and what it does not ---


def test_nothing_but_the_result_and_the_journal_is_written(world: World) -> None:
    leases = [let(world, days=n) for n in range(3)]
    before = set(everything_stored().splitlines())
    kept = compared(world, Source.SNE, sne_file(sne_row(leases[0]), sne_row(leases[1], number=STRANGER)))
    written = set(everything_stored().splitlines()) - before
    assert before <= set(everything_stored().splitlines())
    assert len(written) == 2 + kept.lines.count()  # the comparison, its access, its points
    record = AccessRecord.objects.get(what="COMPARE")
    assert (record.subject, record.files, record.downloaded) == ("export du SNE comparé au compte de 2026", 2, False)


def test_only_the_landlord_and_the_state_of_syplo_compare(world: World) -> None:
    entries(world, "priority")
    lease = let(world, "priority")
    sne, syplo = sne_file(sne_row(lease)), syplo_file(syplo_row(lease))
    with pytest.raises(ReconciliationRefused, match="Choisissez un bailleur"):
        compared(world, Source.SNE, sne, who="zoe")
    with pytest.raises(ReconciliationRefused, match="se compare chez le bailleur"):
        compared(world, Source.SNE, sne, who="bob")
    kept = compared(world, Source.SYPLO, syplo, who="bob")
    mine = compared(world, Source.SNE, sne)
    beside = register_organisation(
        siren=siren(21), name="Préfecture de l’Hérault", article="la", kind="STATE", territory=world.places["Hérault"]
    )
    grant_membership(user=world.people["driss"], organisation=beside, role="STATE_OFFICER")
    reads = {
        who: [pk for pk in (kept.pk, mine.pk) if Reconciliation.objects.visible_to(world.member(who)).filter(pk=pk)]
        for who in ("alice", "aline", "bob", "chloe", "driss", "emma", "adam", "zoe")
    }
    both, none = [kept.pk, mine.pk], list[int]()
    assert reads == {
        "alice": both,
        "aline": both,
        "bob": [kept.pk],
        "chloe": none,
        "driss": none,  # of another service of the State
        "emma": none,
        "adam": none,
        "zoe": none,
    }


def test_tables_never_change(world: World) -> None:
    kept = compared(world, Source.SNE, sne_file(sne_row(let(world), number=STRANGER)))
    for change in (
        lambda: Reconciliation.objects.filter(pk=kept.pk).update(exercise=2025),
        lambda: ReconciliationLine.objects.filter(reconciliation=kept).update(number=""),
        lambda: ReconciliationLine.objects.filter(reconciliation=kept).delete(),
    ):
        with pytest.raises(ProgrammingError, match=r"Cannot (update|delete)"), transaction.atomic():
            change()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"owner": "HOLDER"}, "Un réservataire ou un service de l’État qui règle un point est nommé."),
        ({"number": STRANGER}, "Un numéro unique se garde jusqu’à un jour dit."),
    ],
)
def test_what_the_database_refuses_of_a_line(world: World, given: dict[str, object], expected: str) -> None:
    kept = compared(world, Source.SNE, sne_file(sne_row(let(world))))
    with pytest.raises(Refusal) as refused, constraints_speak(ReconciliationLine):
        ReconciliationLine.objects.create(**({"reconciliation": kept, "finding": "DATE", "owner": "LANDLORD"} | given))
    assert str(refused.value) == expected


def test_what_the_database_refuses_of_a_comparison(world: World) -> None:
    about = {"landlord": world.landlord, "exercise": 2026, "file_name": "f", "digest": "0" * 64, "rows": 0}
    with pytest.raises(Refusal) as refused, constraints_speak(Reconciliation):
        Reconciliation.objects.create(**about, source="SYPLO", counts={}, at=MORNING, by=world.people["aline"])
    assert str(refused.value) == "Un extrait de SYPLO est celui d’un service de l’État, et lui seul."


# --- retention ---


def test_number_goes_a_year_after_the_lease_and_the_point_stays(world: World, time_machine: Any) -> None:
    kept = compared(world, Source.SNE, sne_file(sne_row(let(world), number=STRANGER, closed="03/03/2026")))
    line = kept.lines.get(finding="NOT_OURS")
    assert (line.number, line.forget_on, line.ending) == (STRANGER, date(2027, 3, 3), "AA 09")
    assert forget_reconciled_numbers(now=MORNING.replace(year=2027, month=3, day=3)) == 0
    time_machine.move_to(MORNING.replace(year=2027, month=3, day=4))
    assert pseudonymise() == 1
    assert STRANGER not in everything_stored()
    line.refresh_from_db()
    assert (line.finding, line.ending, line.their_day) == ("NOT_OURS", "", date(2026, 3, 3))


def test_number_whose_term_is_over_is_never_kept(world: World) -> None:
    content = sne_file(sne_row(let(world), number=STRANGER, closed="03/03/2025"))
    line = compared(world, Source.SNE, content, year=2025).lines.get()
    assert (line.number, line.forget_on) == ("", None)
    LegalParameter.objects.filter(code="RETENTION_MONTHS").delete()
    content = sne_file(sne_row(let(world), number=STRANGER, closed="03/03/2026"))
    assert not compared(world, Source.SNE, content).lines.exclude(number="").exists()


def test_number_goes_with_its_request(world: World) -> None:
    lease = let(world)
    assert lease.proposal is not None
    application = lease.proposal.application
    also_known(world, application)
    compared(world, Source.SNE, sne_file(sne_row(lease, number=ALIAS, holder="Bailleur")))
    assert ReconciliationLine.objects.exclude(number="").count() == 1
    Application.objects.filter(pk=application.pk).update(closed_on=date(2025, 1, 2), closure="LEASE", number="0119")
    type(lease.proposal).objects.filter(pk=lease.proposal.pk).update(status="HOUSED")
    assert pseudonymise_due(now=MORNING) == 1
    assert not ReconciliationLine.objects.exclude(number="").exists()


# --- the command ---


def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, **given: Any) -> str:
    path = tmp_path / "fichier.csv"
    path.write_bytes(content)
    call_command("reconcile", **({"landlord": "999000003", "year": 2026, "source": "sne", "input": path} | given))
    return capsys.readouterr().out


def test_command_states_units_and_no_number(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lease, alone = let(world), let(world, days=1)
    content = sne_file(sne_row(lease, holder="Employeurs"))
    written = everything_stored()
    told_json = json.loads(run(tmp_path, capsys, content, json=True))
    assert told_json["counts"] == {
        **dict.fromkeys(told_json["counts"], 0),
        "NOT_THEIRS": 1,
        "CONTINGENT": 1,
    }
    assert told_json["points"] == [
        {
            "finding": "NOT_THEIRS",
            "owner": "LANDLORD",
            "organisation": None,
            "unit": str(alone.vacancy.unit),
            "line": None,
        },
        {
            "finding": "CONTINGENT",
            "owner": "HOLDER",
            "organisation": world.city.siren,
            "unit": str(lease.vacancy.unit),
            "line": 9,
        },
    ]
    text = run(tmp_path, capsys, content)
    assert "contingent différent" in text
    assert "à régler par la Ville de Narbonne" in text
    for each in (lease, alone):
        assert each.proposal is not None
        assert each.proposal.application.number not in text + json.dumps(told_json)
    assert everything_stored() == written


def test_command_refuses_with_a_sentence(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for content, given, each in (
        (b"", {}, "vide"),
        (b"x", {"landlord": "999000000"}, "SIREN"),
        (b"x", {"source": "syplo"}, "Aucun contingent de l’État"),
        (b"x", {"source": "syplo", "state": "999000003"}, "Aucun service de l’État"),
    ):
        with pytest.raises(SystemExit) as left:
            run(tmp_path, capsys, content, json=True, **given)
        assert left.value.code == 1
        assert each in json.loads(capsys.readouterr().out)["error"]
    with pytest.raises(CommandError):
        call_command("reconcile", "--landlord", "999000003", "--year", "2026", "--source", "sne", "--input", "rien.csv")


# --- large ---


def test_five_thousand_rows_cost_as_many_queries_as_fifty(world: World, django_assert_num_queries: Any) -> None:
    """A real file of five thousand lines; as many lettings of ours, known and unknown, in the second comparison."""
    routing = send(world, "city")
    record_allocation(vacancy=routing.vacancy, on=TODAY, by=world.people["aline"], today=TODAY)
    leases = many_leases(world, 50)
    rows = [sne_row(lease, number=f"022{n:015d}") for n, lease in enumerate(leases)]
    rows.append(sne_row(let(world)))
    few = counted_reads(world, rows, django_assert_num_queries)
    assert (few["MATCHED"], few["NOT_OURS"], few["NOT_THEIRS"]) == (1, 50, 50)
    others = many_leases(world, 400, start=100)
    rows += [sne_row(lease, number=f"033{n:015d}") for n, lease in enumerate((others * 13)[:4949])]
    many = counted_reads(world, rows, django_assert_num_queries)
    assert (many["MATCHED"], many["NOT_OURS"], many["NOT_THEIRS"]) == (1, 4999, 450)
    for some in (rows[:10], rows):
        with django_assert_num_queries(17):
            kept = compared(world, Source.SNE, sne_file(*some))
    assert kept.lines.count() == 5449


def counted_reads(world: World, rows: list[dict[str, object]], count: Any) -> dict[str, int]:
    """Seven reads: the leases, the allocations, their holders and candidates, the numbers and others, the stock."""
    read = read_compared(Source.SNE, sne_file(*rows), today=TODAY)
    with count(7):
        return reconciled(read, landlord=world.landlord, year=2026, source=Source.SNE).counts
