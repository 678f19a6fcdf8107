"""A convention proposed, amended, ended: each refusal, and what the history keeps."""

from __future__ import annotations

from datetime import date

import pytest

from reservations.models import Convention, Delegation, HistoryEntry, Quota
from reservations.operations.convention import (
    AmendmentRefused,
    ConventionClosed,
    MotiveMissing,
    PeriodRefused,
    SignatureRefused,
    discard_draft,
    draft_convention,
    propose_convention,
    withdraw_proposal,
)
from reservations.operations.convention_amendment import amend_convention
from reservations.operations.convention_terms import QuotaTerms, terms_of
from reservations.queries.rights import rights
from tests.signing import sign_convention
from tests.world import World, convention, end_convention

TODAY = date(2026, 11, 24)
EFFECT = date(2027, 1, 1)


@pytest.fixture
def draft(world: World) -> Convention:
    return convention(
        world.landlord,
        world.city,
        world.places["Narbonne"],
        (world.holders["city"], "12", 4),
        starts_on=date(2029, 1, 1),
        ends_on=date(2031, 12, 31),
        signed=False,
    )


def amend(world: World, name: str = "city", starts_on: date = EFFECT) -> Convention:
    return amend_convention(
        convention=world.conventions[name], starts_on=starts_on, by=world.people["alice"], today=TODAY
    )


def rewrite(world: World, amendment: Convention, percent: int = 13, **given: object) -> Convention:
    """The amendment's draft, with another share for the city."""
    named = {
        "landlord": world.landlord,
        "organisation": world.city,
        "perimeter": world.places["Narbonne"],
        "starts_on": amendment.starts_on,
        "ends_on": amendment.ends_on,
        "quotas": [QuotaTerms(world.holders["city"], percent * 10_000, 4)],
        "by": world.people["alice"],
        "replaces": amendment,
    }
    return draft_convention(**named | given)


def sign(world: World, row: Convention, today: date = TODAY) -> Convention:
    return sign_convention(convention=row, signed_on=today, by=world.people["alice"], today=today)


def history_of(row: Convention) -> list[tuple[str, str, dict]]:
    return [(entry.act, entry.why, entry.details) for entry in HistoryEntry.objects.about(row)]


def test_proposal_keeps_its_terms_until_it_is_withdrawn(world: World, draft: Convention) -> None:
    alice = world.people["alice"]
    proposed = propose_convention(convention=draft, by=alice, today=TODAY)
    assert (proposed.status, proposed.proposed_on) == ("PROPOSED", TODAY)
    with pytest.raises(ConventionClosed, match="Retirez d’abord la proposition"):
        rewrite(world, proposed)
    with pytest.raises(ConventionClosed, match="Retirez d’abord la proposition"):
        discard_draft(convention=proposed, by=alice)
    withdrawn = withdraw_proposal(convention=proposed, why=" Part à revoir. ", by=alice)
    assert (withdrawn.status, withdrawn.proposed_on) == ("DRAFT", None)
    assert history_of(draft) == [
        ("RECORDED", "", {}),
        ("PROPOSED", "", {"proposed_on": [None, "2026-11-24"]}),
        ("WITHDRAWN", "Part à revoir.", {"proposed_on": ["2026-11-24", None]}),
    ]
    assert {entry.by for entry in HistoryEntry.objects.about(draft)} == {alice}


def test_proposal_is_an_offer(world: World) -> None:
    """A share, and a period that is not over; whatever other conventions promise is for the signature."""
    empty = convention(world.landlord, world.city, world.places["Narbonne"], signed=False)
    with pytest.raises(SignatureRefused) as refused:
        propose_convention(convention=empty, by=world.people["alice"], today=date(2029, 1, 1))
    assert refused.value.obstacles == (
        "La convention ne donne aucune part : ajoutez au moins un contingent.",
        "La période a pris fin le 31/12/2028 : changez les dates du brouillon.",
    )
    empty.refresh_from_db()
    assert empty.is_draft
    over = convention(
        world.landlord, world.city, world.places["Narbonne"], (world.holders["city"], "100", 4), signed=False
    )
    assert propose_convention(convention=over, by=world.people["alice"], today=TODAY).status == "PROPOSED"


