"""Candidates by the one door for files: prepared by whoever proposes them, each fault on its line, no name kept."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from attributions.households.imports.candidates import Candidates
from attributions.households.models import AccessRecord, Designation, Proposal
from attributions.households.operations.calls import cancel_followed
from attributions.households.operations.proposal import remove_proposal
from attributions.households.queries.minimum import Why, count_of, obstacle
from attributions.notices.models import Notice
from reservations.imports.door import run
from reservations.imports.kinds import kind_of
from reservations.imports.writing import write
from reservations.models import FileImport, ImportedLine, User
from reservations.operations.service_notice import remember_nickname
from reservations.takeaway import leaving_kinds
from tests.attributions.households.candidates import agree, excluded, number, routed
from tests.attributions.households.rows import Case, accepted
from tests.flux.views.pages import text_of
from tests.reservations.imports.leaving import file_of
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, written
from tests.reservations.imports.test_whole_groups import confirmed
from tests.world import MORNING, World

KIND = Candidates.code
HEAD = "Référence;NUD;Nom;Date de naissance;Adultes;Enfants;RFR;DALO;Pour;SIREN du bailleur"


def line(reference: str, rank: int, name: str = "Durand Amina", **given: str) -> str:
    values = {"born": "12/03/1984", "adults": "2", "children": "1", "income": "18000", "dalo": "", "to": "", "by": ""}
    return ";".join((reference, number(rank), name, *(values | given).values()))


def test_a_holder_prepares_its_candidates_by_a_file_that_is_then_forgotten(world: World) -> None:
    one, two = routed(world).vacancy, routed(world).vacancy
    content = csv_of(
        HEAD,
        line(one.unit.reference, 1, dalo="oui", to="Mairie"),
        line(one.unit.reference, 2),
        line(two.unit.reference, 1, name=""),
        line(two.unit.reference, 3, born="", adults="", children="", income="", to="Ville de Narbonne"),
    )
    refused = given(world, KIND, content, person="chloe")
    assert faults(refused) == [
        (4, "nom", "cette demande n’est pas encore enregistrée chez vous : écrivez le nom du demandeur.")
    ]
    assert not Proposal.objects.exists()
    first = csv_of(HEAD, *content.decode("utf-8-sig").split("\r\n")[1:3])
    order = written(world, KIND, first, person="chloe")
    assert counts(given(world, KIND, content, person="chloe")) == (2, 0, 2, 0)
    written(world, KIND, content, person="chloe")
    found = Proposal.objects.order_by("pk").values_list("vacancy", "application__number", "status", "proposer")
    assert list(found) == [
        (vacancy.pk, number(rank), "DRAFT", world.city.pk) for vacancy, rank in ((one, 1), (one, 2), (two, 1), (two, 3))
    ]
    assert Proposal.objects.earliest("pk").has_priority is True
    order.refresh_from_db()
    assert (order.state, order.parts.exists()) == (FileImport.State.DONE, False)
    kept = ImportedLine.objects.filter(file_import__state=FileImport.State.DONE)
    assert not kept.exclude(verdict="REFUSED", cells=[], key="").exists()
    records = AccessRecord.objects.filter(what=AccessRecord.What.IMPORT).order_by("pk")
    assert list(records.values_list("organisation", "files")) == [(world.city.pk, 2), (world.city.pk, 2)]
    assert counts(given(world, KIND, content, person="chloe")) == (0, 0, 4, 0)


def test_why_a_line_was_refused_while_it_was_written_stays_and_names_nobody(world: World, sign_in: Any) -> None:
    """The notice of one unit is withdrawn meanwhile; the other candidate is written all the same."""
    one, two = routed(world).vacancy, routed(world).vacancy
    content = csv_of(HEAD, line(one.unit.reference, 1), line(two.unit.reference, 2, name="Petit Jean"))
    order = confirmed(world, given(world, KIND, content, person="chloe"), person="chloe")
    cancel_followed(
        vacancy=one, reason="NOTICE_WITHDRAWN", text="Le locataire reste.", by=world.people["aline"], now=MORNING
    )
    order = run(order)
    assert (order.state, counts(order)) == ("DONE", (1, 0, 0, 1))
    [kept] = ImportedLine.objects.filter(file_import=order)
    assert (kept.line, kept.cells, kept.key, kept.target, order.parts.exists()) == (2, [], "", None, False)
    [[column, value, sentence, _]] = kept.remarks
    assert (column, value) == ("logement", "")
    client = sign_in("chloe")
    page = text_of(client.get(reverse("file-import", args=[order.pk])))
    assert sentence[1:] in page
    assert "Le numéro est celui du fichier, qui est effacé" in page
    assert not any(each in page for each in ("Durand", number(1), "12/03/1984", "Télécharger", "« »", "vide"))
    assert client.get(reverse("file-import-refused", args=[order.pk])).status_code == 404


def test_a_reason_is_kept_without_what_its_cells_say_of_a_household(world: World) -> None:
    order = given(world, KIND, csv_of(HEAD, line("NULLE-PART", 1), line("NULLE-PART", 2)), person="chloe")
    ImportedLine.objects.filter(file_import=order, line=2).update(
        remarks=[["nom", "Durand Amina", f"DURAND AMINA ({number(1)}) est née le 12/03/1984 : voyez sa demande.", True]]
    )
    FileImport.objects.filter(pk=order.pk).update(state="WRITING")
    write(FileImport.objects.get(pk=order.pk))
    remarks = ImportedLine.objects.filter(file_import=order).order_by("line").values_list("remarks", flat=True)
    assert remarks[0] == [["nom", "", "… (…) est née le … : voyez sa demande.", True]]
    assert remarks[1][0][:2] == ["logement", ""]


def test_each_wrong_candidate_is_named_by_line_and_column(world: World) -> None:
    city, own = routed(world).vacancy, excluded(world)
    here = city.unit.reference
    content = csv_of(
        HEAD,
        line("NULLE-PART", 1),
        line(here, 2).replace(number(2), "12"),
        line(here, 3, to="Préfecture"),
        line(own.unit.reference, 4),
        line(here, 5, income="-4"),
        line(here, 6, born="01/01/2020"),
        line(here, 7, by="999000011"),
        line(here, 8),
        line(here, 8),
    )
    result = faults(given(world, KIND, content, person="chloe"))
    assert [(at, column) for at, column, _ in result] == [
        (2, "logement"),
        (3, "numéro unique"),
        (4, "réservataire"),
        (5, "logement"),
        (6, "RFR"),
        (7, "né le"),
        (8, "logement"),
        (10, "logement"),
    ]
    landlord = given(world, KIND, csv_of(HEAD, line(here, 1), line(own.unit.reference, 2)), person="aline")
    [(at, column, sentence)] = faults(landlord)
    assert (at, column, landlord.new) == (2, "logement", 1)
    assert "agit ici et propose ses candidats" in sentence


def test_an_extract_of_syplo_is_read_as_it_is(world: World) -> None:
    """Its columns are those that are compared with the ledger (docs/reconciliation.md), and the names of newcomers."""
    vacancy = routed(world, "priority").vacancy
    head = "Numéro unique;Référence du logement;Commune (INSEE);Contingent;Date de proposition;Date du bail;Issue;Nom"
    row = f"{number(9)};{vacancy.unit.reference};11262;prioritaires;24/11/2026;;proposé;Durand Amina"
    written(world, KIND, csv_of(head, row), person="bob")
    assert Proposal.objects.get().proposer == world.state
    wrong = given(world, KIND, csv_of(head, row.replace("prioritaires", "agents")), person="bob")
    assert [(at, column) for at, column, _ in faults(wrong)] == [(2, "réservataire")]


def test_a_landlord_types_what_a_holder_handed_on_paper_and_only_when_nobody_acts_for_it(
    world: World, time_machine: Any
) -> None:
    """Proposing is the holder's right (CCH, R441-5). Its candidates stay its own, sent as of the day they were
    received; it is notified who typed them; and whoever acts here proposes itself."""
    time_machine.move_to(MORNING)
    routing = routed(world)
    vacancy, handed = routing.vacancy, f"{MORNING:%d/%m/%Y}"
    head = f"{HEAD};Reçu sur papier le;Pourquoi moins de candidats"

    def typed(rank: int, to: str = "Mairie", on: str = handed, few: str = "", **text: str) -> str:
        return f"{line(vacancy.unit.reference, rank, to=to, **text)};{on};{few}"

    [(_, column, sentence)] = faults(given(world, KIND, csv_of(head, typed(1)), person="aline"))
    assert (column, sentence) == (
        "logement",
        "Ville de Narbonne agit ici et propose ses candidats : ce n’est pas au bailleur de les saisir. Demandez-lui de "
        "les enregistrer.",
    )
    User.objects.filter(memberships__organisation=world.city).update(is_active=False)
    wrong = csv_of(
        head,
        typed(1, on=""),
        typed(2, to="Mme Durand"),
        typed(3, to="Préfecture"),
        typed(4, born="12/03/2020"),
        typed(5, born=""),
    )
    order = given(world, KIND, wrong, person="alice")
    assert [(at, column) for at, column, _ in faults(order)] == [
        (2, "reçu sur papier le"),
        (3, "réservataire"),
        (4, "réservataire"),
        (5, "né le"),
        (6, "né le"),
    ]
    asked = ImportedLine.objects.filter(file_import=order, remarks__0__3="holder").values_list("line", flat=True)
    assert list(asked) == [3], "« Préfecture » is another holder, not a name to tell"
    remember_nickname(
        organisation=world.landlord.organisation,
        text="Mme Durand",
        holder=world.holders["city"],
        by=world.people["alice"],
    )
    few = faults(given(world, KIND, csv_of(head, typed(1), typed(2, to="Mme Durand")), person="aline"))
    assert {(at, column) for at, column, _ in few} == {
        (2, "pourquoi moins de candidats"),
        (3, "pourquoi moins de candidats"),
    }
    early = faults(given(world, KIND, csv_of(head, typed(1, on="02/01/2026", few="x")), person="aline"))
    assert [(at, column) for at, column, _ in early] == [(2, "reçu sur papier le")]

    content = csv_of(head, typed(1, few="Deux demandes seulement."), typed(2, to="Mme Durand"))
    written(world, KIND, content, person="aline")
    assert counts(given(world, KIND, content, person="aline")) == (0, 0, 2, 0)
    found = Proposal.objects.values_list("application__number", "status", "proposer", "created_by").order_by("pk")
    aline = world.people["aline"].pk
    assert list(found) == [(number(rank), "SENT", world.city.pk, aline) for rank in (1, 2)]
    designation = Designation.objects.get()
    assert (designation.sent_for, designation.sent_by_id, designation.exemption) == (world.city, aline, "TOO_FEW")
    routing.refresh_from_db()
    assert routing.answered_on == MORNING.date()
    row = Notice.objects.get(organisation=world.city, kind=Notice.Kind.SENT)
    assert (row.read_at, row.text) == (
        None,
        f"2 candidats, reçus sur papier le {handed} et saisis par le bailleur au nom de la Ville de Narbonne.",
    )


def test_a_landlord_whose_management_is_delegated_proposes_in_its_own_name(world: World) -> None:
    """The convention says so: nothing on paper is asked."""
    agree(world.conventions["city"], management="DELEGATED")
    vacancy = routed(world).vacancy
    written(world, KIND, csv_of(HEAD, line(vacancy.unit.reference, 1, to="Mairie")), person="aline")
    assert Proposal.objects.get().proposer == world.landlord.organisation


def test_candidates_in_the_running_leave_with_the_archive_and_come_back_prepared(world: World) -> None:
    """Of a holder, of the State for one of its contingents, of a landlord for what it lets itself."""
    units = [routed(world).vacancy, routed(world, "priority").vacancy, excluded(world)]
    people = ("chloe", "bob", "aline")
    for person, vacancy in zip(people, units, strict=True):
        written(world, KIND, csv_of(HEAD, line(vacancy.unit.reference, 1, dalo="oui")), person=person)
    files = {person: file_of(world, KIND, person) for person in people}
    assert {person: len(file.splitlines()) for person, file in files.items()} == dict.fromkeys(people, 2)
    assert kind_of(KIND) in leaving_kinds(world.member("chloe"))
    for person, file in files.items():
        assert counts(given(world, KIND, file, person=person)) == (0, 0, 1, 0)
    for each in Proposal.objects.order_by("pk"):
        remove_proposal(proposal=each, reason="RECORDED_BY_MISTAKE", by=each.created_by)
    for person, file in files.items():
        assert counts(written(world, KIND, file, person=person)) == (1, 0, 0, 0)
        assert file_of(world, KIND, person) == file
    live = Proposal.objects.live()
    assert set(live.values_list("status", "has_priority")) == {("DRAFT", True)}
    for vacancy in units:
        routing = vacancy.routings.filter(closed_at=None).first()
        found = obstacle(live.filter(vacancy=vacancy), count=count_of(vacancy, routing, on=MORNING.date()))
        assert found is not None
        assert found.why == Why.NONE_READY, "no agenda calls them before they are sent anew"
    before = AccessRecord.objects.count()
    kind_of(KIND).taken(world.member("chloe"), 1)
    assert AccessRecord.objects.count() == before + 1
    kept, *_ = accepted(world, Case())
    rows = [file_of(world, KIND, person).decode() for person in people]
    assert not any(kept.vacancy.unit.reference in each for each in rows), "decided of: past candidates"
