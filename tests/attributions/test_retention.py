"""At term: what is erased, what is kept, and that the counts are the same before and after."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone

from attributions.bilan.queries.balance import balance
from attributions.households.models import (
    AccessRecord,
    AgendaItem,
    Application,
    ApplicationAlias,
    BallotLine,
    CaseDecision,
    Designation,
    Lease,
    Proposal,
    ProposalEnd,
)
from attributions.households.operations.application import add_alias
from attributions.households.operations.candidate_state import end
from attributions.households.operations.lease import sign_lease, undo_lease
from attributions.households.operations.needs import record_access
from attributions.households.operations.past_candidacies import close_application
from attributions.households.queries.applications import kept_until
from attributions.inbox.models import RowMark
from attributions.retention import pseudonymise_due, purge_access_log
from attributions.tasks import pseudonymise, purge_journal
from flux.models import FlowEntry
from flux.operations.outcomes import withdraw_outcome
from reservations.models import HistoryEntry, Imprint, LegalParameter
from reservations.operations.history import record
from tests.attributions.households.named import NAMES, SALT, TODAY, candidates, housed, household
from tests.attributions.households.rows import Case, accepted, send
from tests.attributions.households.rows import candidates as sent_together
from tests.attributions.households.sne_files import number
from tests.guards import unguarded
from tests.house.tree import ROOT
from tests.world import MORNING, World

#: In the place of a text that the tables ask for.
ERASED = "Texte effacé au terme de la conservation."
TERM = date(2027, 11, 24)
AFTER = MORNING + timedelta(days=366)
SAID = "Mme DELORME préfère attendre, écrit M. VASSEUR."


def close(world: World, application: Application, on: date = TODAY) -> Application:
    return close_application(application=application, cause="WAIVED", on=on, by=world.people["chloe"], now=MORNING)


def everything_stored() -> str:
    """Every row of every table of the three storeys, as the database writes it; their imprints, which name nobody, are
    held by tests/house/test_tampering.py."""
    written = []
    with connection.cursor() as cursor:
        for storey in ("attributions", "flux", "reservations"):
            for model in apps.get_app_config(storey).get_models(include_auto_created=True):
                if model is Imprint:
                    continue
                cursor.execute(f'SELECT t::text FROM "{model._meta.db_table}" t')  # noqa: S608
                written += [row for (row,) in cursor.fetchall()]
    return "\n".join(written)


def test_term_follows_the_figure_in_force_on_the_day_of_the_closure(world: World) -> None:
    application = household(world)
    assert kept_until(application) is None
    application = close(world, application)
    assert kept_until(application) == TERM
    LegalParameter.objects.filter(code="RETENTION_MONTHS").update(ends_on=date(2026, 12, 31))
    LegalParameter.objects.create(
        code="RETENTION_MONTHS", value=Decimal(60), starts_on=date(2027, 1, 1), source="référentiel"
    )
    assert kept_until(application) == kept_until(close(world, household(world, 4))) == TERM
    application.closed_on = date(2027, 1, 31)
    assert kept_until(application) == date(2032, 1, 31)
    application.closed_on = date(2019, 5, 5)  # before any figure: never kept for ever
    assert kept_until(application) == date(2020, 5, 5)


def test_identity_goes_the_day_after_the_last_one(world: World) -> None:
    application = household(world)
    add_alias(application=application, number=number(9), organisation=world.city, by=world.people["chloe"], now=MORNING)
    close(world, application)
    household(world, 2)  # open: no term, however old
    assert pseudonymise_due(now=AFTER - timedelta(days=1)) == 0
    assert pseudonymise_due(now=AFTER) == 1
    application.refresh_from_db()
    assert (application.number, application.name, application.birth_date, application.nationality) == ("", "", None, "")
    assert application.pseudonymised_on == date(2027, 11, 25)
    assert ApplicationAlias.objects.count() == 0
    assert (application.adults, application.income, application.income_quartile) == (None, None, None)
    assert (application.closure, application.requested_on) == ("WAIVED", None)
    assert pseudonymise_due(now=AFTER) == 0


def test_nothing_that_names_them_is_left_anywhere(world: World) -> None:
    made = housed(world, text=SAID)
    for each in made:
        close(world, each.application)
    numbers = [each.application.number for each in made]
    before = everything_stored()
    assert all(word in before for word in ("DELORME", "VASSEUR", SALT, *numbers))
    assert pseudonymise_due(now=AFTER) == 3
    after = everything_stored()
    assert [
        word for word in (*NAMES[:3], "DELORME", "VASSEUR", SAID, SALT, *numbers, "1984-05-12") if word in after
    ] == []
    assert set(CaseDecision.objects.exclude(corrects=None).values_list("why", flat=True)) == {ERASED}
    assert Lease.objects.exclude(cancelled_at=None).get().cancelled_why == ERASED
    histories = HistoryEntry.objects.filter(subject__in=["attributions.application", "attributions.proposal"])
    assert {(entry.why, str(entry.details)) for entry in histories} == {("", "{}")}


def test_texts_of_an_item_and_of_a_unit_go_too_and_what_is_counted_stays(world: World) -> None:
    """Why a case was postponed, why a lease and an allocation were undone: the stories of other rows than theirs."""
    proposal = accepted(world, Case("ALLOCATED"))[0]
    terms = {"by": world.people["aline"], "now": MORNING}
    lease = sign_lease(proposal=proposal, signed_on=TODAY, **terms)
    undo_lease(lease=lease, why=SAID, **terms)
    sign_lease(proposal=proposal, signed_on=TODAY, **terms)
    withdraw_outcome(vacancy=proposal.vacancy, why=SAID, by=terms["by"], today=TODAY)
    item = AgendaItem.objects.get()
    record(item, HistoryEntry.Act.EDITED, by=terms["by"], why=SAID, details={"postponed_at": [None, "2026"]})
    ended = end(candidates(world)[:1], "SIZE", by=terms["by"], now=MORNING, text=SAID)[0].proposal
    ProposalEnd.objects.undo([ended], at=MORNING)
    unit = HistoryEntry.objects.about(proposal.vacancy)
    record(proposal.vacancy, HistoryEntry.Act.EDITED, by=terms["by"], why="Loyer revu.")
    counted = list(unit.values_list("details", flat=True))
    pseudonymise_due(now=AFTER)
    assert "VASSEUR" in everything_stored()  # the other unit’s candidate is not at its term
    Application.objects.filter(closed_on=None).update(closed_on=TODAY, closure="WAIVED")
    Proposal.objects.filter(status__in=Proposal.LIVE).update(status="RELEASED")
    pseudonymise_due(now=AFTER)
    after = everything_stored()
    assert [word for word in ("DELORME", "VASSEUR", SAID) if word in after] == []
    assert list(unit.values_list("details", flat=True)) == counted
    assert unit.latest("pk").why == "Loyer revu."


def test_every_typed_text_of_the_storey_has_been_decided_on() -> None:
    """A new text column says in docs/personal-data.md what becomes of it at term."""
    text = (ROOT / "docs/personal-data.md").read_text(encoding="utf-8")
    columns = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("attributions").get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.TextField | models.JSONField)
    ]
    assert [name for name in columns if f"`{name}`" not in text] == []


def test_balance_account_and_what_objectives_count_are_the_same(world: World) -> None:
    made = housed(world, text=SAID)
    for each in made:
        close(world, each.application)

    def counted() -> list[object]:
        return [
            str(balance(world.landlord, TODAY.year)),
            list(FlowEntry.objects.order_by("pk").values()),
            list(Lease.objects.order_by("pk").values("income_quartile", "has_priority", "in_qpv", "persons", "holder")),
            list(ProposalEnd.objects.order_by("pk").values("reason", "side", "offered", "consumed", "restarts", "on")),
            list(BallotLine.objects.order_by("pk").values("kind", "reason")),
            list(Proposal.objects.order_by("pk").values("vacancy", "routing", "status", "since", "proposer")),
        ]

    before = counted()
    pseudonymise_due(now=AFTER)
    assert counted() == before


def test_text_typed_about_another_household_stays(world: World) -> None:
    first, second, third = housed(world, text=SAID)
    for each in (first, second):
        close(world, each.application)
    pseudonymise_due(now=AFTER)
    texts = dict(ProposalEnd.objects.values_list("proposal", "text"))
    assert texts == {second.pk: "", third.pk: SAID}
    third.application.refresh_from_db()
    assert third.application.name == NAMES[2]


def test_why_few_were_sent_stays_as_long_as_one_of_them_is_named(world: World) -> None:
    """CCH, R441-3: the exemption is stated of all the candidates of a designation, and two of them are in the
    running."""
    first, second, third = sent_together(world, send(world, "city"))
    with unguarded("attributions_designation.append_only"):
        Designation.objects.update(exemption="TOO_FEW", exemption_text="Peu de demandes.")

    def erased(*proposals: Proposal) -> str:
        for each in proposals:
            with transaction.atomic():
                end([Proposal.objects.get(pk=each.pk)], "WITHDREW", by=world.people["chloe"], now=MORNING)
            close(world, each.application)
        pseudonymise_due(now=AFTER)
        return Designation.objects.get().exemption_text

    assert erased(first) == "Peu de demandes."
    assert erased(second, third) == ""


def test_merged_request_waits_for_its_candidate(world: World) -> None:
    first, *_ = candidates(world)
    kept = household(world, 4, name=first.application.name, birth_date=first.application.birth_date)
    add_alias(
        application=kept,
        number=first.application.number,
        organisation=world.city,
        by=world.people["chloe"],
        now=MORNING,
    )
    first.application.refresh_from_db()
    assert first.application.closure == "MERGED"
    assert pseudonymise_due(now=AFTER) == 0
    Proposal.objects.filter(pk=first.pk).update(status="ENDED")
    assert pseudonymise_due(now=AFTER) == 1
    kept.refresh_from_db()
    assert kept.name == NAMES[0]


def test_erasure_opens_nothing_to_the_acts_after_it(world: World) -> None:
    made = housed(world, text=SAID)
    close(world, made[0].application)
    pseudonymise_due(now=AFTER)
    with pytest.raises(ProgrammingError), transaction.atomic():
        ProposalEnd.objects.update(text="réécrit")
    with pytest.raises(ProgrammingError), transaction.atomic():
        HistoryEntry.objects.update(why="réécrit")


def test_journal_is_kept_for_its_own_term(world: World) -> None:
    member = world.member("aline")
    about = {"member": member, "keeper": member.organisation, "what": "FILE", "subject": "logement RH-01-001"}
    for months_ago in (400, 366, 365, 1):
        record_access(**about, now=MORNING - timedelta(days=months_ago))
    with pytest.raises(ProgrammingError), transaction.atomic():
        AccessRecord.objects.all().delete()
    assert purge_access_log(now=MORNING) == 2
    assert purge_access_log(now=MORNING) == 0
    assert AccessRecord.objects.count() == 2
    LegalParameter.objects.filter(code="ACCESS_LOG_MONTHS").delete()
    assert purge_access_log(now=AFTER) == 0


def test_what_was_noted_of_rows_is_deleted_a_year_later(world: World) -> None:
    """RGPD, article 5, 1, e: whether or not the organisation notes anything more."""
    member = world.member("aline")
    for key, days in enumerate((0, 366, 367, 800)):
        RowMark.objects.create(
            organisation_id=member.organisation_id,
            kind="bail",
            key=key,
            taken_by=member.user,
            at=timezone.now() - timedelta(days=days) + timedelta(hours=1),
        )
    assert pseudonymise() == 2
    assert pseudonymise() == 0
    assert list(RowMark.objects.values_list("key", flat=True)) == [0, 1]


def test_tasks_of_the_night(world: World, settings: object) -> None:
    assert (pseudonymise(), purge_journal()) == (0, 0)
    names = {each["task"] for each in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {"attributions.pseudonymise_due", "attributions.purge_access_log"} <= names