@pytest.mark.parametrize("why", ["", "  \n"])
def test_withdrawal_and_end_say_why(world: World, draft: Convention, why: str) -> None:
    proposed = propose_convention(convention=draft, by=world.people["alice"], today=TODAY)
    with pytest.raises(MotiveMissing) as refused:
        withdraw_proposal(convention=proposed, why=why, by=world.people["alice"])
    assert refused.value.field == "why"
    city = world.conventions["city"]
    with pytest.raises(MotiveMissing):
        end_convention(convention=city, ends_on=TODAY, why=why, today=TODAY, by=world.people["alice"])
    for row, status in ((proposed, "PROPOSED"), (city, "SIGNED")):
        row.refresh_from_db()
        assert row.status == status
    assert [act for act, _, _ in history_of(city)] == ["RECORDED", "SIGNED"]


def test_change_of_a_draft_is_in_its_history_in_words(world: World, draft: Convention) -> None:
    rewrite(world, draft, 11, ends_on=date(2030, 12, 31))
    assert history_of(draft)[-1] == (
        "EDITED",
        "",
        {
            "Fin de la convention": ["31 décembre 2031", "31 décembre 2030"],
            "Part\u00a0: Ville de Narbonne": ["12\u202f%", "11\u202f%"],
        },
    )


def test_amendment_begins_with_everything_that_the_version_before_says(world: World) -> None:
    quota = Quota.objects.get(convention=world.conventions["state"], holder=world.holders["priority"])
    Delegation.objects.create(quota=quota, delegate=world.epci)
    amendment = amend(world, "state")
    before = world.conventions["state"]
    assert (amendment.amends, amendment.version, amendment.status) == (before, 2, "DRAFT")
    assert (amendment.starts_on, amendment.ends_on) == (EFFECT, date(2028, 12, 31))
    assert (amendment.landlord, amendment.organisation, amendment.perimeter) == (
        before.landlord,
        before.organisation,
        before.perimeter,
    )
    assert terms_of(amendment) == terms_of(before)
    rows = [("holder", "share", "rank", "delegations__delegate")]
    assert [list(row.quotas.order_by("rank").values_list(*rows[0])) for row in (amendment, before)] == [
        [
            (world.holders["priority"].pk, 250_000, 1, world.epci.pk),
            (world.holders["agents"].pk, 50_000, 2, None),
        ]
    ] * 2
    before.refresh_from_db()
    assert before.status == "SIGNED"


@pytest.mark.parametrize(
    ("starts_on", "sentence"),
    [
        (date(2025, 12, 31), "après le 01/01/2026"),
        (date(2026, 1, 1), "après le 01/01/2026"),
        (date(2026, 11, 23), "à partir d’aujourd’hui"),
        (date(2029, 1, 1), "préparez une nouvelle convention"),
    ],
)
def test_date_of_effect_out_of_place_is_refused(world: World, starts_on: date, sentence: str) -> None:
    with pytest.raises(PeriodRefused, match=sentence) as refused:
        amend(world, starts_on=starts_on)
    assert refused.value.field == "starts_on"
    assert Convention.objects.count() == 4


def test_one_amendment_is_in_preparation_at_a_time(world: World) -> None:
    first = amend(world)
    with pytest.raises(AmendmentRefused, match="déjà en préparation"):
        amend(world)
    discard_draft(convention=first, by=world.people["alice"])
    assert amend(world).version == 2


def test_amendment_keeps_parties_and_perimeter(world: World) -> None:
    amendment = amend(world, "als")
    with pytest.raises(AmendmentRefused, match="garde le signataire et le périmètre"):
        rewrite(
            world,
            amendment,
            organisation=world.als,
            perimeter=world.places["Hérault"],
            quotas=[QuotaTerms(world.holders["als"], 200_000, 3)],
        )
    with pytest.raises(AmendmentRefused, match="garde le signataire et le périmètre"):
        rewrite(world, amendment)
    with pytest.raises(PeriodRefused, match="après le 01/01/2026"):
        rewrite(
            world,
            amendment,
            organisation=world.als,
            perimeter=world.places["Aude"],
            quotas=[QuotaTerms(world.holders["als"], 200_000, 3)],
            starts_on=date(2026, 1, 1),
        )
    amendment.refresh_from_db()
    assert (amendment.perimeter, amendment.starts_on) == (world.places["Aude"], EFFECT)


