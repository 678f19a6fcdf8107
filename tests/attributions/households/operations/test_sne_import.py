"""Importing an export of the SNE: what is written, what is refused, that nothing is half written nor twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from attributions.households.imports.sne import BOUNDS
from attributions.households.models import AccessRecord, Application, ApplicationAlias, PriorityCategory
from attributions.households.operations import sne_import
from attributions.households.operations.application import add_alias
from attributions.households.operations.past_candidacies import close_application
from attributions.households.operations.sne_import import (
    ImportRefused,
    SneRow,
    import_applications,
    preview_applications,
)
from reservations.models import HistoryEntry
from tests.attributions.households.named import TODAY, candidates, household
from tests.attributions.households.sne_files import HOUSED, as_xlsx, housed, number, read_sne
from tests.guarded import LOCKING
from tests.world import MORNING, World

FACTS = {"adults": 2, "children": 1, "income": 18_000, "income_units": Decimal("1.80")}


def row(rank: int = 1, **given: object) -> SneRow:
    terms = {"line": rank + 8, "number": number(rank), "requested_on": date(2024, 3, 12), "facts": FACTS}
    return SneRow(**(terms | given))


def put_in(world: World, *rows: SneRow, who: str = "chloe"):
    member = world.member(who)
    return import_applications(rows=rows, organisation=member.organisation, by=world.people[who], now=MORNING)


def counts(plan) -> tuple[int, int, int, int, int]:
    return len(plan.created), len(plan.updated), plan.unchanged, len(plan.refused)


def test_requests_are_created_with_their_facts_and_their_organisation(world: World) -> None:
    plan = put_in(world, row(1), row(2, facts={"dalo": True, "labelled_on": date(2026, 6, 5)}))
    assert counts(plan) == (2, 0, 0, 0)
    first, second = Application.objects.order_by("pk")
    assert (first.adults, first.children, first.income, first.income_units) == (2, 1, 18_000, Decimal("1.80"))
    assert (first.requested_on, first.income_quartile, first.name) == (date(2024, 3, 12), None, "")
    assert (second.priority.code, second.labelled_on) == ("DALO", date(2026, 6, 5))
    assert list(first.organisations.order_by("pk")) == [world.city]
    entry = HistoryEntry.objects.about(first).get()
    assert (entry.act, entry.by) == ("IMPORTED", world.people["chloe"])
    assert number(1) not in str(entry.details)


def test_imported_again_the_file_changes_nothing(world: World) -> None:
    rows = [row(1), row(2, closed_on=date(2026, 11, 2))]
    put_in(world, *rows)
    before = list(Application.objects.order_by("pk").values()), HistoryEntry.objects.count()
    assert counts(put_in(world, *rows)) == (0, 0, 2, 0)
    assert (list(Application.objects.order_by("pk").values()), HistoryEntry.objects.count()) == before


def test_preview_says_what_the_import_does_and_writes_nothing(world: World) -> None:
    household(world, 1)
    rows = [row(1, facts=FACTS | {"income": 21_000}), row(2)]
    with CaptureQueriesContext(connection) as looked:
        plan = preview_applications(rows=rows, organisation=world.city, today=TODAY)
    assert Application.objects.get().income == 18_000
    with CaptureQueriesContext(connection) as written:
        assert counts(plan) == counts(put_in(world, *rows)) == (1, 1, 0, 0)
    assert Application.objects.get(number=number(1)).income == 21_000
    known, change = 'FROM "attributions_application"', 'UPDATE "attributions_application"'
    assert not any(LOCKING.search(each["sql"]) for each in looked)
    steps = [each["sql"] for each in written]
    [lock] = [n for n, each in enumerate(steps) if known in each and LOCKING.search(each)]
    assert next(n for n, each in enumerate(steps) if each.startswith(change)) > lock, "held, then written"


def test_what_the_file_leaves_empty_stays_as_it_was(world: World) -> None:
    household(world, 1, facts={"adults": 2, "income": 18_000, "priority": PriorityCategory.objects.get(code="DALO")})
    put_in(world, row(1, facts={"income": 20_000}, requested_on=None))
    known = Application.objects.get()
    assert (known.adults, known.income, known.priority.code, known.requested_on) == (
        2,
        20_000,
        "DALO",
        date(2024, 3, 12),
    )


def test_other_number_of_a_request_leads_to_it(world: World) -> None:
    known = household(world, 1)
    add_alias(application=known, number=number(9), organisation=world.city, by=world.people["chloe"], now=MORNING)
    plan = put_in(world, row(9, facts={"income": 25_000}), row(1, line=30))
    assert counts(plan) == (0, 1, 0, 1)
    assert plan.refused[0].line == 30
    assert "autre numéro" in plan.refused[0].reason
    assert Application.objects.get().income == 25_000


def test_number_of_a_merged_request_leads_to_the_one_that_stays(world: World) -> None:
    kept = household(world, 1)
    absorbed = household(world, 4, name=kept.name, birth_date=kept.birth_date)
    add_alias(application=kept, number=absorbed.number, organisation=world.city, by=world.people["chloe"], now=MORNING)
    assert counts(put_in(world, row(4, facts={"income": 25_000}))) == (0, 1, 0, 0)
    kept.refresh_from_db()
    assert kept.income == 25_000


def test_closed_request_is_refused(world: World) -> None:
    known = household(world, 1)
    close_application(application=known, cause="WAIVED", on=date(2026, 11, 3), by=world.people["chloe"], now=MORNING)
    plan = put_in(world, row(1), row(2))
    assert counts(plan) == (1, 0, 0, 1)
    assert plan.refused[0].reason == "demande déjà radiée le 3 novembre 2026 : elle ne se met plus à jour."


def test_named_request_of_others_is_not_entered_by_a_file(world: World) -> None:
    household(world, 1)
    plan = put_in(world, row(1), who="bob")
    assert counts(plan) == (0, 0, 0, 1)
    assert "à la main" in plan.refused[0].reason
    assert "DELORME" not in plan.refused[0].reason
    assert Application.objects.visible_to(world.member("bob")).count() == 0


def test_unnamed_request_of_others_is_not_entered_by_a_file_either(world: World) -> None:
    """Whoever writes a number in a file would read what another knows of its household."""
    put_in(world, row(1))
    assert counts(put_in(world, row(1), who="bob")) == (0, 0, 0, 1)
    assert Application.objects.get().organisations.get() == world.city


def test_housed_is_closed_on_its_day_and_not_kept_beyond_its_term(world: World) -> None:
    household(world, 1)
    plan = put_in(world, row(1, closed_on=date(2026, 11, 2)), row(2, closed_on=date(2025, 11, 23)))
    assert counts(plan) == (0, 1, 0, 1)
    assert "ne se conserve plus" in plan.refused[0].reason
    known = Application.objects.get()
    assert (known.closed_on, known.closure) == (date(2026, 11, 2), "LEASE")


def test_housed_who_is_a_candidate_here_is_refused(world: World) -> None:
    candidates(world)
    plan = put_in(world, row(1, closed_on=date(2026, 11, 2)))
    assert "une candidature de cette demande est en cours" in plan.refused[0].reason
    assert Application.objects.filter(closed_on=None).count() == 3


def test_nothing_is_half_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody registers one of the numbers between the reading and the writing."""

    def unknown(rows, *, lock):
        return {}

    household(world, 2)
    monkeypatch.setattr(sne_import, "_known", unknown)
    with pytest.raises(ImportRefused, match="Rien n’est importé"):
        put_in(world, row(1), row(2), row(3))
    assert Application.objects.count() == 1


