"""What a list of the households says when it has no line: to each reader, what will bring the first one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from django.utils import timezone

from attributions.bilan.pages.balances import none_behind
from attributions.bilan.pages.overview import no_balance
from attributions.households.models import CommitteeSession
from attributions.households.pages import requests
from attributions.households.pages.sessions import nothing_examined
from reservations.models import Organisation


@pytest.mark.parametrize(
    ("say", "asks", "count"),
    [
        (requests.no_committee, ("may_found", "by_landlord"), 3),
        (requests.no_session, ("by_landlord", "sits"), 3),
        (requests.no_access, ("filtered",), 2),
        (requests.no_file, ("filtered", "by_landlord"), 3),
        (no_balance, ("by_landlord",), 2),
        (none_behind, ("hidden",), 2),
    ],
)
def test_each_reader_is_shown_something_else(say: Callable[..., str], asks: tuple[str, ...], count: int) -> None:
    cases = [dict(zip(asks, each, strict=True)) for each in product((True, False), repeat=len(asks))]
    rows = [(case, say(**case)) for case in cases]
    assert len({words for _, words in rows}) == count
    for case, words in rows:
        assert ("ne répond à ces filtres. <a href=" in words) is case.get("filtered", False)


def test_requests_are_those_of_an_organisation() -> None:
    city = Organisation(name="Ville de Narbonne", article="la")
    assert "encore enregistrée pour la Ville de Narbonne. Importez" in requests.no_request(city)


def test_nothing_was_examined_in_a_session_that_was_cancelled() -> None:
    assert nothing_examined(CommitteeSession(cancelled_at=timezone.now())) == "Rien n’a été examiné."
    assert nothing_examined(CommitteeSession()) == "Aucun logement à l’ordre du jour."