def test_signed_amendment_cuts_the_version_before_on_the_eve(world: World) -> None:
    amendment = sign(world, rewrite(world, amend(world)))
    before = Convention.objects.get(pk=world.conventions["city"].pk)
    assert (before.status, before.starts_on, before.ends_on) == ("AMENDED", date(2026, 1, 1), date(2026, 12, 31))
    assert (amendment.status, amendment.starts_on, amendment.ends_on) == ("SIGNED", EFFECT, date(2028, 12, 31))
    assert history_of(before)[-1] == ("AMENDED", "", {"ends_on": ["2028-12-31", "2026-12-31"]})
    assert history_of(amendment)[-1] == ("SIGNED", "", {"signed_on": [None, "2026-11-24"]})
    for on, share in ((date(2026, 12, 31), 120_000), (EFFECT, 130_000)):
        held = rights(world.landlord, since=on, until=on)
        assert [right.share for right in held if right.holder == world.holders["city"]] == [share]


def test_amendment_is_not_counted_beside_what_it_replaces(world: World) -> None:
    """68 % are promised in Narbonne, 12 of them to the city: its amendment may go up to 44 %, and no further."""
    amendment = amend(world)
    over = rewrite(world, amendment, 45)
    with pytest.raises(SignatureRefused, match="101"):
        sign(world, over)
    before = Convention.objects.get(pk=world.conventions["city"].pk)
    assert (before.status, before.ends_on) == ("SIGNED", date(2028, 12, 31))
    assert sign(world, rewrite(world, amendment, 44)).status == "SIGNED"


def test_amendment_of_the_state_is_capped_without_the_version_it_replaces(world: World) -> None:
    amendment = amend(world, "state")
    assert sign(world, amendment).status == "SIGNED"


def test_amendment_whose_day_has_gone_by_is_refused_at_signature(world: World) -> None:
    amendment = amend(world)
    with pytest.raises(PeriodRefused, match=r"à partir d’aujourd’hui.* se retire d’abord, sur sa page"):
        sign_convention(convention=amendment, signed_on=TODAY, by=world.people["alice"], today=date(2027, 1, 2))
    before = Convention.objects.get(pk=world.conventions["city"].pk)
    assert (before.status, before.ends_on) == ("SIGNED", date(2028, 12, 31))


def test_amendment_of_a_convention_ended_meanwhile_is_refused(world: World) -> None:
    amendment = amend(world)
    world.end(world.conventions["city"], date(2027, 6, 30))
    for act in (
        lambda: sign(world, amendment),
        lambda: propose_convention(convention=amendment, by=world.people["alice"], today=TODAY),
    ):
        with pytest.raises(AmendmentRefused, match="a pris fin entre-temps"):
            act()
    amendment.refresh_from_db()
    assert amendment.is_draft


def test_amendment_is_amended_in_turn(world: World) -> None:
    second = sign(world, rewrite(world, amend(world), 13))
    third = amend_convention(convention=second, starts_on=date(2027, 7, 1), by=world.people["alice"], today=TODAY)
    sign(world, rewrite(world, third, 14))
    chain = Convention.objects.filter(organisation=world.city).order_by("version")
    assert list(chain.values_list("version", "status", "starts_on", "ends_on")) == [
        (1, "AMENDED", date(2026, 1, 1), date(2026, 12, 31)),
        (2, "AMENDED", EFFECT, date(2027, 6, 30)),
        (3, "SIGNED", date(2027, 7, 1), date(2028, 12, 31)),
    ]
    with pytest.raises(ConventionClosed, match="dans sa dernière version"):
        amend_convention(convention=second, starts_on=date(2027, 3, 1), by=world.people["alice"], today=TODAY)


def test_amendment_may_extend_the_convention(world: World) -> None:
    amendment = sign(world, rewrite(world, amend(world), ends_on=date(2029, 12, 31)))
    assert amendment.ends_on == date(2029, 12, 31)


def test_end_keeps_both_days_and_the_motive(world: World) -> None:
    world.end(world.conventions["city"], date(2027, 6, 30))
    assert history_of(world.conventions["city"])[-1] == (
        "ENDED",
        "Fin convenue.",
        {"ends_on": ["2028-12-31", "2027-06-30"]},
    )


def test_draft_thrown_away_leaves_its_history(world: World, draft: Convention) -> None:
    pk = draft.pk
    discard_draft(convention=draft, by=world.people["alice"])
    entries = HistoryEntry.objects.filter(subject="reservations.convention", subject_id=pk)
    assert [entry.act for entry in entries.order_by("pk")] == ["RECORDED", "DISCARDED"]