#: A cell out of each bound that the columns of an export meet, the fact that it gives, and one within it.
OUT_OF_BOUNDS = [
    ({"before": 1_000_001}, "income", {"before": 1_000_000}),
    ({"before": -1}, "income", {"before": 0}),
    ({"units": "0,5"}, "income_units", {"units": 1}),
    ({"units": "20,51"}, "income_units", {"units": "20,5"}),
    ({"dalo_on": "30/05/1990"}, "labelled_on", {"dalo_on": "31/05/1990"}),
]


@pytest.mark.parametrize("known", [False, True], ids=["created", "updated"])
@pytest.mark.parametrize(("wrong", "field", "right"), OUT_OF_BOUNDS)
def test_a_row_out_of_bounds_is_refused_alone_with_its_sentence(
    world: World, wrong: dict[str, object], field: str, right: dict[str, object], known: bool
) -> None:
    """The database refuses it too: one row would otherwise hold up the file for ever."""
    if known:
        for rank in (1, 2, 3):
            put_in(world, row(rank, facts={"adults": 4}))
    file = as_xlsx(housed(1), housed(2, **wrong), housed(3, **right), columns=HOUSED)
    reading = read_sne(file)
    [refused] = reading.refused
    sentence = BOUNDS[field].sentence
    assert refused.reason.endswith(f" : {sentence[0].lower()}{sentence[1:]}")
    plan = put_in(world, *reading.rows)
    assert counts(plan) == ((0, 2, 0, 0) if known else (2, 0, 0, 0))
    assert list(Application.objects.filter(closed_on=None).values_list("number", flat=True)) == [number(2)] * known


def test_a_mistake_of_ours_is_not_reported_as_somebody_else_s_act(world: World) -> None:
    """« Une de ces demandes vient d’être enregistrée » is only stated when it was."""
    with pytest.raises(IntegrityError, match="application_adults_bounds"):
        put_in(world, row(1, facts={"adults": 21}))


def test_file_of_thousands_costs_a_few_queries(world: World) -> None:
    def cost(ranks: range) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            put_in(world, *(row(rank) for rank in ranks))
        return len(queries)

    assert cost(range(10, 11)) == cost(range(20, 50)) == cost(range(100, 900))
    assert ApplicationAlias.objects.count() == 0
    assert AccessRecord.objects.count() == 0  # the page writes it, before the act
