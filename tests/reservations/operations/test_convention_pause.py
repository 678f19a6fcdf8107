"""A suspension: proposed by a party, agreed by each, lifted earlier by agreement, or withdrawn before (Code civil, art.
1103 and 1193: what the parties made, they change together)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from reservations.models import Convention, HistoryEntry, Pause, PauseAccord, SignedDocument
from reservations.operations.convention import ConventionClosed, MotiveMissing
from reservations.operations.convention_amendment import amend_convention
from reservations.operations.convention_pause import (
    PauseRefused,
    accept_pause,
    deposit_accord,
    propose_lift,
    propose_pause,
    withdraw_pause,
)
from reservations.operations.convention_signature import Paper
from reservations.operations.merger import merge_organisations
from reservations.operations.party import register_organisation
from reservations.queries.rights import rights
from tests.pauses import TODAY, TOMORROW, lifted, paused, proposed
from tests.signing import sign_convention
from tests.world import World, convention, siren

DAY = timedelta(days=1)
LAST = TODAY + timedelta(days=30)
PAPER = Paper("accord.pdf", b"%PDF-1.7 accord")


def days(world: World, row: Convention) -> list[tuple[date, date]]:
    """As the engine reads them."""
    since = min(row.starts_on, TODAY)
    found = rights(row.landlord, since=since, until=row.ends_on)
    [right] = [each for each in found if each.convention == row]
    return list(right.pauses)


def acts(row: Convention) -> list[str]:
    rows = HistoryEntry.objects.about(row).filter(
        act__in=[*(a for a in HistoryEntry.Act if "PAUSE" in a), "LIFT_ASKED", "LIFTED"]
    )
    return list(rows.values_list("act", flat=True))


def test_it_holds_once_each_party_has_agreed(world: World) -> None:
    row = world.conventions["city"]
    pause = proposed(world, row)
    assert (pause.status, days(world, row)) == ("PROPOSED", []), "the landlord alone suspends nothing"
    pause = accept_pause(pause=pause, organisation=world.city, by=world.people["chloe"], today=TODAY)
    assert (pause.status, pause.agreed_on) == ("AGREED", TODAY)
    assert days(world, row) == [(TOMORROW, LAST)]
    assert acts(row) == ["PAUSE_ASKED", "PAUSE_ACCORD", "PAUSED"]
    [first, second] = pause.accords.order_by("pk")
    assert [(each.organisation, each.means, each.signer) for each in (first, second)] == [
        (world.landlord.organisation, "ACCOUNT", "Alice"),
        (world.city, "ACCOUNT", "Chloe"),
    ]


def test_a_holder_proposes_as_well(world: World) -> None:
    row = world.conventions["city"]
    given = {"starts_on": TOMORROW, "ends_on": LAST, "why": "Travaux.", "by": world.people["chloe"], "today": TODAY}
    pause = propose_pause(convention=row, organisation=world.city, **given)
    pause = accept_pause(pause=pause, organisation=row.landlord.organisation, by=world.people["alice"], today=TODAY)
    assert pause.status == "AGREED"


def test_on_paper_its_file_is_kept_for_a_party_for_which_nobody_signs_here(world: World) -> None:
    row, given = world.conventions["als"], {"signed_on": TODAY, "signer": "Mme Roux, directrice", "paper": PAPER}
    pause = proposed(world, row)
    pause = deposit_accord(pause=pause, organisation=world.als, by=world.people["alice"], today=TODAY, **given)
    assert pause.status == "AGREED"
    accord = pause.accords.get(organisation=world.als)
    assert (accord.means, accord.signer, accord.document) == (
        "PAPER",
        "Mme Roux, directrice",
        SignedDocument.objects.get(),
    )
    there = proposed(world, world.conventions["city"])
    for changed, each in (
        ({"organisation": world.city}, "Quelqu’un signe ici au nom de la Ville de Narbonne"),
        ({"organisation": world.landlord.organisation, "signer": " "}, "Écrivez le nom et la qualité"),
        ({"organisation": world.landlord.organisation, "signed_on": TOMORROW}, "aujourd’hui au plus tard"),
    ):
        with pytest.raises(PauseRefused, match=each):
            deposit_accord(pause=there, by=world.people["alice"], today=TODAY, **given | changed)


def test_it_is_withdrawn_by_either_before_all_agreed_and_not_after(world: World) -> None:
    row = world.conventions["city"]
    pause = proposed(world, row)
    given = {"organisation": world.city, "by": world.people["chloe"]}
    with pytest.raises(MotiveMissing):
        withdraw_pause(pause=pause, why=" ", **given)
    assert withdraw_pause(pause=pause, why="Le service reste ouvert.", **given).status == "WITHDRAWN"
    with pytest.raises(PauseRefused, match="elle est retirée"):
        accept_pause(pause=pause, organisation=world.city, by=world.people["chloe"], today=TODAY)
    agreed = paused(world, row)
    with pytest.raises(PauseRefused, match="elle est convenue"):
        withdraw_pause(pause=agreed, why="Trop tard.", **given)
    with pytest.raises(PauseRefused, match="n’est pas partie"):
        withdraw_pause(pause=proposed(world, world.conventions["epci"]), why="Non.", **given)


@pytest.mark.parametrize(
    ("first", "last", "field", "expected"),
    [
        (TODAY, LAST, "starts_on", "à partir de demain"),
        (LAST, TOMORROW, "ends_on", "finit avant de commencer"),
        (TOMORROW, date(2028, 12, 31), "ends_on", "prend fin le 31 décembre 2028"),
    ],
)
def test_its_days_are_to_come_and_within_the_convention(
    world: World, first: date, last: date, field: str, expected: str
) -> None:
    with pytest.raises(PauseRefused, match=expected) as refused:
        proposed(world, world.conventions["city"], first, last)
    assert refused.value.field == field
    assert not Pause.objects.exists()


def test_that_of_the_state_is_not_suspended(world: World) -> None:
    """CCH, L441-1 and R441-5: the law reserves units to the préfet, and no agreement sets the law aside."""
    with pytest.raises(PauseRefused, match="avenant, ou proposez-en la fin"):
        proposed(world, world.conventions["state"])


def test_one_at_a_time_and_never_twice_the_same_days(world: World) -> None:
    row = world.conventions["city"]
    pause = proposed(world, row)
    with pytest.raises(PauseRefused, match="déjà proposée"):
        proposed(world, row, LAST + DAY, LAST + 2 * DAY)
    with pytest.raises(PauseRefused, match="déjà enregistré"):
        accept_pause(pause=pause, organisation=row.landlord.organisation, by=world.people["alice"], today=TODAY)
    accept_pause(pause=pause, organisation=world.city, by=world.people["chloe"], today=TODAY)
    with pytest.raises(PauseRefused, match="déjà suspendue ces jours-là") as refused:
        proposed(world, row, LAST, LAST + DAY)
    assert refused.value.field == "starts_on"
    assert proposed(world, row, LAST + DAY, LAST + 2 * DAY).status == "PROPOSED"


def test_accepted_too_late_it_is_refused_for_what_was_counted(world: World) -> None:
    pause = proposed(world, world.conventions["city"])
    with pytest.raises(PauseRefused, match="proposez d’autres jours"):
        accept_pause(pause=pause, organisation=world.city, by=world.people["chloe"], today=TOMORROW)
    withdraw_pause(pause=pause, organisation=world.city, why="Dates à revoir.", by=world.people["chloe"])
    world.end(world.conventions["city"], TODAY)
    with pytest.raises(PauseRefused, match="n’attend plus d’accord"):
        accept_pause(pause=pause, organisation=world.city, by=world.people["chloe"], today=TODAY)
    with pytest.raises(ConventionClosed):
        proposed(world, world.conventions["city"])
    draft = convention(
        world.other_landlord, world.city, world.places["Narbonne"], (world.holders["city"], "12", 1), signed=False
    )
    with pytest.raises(ConventionClosed):
        proposed(world, draft)


def test_it_is_lifted_earlier_by_each(world: World) -> None:
    row = world.conventions["city"]
    pause, on = paused(world, row), TODAY + timedelta(days=5)
    lift = propose_lift(
        pause=pause, organisation=world.city, resumes_on=on + DAY, why="Rouvert.", by=world.people["chloe"], today=on
    )
    assert days(world, row) == [(TOMORROW, LAST)], "as long as one alone says so, it stands"
    lift = accept_pause(pause=lift, organisation=row.landlord.organisation, by=world.people["alice"], today=on)
    pause.refresh_from_db()
    assert (pause.status, lift.status, lift.ends_on) == ("SHORTENED", "AGREED", on)
    assert days(world, row) == [(TOMORROW, on)]
    assert acts(row)[3:] == ["LIFT_ASKED", "PAUSE_ACCORD", "LIFTED"]
    with pytest.raises(PauseRefused, match="rien n’est à lever"):
        lifted(world, pause, on + DAY, on=on)


def test_before_its_first_day_it_is_lifted_whole(world: World) -> None:
    row = world.conventions["city"]
    pause = paused(world, row, TODAY + 10 * DAY, LAST)
    lift = lifted(world, pause, TODAY + 5 * DAY, on=TODAY)
    assert (lift.ends_on, days(world, row)) == (None, [])
    assert paused(world, row, TODAY + 10 * DAY, LAST).status == "AGREED", "other days are free again"


def test_the_day_of_resumption_is_to_come_and_within(world: World) -> None:
    pause, on = paused(world, world.conventions["city"]), TODAY + timedelta(days=5)
    for resumes, each in ((on, "à partir de demain"), (LAST + DAY, "choisissez un jour de reprise d’ici là")):
        with pytest.raises(PauseRefused, match=each) as refused:
            lifted(world, pause, resumes, on=on)
        assert refused.value.field == "resumes_on"
    lift = propose_lift(
        pause=pause,
        organisation=world.city,
        resumes_on=on + DAY,
        why="Rouvert.",
        by=world.people["chloe"],
        today=on,
    )
    with pytest.raises(PauseRefused, match="ont commencé"):
        accept_pause(pause=lift, organisation=world.landlord.organisation, by=world.people["alice"], today=on + DAY)


def amended(world: World, row: Convention, starts_on: date, on: date = TODAY) -> Convention:
    draft = amend_convention(convention=row, starts_on=starts_on, by=world.people["alice"], today=on)
    return sign_convention(convention=draft, signed_on=on, by=world.people["alice"], today=on)


def test_an_amendment_goes_on_with_what_is_left_of_it(world: World) -> None:
    row, effect = world.conventions["city"], TODAY + timedelta(days=10)
    pause = paused(world, row)
    after = amended(world, row, effect)
    assert days(world, after) == [(effect, LAST)]
    [carried] = after.pauses.all()
    assert (carried.carried_from, {each.means for each in carried.accords.all()}) == (pause, {"CARRIED"})
    lifted(world, pause, effect + DAY, on=TODAY + DAY)
    assert (days(world, Convention.objects.get(pk=row.pk)), days(world, after)) == (
        [(TOMORROW, effect)],
        [(effect, effect)],
    )


def test_lifted_before_the_amendment_nothing_of_it_is_left_there(world: World) -> None:
    row, effect = world.conventions["city"], TODAY + timedelta(days=10)
    pause = paused(world, row)
    after = amended(world, row, effect)
    lifted(world, pause, TODAY + 3 * DAY, on=TODAY)
    assert days(world, after) == []


def test_a_proposal_that_reaches_into_the_amendment_is_to_be_made_again(world: World) -> None:
    pause = proposed(world, world.conventions["city"])
    amended(world, world.conventions["city"], TODAY + timedelta(days=10))
    pause.refresh_from_db()
    assert pause.status == "WITHDRAWN"
    assert "à refaire" in HistoryEntry.objects.get(act="PAUSE_DROPPED").why
    early = proposed(world, Convention.objects.get(amends=world.conventions["city"]), TOMORROW, TODAY + 5 * DAY)
    assert early.convention == world.conventions["city"], "between signature and effect, every act stays possible"


def test_across_the_effect_of_a_signed_amendment_it_is_proposed_in_two(world: World) -> None:
    after = amended(world, world.conventions["city"], TODAY + timedelta(days=10))
    with pytest.raises(PauseRefused, match="jusqu’à la veille, puis une autre") as refused:
        proposed(world, after, TOMORROW, TODAY + timedelta(days=10))
    assert refused.value.field == "ends_on"
    with pytest.raises(PauseRefused, match="La convention commence le"):
        proposed(
            world,
            convention(
                world.other_landlord,
                world.city,
                world.places["Narbonne"],
                (world.holders["city"], "12", 1),
                starts_on=date(2027, 1, 1),
            ),
        )


def test_what_takes_the_place_of_an_amendment_that_waits_keeps_the_days_of_each(world: World) -> None:
    row = world.conventions["city"]
    paused(world, row)
    waiting = amended(world, row, TODAY + timedelta(days=20))
    later = paused(world, waiting, LAST + 2 * DAY, LAST + 5 * DAY)
    sooner = amended(world, Convention.objects.get(pk=waiting.pk), TODAY + timedelta(days=10))
    assert days(world, sooner) == [
        (TODAY + timedelta(days=10), TODAY + timedelta(days=19)),
        (TODAY + timedelta(days=20), LAST),
        (later.starts_on, later.ends_on),
    ]


def test_it_ends_with_the_convention_and_passes_to_who_succeeds(world: World) -> None:
    """A merger goes on with the same terms: with what was agreed of them too (Code civil, art. 1216)."""
    other = register_organisation(name="Narbonne", siren=siren(78), kind="COMMUNE", territory=world.places["Narbonne"])
    paused(world, world.conventions["city"])
    merge_organisations(organisation=world.city, into=other, why="Deux fiches.", today=TODAY, by=world.people["adam"])
    following = Convention.objects.get(organisation=other)
    assert days(world, following) == [(TOMORROW, LAST)]


def test_the_database_keeps_it(world: World) -> None:
    """What an act forgets, a trigger refuses."""
    row = world.conventions["city"]
    pause = proposed(world, row)
    broken: list[Any] = [
        lambda: Pause.objects.filter(pk=pause.pk).update(status="AGREED", agreed_on=TODAY),
        lambda: Pause.objects.filter(pk=pause.pk).update(starts_on=TODAY),
        lambda: Pause.objects.filter(pk=pause.pk).update(status="SHORTENED", agreed_on=TODAY),
        lambda: Pause.objects.filter(pk=pause.pk).delete(),
        lambda: PauseAccord.objects.update(signer="Autre"),
        lambda: PauseAccord.objects.all().delete(),
        lambda: Pause.objects.create(
            convention=world.conventions["epci"],
            starts_on=TOMORROW,
            ends_on=LAST,
            why="Non.",
            status="AGREED",
            agreed_on=TODAY,
            proposed_on=TODAY,
            proposed_by=world.epci,
        ),
    ]
    for each in broken:
        with pytest.raises(DatabaseError), transaction.atomic():
            each()
    Pause.objects.filter(pk=pause.pk).update(status="WITHDRAWN")
    for back in ("PROPOSED", "AGREED"):
        with pytest.raises(DatabaseError), transaction.atomic():
            Pause.objects.filter(pk=pause.pk).update(status=back)
