"""Two signatures at once cannot promise the same units twice."""

from __future__ import annotations

from datetime import date

import pytest

from reservations.models import Convention, Organisation, ReservationHolder
from reservations.operations.convention import SignatureRefused
from reservations.operations.convention_amendment import amend_convention
from reservations.operations.party import register_organisation
from reservations.refusals import Refusal
from tests.concurrency.together import at_once
from tests.signing import sign_convention
from tests.world import MORNING, World, convention, end_convention, manager_of, siren
from tests.world_again import kept

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
@kept
def drafts(world: World) -> list[Convention]:
    """68 % are promised in Narbonne; two more drafts promise 20 % each: either may be signed, both would make 108 %."""
    found = []
    for number, name in ((71, "Hôpital de Narbonne"), (72, "Caisse de l’Aude")):
        organisation = register_organisation(siren=siren(number), name=name, kind=Organisation.Kind.OTHER)
        holder = ReservationHolder.objects.get(organisation=organisation)
        found.append(
            convention(world.landlord, organisation, world.places["Aude"], (holder, "20", number), signed=False)
        )
    return found


def two_signatures(drafts: list[Convention]) -> list[object]:
    return at_once(
        *(
            lambda draft=draft: sign_convention(
                convention=draft, signed_on=MORNING.date(), by=manager_of(draft.landlord)
            )
            for draft in drafts
        ),
        before='UPDATE "reservations_convention" ',  # once the shares were added up, and the parties recorded
    )


def signed(drafts: list[Convention]) -> int:
    return Convention.objects.filter(pk__in=[draft.pk for draft in drafts], status=Convention.Status.SIGNED).count()


def test_without_the_lock_two_signatures_promise_over_the_whole(
    drafts: list[Convention], without_row_locks: None
) -> None:
    assert [type(outcome) for outcome in two_signatures(drafts)] == [Convention, Convention]
    assert signed(drafts) == 2


def test_two_signatures_at_once_promise_at_most_the_whole(drafts: list[Convention]) -> None:
    outcomes = two_signatures(drafts)
    [refusal] = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert isinstance(refusal, SignatureRefused)
    assert str(refusal).startswith("À Narbonne, les parts promises atteignent 108 % le 01/01/2026")
    assert signed(drafts) == 1


def test_double_click_on_sign_signs_once(drafts: list[Convention]) -> None:
    outcomes = two_signatures([drafts[0], drafts[0]])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Convention", "ConventionClosed"]


def test_convention_amended_twice_at_once_has_one_amendment_in_preparation(world: World) -> None:
    def amend() -> Convention:
        return amend_convention(
            convention=world.conventions["city"],
            starts_on=date(2027, 1, 1),
            by=world.people["alice"],
            today=MORNING.date(),
        )

    outcomes = at_once(amend, amend)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AmendmentRefused", "Convention"]
    assert Convention.objects.filter(amends=world.conventions["city"]).count() == 1


def test_convention_ended_while_its_amendment_is_signed_does_one_or_the_other(world: World) -> None:
    """Never both: an amendment in force of a convention that has ended."""
    city, alice, today = world.conventions["city"], world.people["alice"], MORNING.date()
    amendment = amend_convention(convention=city, starts_on=date(2027, 1, 1), by=alice, today=today)
    outcomes = at_once(
        lambda: sign_convention(convention=amendment, signed_on=today, by=alice, today=today),
        lambda: end_convention(convention=city, ends_on=date(2026, 12, 31), why="Accord.", today=today, by=alice),
    )
    assert len([outcome for outcome in outcomes if isinstance(outcome, Refusal)]) == 1
    statuses = tuple(Convention.objects.get(pk=row.pk).status for row in (city, amendment))
    assert statuses in {("AMENDED", "SIGNED"), ("ENDED", "DRAFT")}
