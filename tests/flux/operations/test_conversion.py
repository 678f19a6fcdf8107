"""A variant is kept for good, taken into a draft, and turns rights in stock into flow at signature."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from flux.models import Conversion, StockAssignment
from flux.operations.conversions import (
    ConversionOutdated,
    ConversionTaken,
    FiguresRefused,
    take_into_convention,
    work_out,
)
from flux.operations.stock_rights import assign_unit, end_title
from flux.pages.conversion import given_for
from reservations.models import Convention, HistoryEntry, StockRight
from reservations.operations.convention import discard_draft, draft_convention, propose_convention
from reservations.operations.convention_terms import QuotaTerms
from reservations.refusals import Refusal
from tests.flux.conversions import TERM, TODAY, title, units, variant, wish
from tests.signing import sign_converted
from tests.world import World

EVE = date(2028, 12, 31)


def take(world: World, conversion: Conversion) -> Convention:
    return take_into_convention(conversion=conversion, by=world.people["alice"], today=TODAY)


def acts(row: object) -> list[str]:
    return list(HistoryEntry.objects.about(row).values_list("act", flat=True))


# --- a variant ---


def test_variant_keeps_what_it_rests_on_its_lines_and_its_exact_rate(world: World) -> None:
    title(world, *units(world, 9)[:2])
    kept = Conversion.objects.get(pk=variant(world).pk)
    assert (kept.rate, kept.share) == (Fraction(2, 9), 222_222)
    assert kept.given["rights"][0]["units"] == 2
    assert kept.worksheet["result"]["rate"] == "2/9"
    assert (kept.created_by, acts(kept)) == (world.people["alice"], ["RECORDED"])


def test_variant_holds_a_fraction_longer_than_eight_bytes(world: World) -> None:
    term = {"starts_on": date(2028, 2, 11), "ends_on": date(2031, 5, 3)}
    title(world, *units(world, 7)[:2], use=StockRight.Use.SINGLE)
    rotation = [
        {"type": "a", "weight": "33.333333", "rate": "12.345677"},
        {"type": "b", "weight": "61.000001", "rate": "7.654321"},
    ]
    made = variant(world, about=wish(world, **term), weights_in="PERCENT", rotation=rotation)
    kept = Conversion.objects.get(pk=made.pk)
    assert kept.rate_denominator > 2**63
    assert str(kept.rate) == kept.worksheet["result"]["rate"]


def test_figures_that_cannot_be_worked_out_are_all_refused_and_nothing_is_kept(world: World) -> None:
    title(world, *units(world, 2))
    given = given_for(wish(world), on=TODAY)
    given["base"][0]["units"] = -1
    given["rights"][0]["units"] = "x"
    with pytest.raises(FiguresRefused) as refused:
        work_out(wish=wish(world), label="A", given=given, by=world.people["alice"])
    assert [fault.path for fault in refused.value.faults] == ["base[0].units", "rights[0].units"]
    assert not Conversion.objects.exists()


def test_a_share_above_the_whole_flow_is_refused(world: World) -> None:
    title(world, *units(world, 2))
    rights = [given_for(wish(world), on=TODAY)["rights"][0] | {"units": 3}]
    with pytest.raises(FiguresRefused, match="tout le flux"):
        variant(world, rights=rights)


def test_two_variants_of_one_name_are_refused(world: World) -> None:
    title(world, *units(world, 4)[:2])
    variant(world)
    with pytest.raises(Refusal, match="porte déjà ce nom"):
        variant(world)
    assert Conversion.objects.count() == 1


def test_variant_never_changes(world: World) -> None:
    title(world, *units(world, 4)[:2])
    kept = variant(world)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        Conversion.objects.filter(pk=kept.pk).update(share=1)


# --- taken into a convention ---


def test_taking_a_variant_drafts_the_convention_with_its_share_and_freezes_it(world: World) -> None:
    title(world, *units(world, 9)[:2])
    made = variant(world)
    convention = take(world, made)
    assert (convention.status, convention.landlord, convention.organisation) == ("DRAFT", world.landlord, world.city)
    assert (convention.perimeter.name, convention.starts_on, convention.ends_on) == ("Narbonne", *TERM.values())
    assert list(convention.quotas.values_list("holder", "share", "rank")) == [(world.holders["city"].pk, 222_222, 4)]
    made.refresh_from_db()
    assert (made.convention, acts(made)) == (convention, ["RECORDED", "EDITED"])


def test_a_frozen_variant_is_not_taken_again(world: World) -> None:
    title(world, *units(world, 4)[:2])
    made = variant(world)
    take(world, made)
    with pytest.raises(ConversionTaken, match="Dupliquez-la"):
        take(world, made)
    assert Convention.objects.filter(status="DRAFT").count() == 1


def test_both_contingents_of_the_state_go_into_one_draft(world: World) -> None:
    ten = units(world, 10)
    for holder, bearers in (("priority", ten[:2]), ("agents", ten[2:3])):
        title(world, *bearers, holder=holder, ground=StockRight.Ground.STATE, reference=holder)
    priority, agents = (variant(world, about=wish(world, holder, "Aude")) for holder in ("priority", "agents"))
    draft = take(world, priority)
    assert take(world, agents) == draft
    assert list(draft.quotas.order_by("rank").values_list("holder", "share", "rank")) == [
        (world.holders["priority"].pk, 200_000, 1),
        (world.holders["agents"].pk, 100_000, 2),
    ]
    assert Conversion.objects.filter(convention=draft).count() == 2


def test_another_variant_takes_the_place_of_the_first_in_the_draft(world: World) -> None:
    title(world, *units(world, 10)[:2])
    first = variant(world, "A")
    second = variant(world, "B", rights=[first.given["rights"][0] | {"units": 1}])
    draft = take(world, first)
    assert take(world, second) == draft
    assert [(row.label, row.convention) for row in Conversion.objects.order_by("pk")] == [("A", None), ("B", draft)]
    assert [quota.share for quota in draft.quotas.all()] == [100_000]


def test_a_variant_worth_nothing_is_not_taken(world: World) -> None:
    units(world, 2)
    with pytest.raises(ConversionTaken, match="nulle"):
        take(world, variant(world))
    assert not Convention.objects.filter(status="DRAFT").exists()


def test_throwing_the_draft_away_frees_its_variant(world: World) -> None:
    title(world, *units(world, 4)[:1])
    made = variant(world)
    discard_draft(convention=take(world, made), by=world.people["alice"])
    made.refresh_from_db()
    assert made.convention is None


# --- signed ---


def sign(world: World, convention: Convention) -> Convention:
    return sign_converted(convention=convention, signed_on=TODAY, by=world.people["alice"], today=TODAY)


def living(on: date) -> list[str]:
    return sorted(str(row.unit or row.programme) for row in StockAssignment.objects.living(on).order_by("pk"))


def test_signing_turns_the_counted_rights_into_flow_from_the_first_day(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    ten = units(world, 10)
    counted, other = title(world, ten[0]), title(world, ten[1], reference="als", holder="als")
    convention = sign(world, take(world, variant(world)))
    counted.refresh_from_db()
    other.refresh_from_db()
    assert (convention.status, counted.converted_in, counted.ends_on, other.converted_in) == (
        "SIGNED",
        convention,
        None,
        None,
    )
    assert living(EVE) == ["RH-01-001", "RH-01-002"]
    assert living(convention.starts_on) == ["RH-01-002"]
    assert acts(counted)[-1] == "CONVERTED"
    page = sign_in("chloe").get(reverse("stock-right-detail", args=[counted.pk])).content.decode()
    link = reverse("convention-detail", args=[convention.pk])
    assert f'<dt>Conversion</dt><dd><a href="{link}">converti dans cette convention</a></dd>' in page


def test_a_proposal_is_signed_in_the_same_way(world: World) -> None:
    right = title(world, *units(world, 10)[:1])
    draft = take(world, variant(world))
    proposed = propose_convention(convention=draft, by=world.people["alice"], today=TODAY)
    convention = sign(world, proposed)
    right.refresh_from_db()
    assert right.converted_in == convention


def test_of_a_title_that_bears_elsewhere_only_what_bears_here_ends(world: World) -> None:
    here, there = units(world, 10), units(world, 1, "Béziers")
    right = title(world, here[0], there[0], holder="als")
    later = assign_unit(right=right, unit=here[1], starts_on=date(2030, 1, 1), by=world.people["alice"])
    world.end(world.conventions["als"], TODAY)
    convention = sign(world, take(world, variant(world, about=wish(world, "als", "Aude"))))
    right.refresh_from_db()
    assert right.converted_in is None
    assert {str(row.unit): row.ends_on for row in right.assignments.select_related("unit")} == {
        "RH-01-001": EVE,
        "RH-02-011": None,
    }
    assert not StockAssignment.objects.filter(pk=later.pk).exists()
    assert living(convention.starts_on) == ["RH-02-011"]
    assert acts(right)[-2:] == ["CONVERTED", "CONVERTED"]


def test_a_right_that_counts_for_nothing_stays_in_stock(world: World) -> None:
    ten = units(world, 10)
    title(world, ten[0])
    left = title(world, ten[1], reference="T2")
    rights = [row | {"units": 0} if row["reference"] == "T2" else row for row in variant(world, "A").given["rights"]]
    sign(world, take(world, variant(world, "B", rights=rights)))
    left.refresh_from_db()
    assert left.converted_in is None


@pytest.mark.parametrize("since", ["converted", "ended"])
def test_a_right_gone_since_keeps_the_convention_from_being_signed(world: World, since: str) -> None:
    right = title(world, *units(world, 10)[:1])
    draft = take(world, variant(world))
    if since == "ended":
        end_title(right=right, ends_on=date(2027, 1, 1), why="Rachat.", by=world.people["alice"])
    else:
        StockRight.objects.filter(pk=right.pk).update(converted_in=world.conventions["city"])
    with pytest.raises(ConversionOutdated, match="T1"):
        sign(world, draft)
    draft.refresh_from_db()
    assert draft.status == "DRAFT"


def rewritten(world: World, draft: Convention, quotas: list[QuotaTerms], **period: date) -> None:
    """The draft again, with other shares or another period."""
    values = {"landlord": draft.landlord, "organisation": draft.organisation, "perimeter": draft.perimeter}
    draft_convention(**values, **(TERM | period), quotas=quotas, replaces=draft, by=world.people["alice"])


def refused(world: World, draft: Convention, right: StockRight) -> None:
    with pytest.raises(ConversionOutdated, match="la convention ne dit plus cela"):
        sign(world, draft)
    draft.refresh_from_db()
    right.refresh_from_db()
    assert (draft.status, right.converted_in) == ("DRAFT", None)


def test_a_draft_of_another_period_is_not_signed_with_its_old_variant(world: World) -> None:
    right = title(world, *units(world, 10)[:1])
    draft = take(world, variant(world))
    rewritten(world, draft, [QuotaTerms(world.holders["city"], 100_000, 4)], starts_on=date(2029, 2, 1))
    refused(world, draft, right)


def test_a_draft_without_a_share_for_the_holder_is_not_signed_with_its_variant(world: World) -> None:
    right = title(world, *units(world, 10)[:1], holder="agents", ground=StockRight.Ground.STATE)
    world.end(world.conventions["state"], TODAY)
    draft = take(world, variant(world, about=wish(world, "agents", "Aude")))
    rewritten(world, draft, [QuotaTerms(world.holders["priority"], 250_000, 1)])
    refused(world, draft, right)


def test_a_share_negotiated_since_is_signed(world: World) -> None:
    right = title(world, *units(world, 10)[:1])
    draft = take(world, variant(world))
    rewritten(world, draft, [QuotaTerms(world.holders["city"], 90_000, 4)])
    convention = sign(world, draft)
    right.refresh_from_db()
    assert right.converted_in == convention


def test_a_convention_without_a_conversion_is_simply_signed(world: World) -> None:
    title(world, *units(world, 4)[:1])
    made = variant(world)
    draft = take(world, made)
    Conversion.objects.filter(pk=made.pk).update(convention=None)
    assert sign(world, draft).status == "SIGNED"
    assert not StockRight.objects.exclude(converted_in=None).exists()
