"""A household that was proposed in the past, of a unit that was taken over: recorded, then corrected, by its acts."""

from __future__ import annotations

from datetime import date

import pytest

from attributions.households.models import PastCandidacy
from attributions.households.operations.application import Identity
from attributions.households.operations.past_candidacies import (
    PastCandidacyRefused,
    PastTerms,
    correct_past_candidacy,
    record_past_candidacy,
    terms_of,
)
from flux.models import Vacancy
from reservations.models import HistoryEntry
from tests.attributions.households.candidates import number
from tests.attributions.households.imports.test_past_candidates import reported_units
from tests.world import MORNING, World

DECIDED, ANSWERED, LEASED = date(2026, 4, 1), date(2026, 4, 10), date(2026, 4, 20)


@pytest.mark.django_db
def test_what_was_decided_is_recorded_then_corrected_and_a_lease_closes_the_request(world: World) -> None:
    let, *_ = reported_units(world)
    given = {"organisation": world.city, "by": world.people["chloe"]}
    terms = PastTerms("RANKED", 2, DECIDED)
    identity = Identity("Durand Amina", date(1984, 3, 12))
    vacancy = Vacancy.objects.get(unit__reference=let)
    made = record_past_candidacy(
        vacancy=vacancy, number=number(1), identity=identity, terms=terms, now=MORNING, **given
    )
    assert (terms_of(made), made.recorded_at, made.recorded_by) == (terms, MORNING, world.people["chloe"])
    assert (made.application.number, made.application.name, made.application.closed_on) == (
        number(1),
        "Durand Amina",
        None,
    )
    changes = {"rank": 1, "answer": "ACCEPTED", "answered_on": ANSWERED, "leased_on": LEASED}
    correct_past_candidacy(candidacy=made, changes=changes, **given)
    kept = PastCandidacy.objects.select_related("application").get()
    assert terms_of(kept) == PastTerms("RANKED", 1, DECIDED, "", None, "", "ACCEPTED", ANSWERED, LEASED)
    assert (kept.application.closed_on, kept.application.closure) == (LEASED, "LEASE")
    assert HistoryEntry.objects.about(kept).get(act="EDITED").details == {
        "rank": [2, 1],
        "answer": ["", "ACCEPTED"],
        "answered_on": [None, "2026-04-10"],
        "leased_on": [None, "2026-04-20"],
    }
    with pytest.raises(PastCandidacyRefused):
        correct_past_candidacy(candidacy=kept, changes={"decided_on": LEASED}, **given)
    assert PastCandidacy.objects.get().decided_on == DECIDED
