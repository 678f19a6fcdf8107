"""What became of a unit followed in another tool: the page where the landlord says it."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from attributions.households.models import Lease
from attributions.households.operations.candidate_state import ProposalRefused
from attributions.households.operations.lease import record_outside_lease
from attributions.households.operations.withdrawals import record_outside_allocation, undo_outside
from flux.models import Vacancy
from flux.operations.outcomes import record_allocation, record_lease
from flux.queries.first_letting import dated_by_lease, outcomes
from tests.attributions.households.rows import Case, accepted, candidates, send
from tests.flux.books import check_books
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING, World
from tests.world_again import kept

TODAY = MORNING.date()


@pytest.fixture(autouse=True)
def that_morning():
    """The pages know no other day than today."""
    with time_machine.travel(MORNING, tick=False):
        yield


@pytest.fixture
@kept
def routed(world: World) -> Vacancy:
    return send(world, "city").vacancy


def page(vacancy: Vacancy) -> str:
    return reverse("vacancy-outcome", args=[vacancy.pk])


def quantities(vacancy: Vacancy) -> list[tuple[str, int]]:
    entries = vacancy.entries.filter(stage__in=["ALLOCATED", "LEASED"]).order_by("pk")
    return list(entries.values_list("stage", "quantity"))


def test_page_records_the_lease_with_what_is_known_and_says_so(world: World, routed: Vacancy, sign_in) -> None:
    given = {"outcome": "LEASED", "on": "24/11/2026", "income_quartile": "1", "urban_renewal": "no", "persons": "3"}
    given["in_mix_residence"] = "yes"
    answer = sign_in("aline").post(page(routed), given, follow=True)
    assert answer.redirect_chain == [(reverse("vacancy-detail", args=[routed.pk]), 302)]
    assert messages_of(answer) == [
        f"Le bail de {routed.unit} est enregistré au 24 novembre 2026, pour la Ville de Narbonne."
    ]
    lease = Lease.objects.get()
    assert (lease.income_quartile, lease.urban_renewal, lease.state_agent, lease.persons) == (1, False, None, 3)
    assert lease.in_mix_residence is True
    assert quantities(routed) == [("ALLOCATED", 1), ("LEASED", 1)]
    check_books(routed.ledger)


def test_page_records_an_allocation_decided_elsewhere(world: World, routed: Vacancy, sign_in) -> None:
    answer = sign_in("aline").post(page(routed), {"outcome": "ALLOCATED", "on": "24/11/2026"}, follow=True)
    assert messages_of(answer) == [
        f"L’attribution de {routed.unit} est enregistrée au 24 novembre 2026, pour la Ville de Narbonne."
    ]
    assert quantities(routed) == [("ALLOCATED", 1)]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"outcome": "", "on": "24/11/2026"}, "outcome"),
        ({"outcome": "ANSWERED", "on": ""}, "on"),
        ({"outcome": "ALLOCATED", "on": ""}, "on"),
        ({"outcome": "LEASED", "on": ""}, "on"),
        ({"outcome": "LEASED", "on": "31/02/2026"}, "on"),
        ({"outcome": "LEASED", "on": "24/11/2020"}, "on"),
        ({"outcome": "ALLOCATED", "on": "24/11/2020"}, "on"),
        ({"outcome": "LEASED", "on": "24/11/2026", "income_quartile": "5"}, "income_quartile"),
        ({"outcome": "LEASED", "on": "24/11/2026", "persons": "beaucoup"}, "persons"),
        ({"outcome": "UNDONE", "why": ""}, "why"),
    ],
)
def test_page_says_what_to_correct(routed: Vacancy, sign_in, given, field) -> None:
    answer = sign_in("aline").post(page(routed), given)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert quantities(routed) == []


def test_undoing_a_lease_recorded_here_takes_its_allocation_too(world: World, routed: Vacancy, sign_in) -> None:
    client = sign_in("aline")
    client.post(page(routed), {"outcome": "LEASED", "on": "24/11/2026"})
    answer = client.post(page(routed), {"outcome": "UNDONE", "why": "Saisi par erreur."}, follow=True)
    text = f"Le bail de {routed.unit} est annulé, et son attribution aussi : le compte garde les écritures."
    assert messages_of(answer)[-1] == text
    assert sum(quantity for _, quantity in quantities(routed)) == 0


def test_undoing_a_lease_that_only_the_account_knows_says_that_its_allocation_remains(
    world: World, routed: Vacancy, sign_in
) -> None:
    record_lease(vacancy=routed, on=TODAY, by=world.people["aline"], today=TODAY)
    client, undo = sign_in("aline"), {"outcome": "UNDONE", "why": "Saisi par erreur."}
    rows = [messages_of(client.post(page(routed), undo, follow=True))[-1] for _ in range(2)]
    assert ["L’attribution reste enregistrée" in sentence for sentence in rows] == [True, False]


def test_lease_recorded_since_the_page_was_read_is_not_left_without_its_account(world: World, routed: Vacancy) -> None:
    """Whatever read that there was none, the act looks again, the unit held; of a unit outside the accounts too."""
    aline = world.people["aline"]
    beside = world.vacancy(kind="EXCLUDED", exclusion="URBAN_RENEWAL")
    for vacancy in (routed, beside):
        record_outside_lease(vacancy=vacancy, signed_on=TODAY, facts={}, by=aline, now=MORNING)
        with pytest.raises(ProposalRefused, match=r"signé le 24/11/2026\. Rechargez la page"):
            undo_outside(vacancy=vacancy, why="Erreur.", by=aline, now=MORNING)
    assert sum(quantity for _, quantity in quantities(routed)) == 2
    assert Lease.objects.filter(cancelled_at=None).count() == 2


def test_unit_followed_here_has_its_own_page(world: World, sign_in) -> None:
    client = sign_in("aline")
    proposals = accepted(world, Case("ALLOCATED"))
    for method in (client.get, client.post):
        answer = method(page(proposals[0].vacancy))
        assert (answer.status_code, answer["Location"]) == (302, reverse("letting", args=[proposals[0].vacancy_id]))


def test_candidate_sent_meanwhile_refuses_the_outside_allocation(world: World, routed: Vacancy, sign_in) -> None:
    """The page is for units without candidates; the act says so too."""
    record_allocation(vacancy=routed, on=TODAY, by=world.people["aline"], today=TODAY)
    candidates(world, routed.routings.get(), 1)
    aline = world.people["aline"]
    with pytest.raises(ProposalRefused, match="Des candidats sont suivis ici"):
        record_outside_allocation(vacancy=routed, on=TODAY, by=aline, now=MORNING)
    with pytest.raises(ProposalRefused, match="Des candidats sont suivis ici"):
        undo_outside(vacancy=routed, why="Erreur.", by=aline, now=MORNING)


def test_unit_outside_the_accounts_is_let_and_never_allocated_there(world: World, sign_in) -> None:
    vacancy, client = world.vacancy(kind="EXCLUDED", exclusion="URBAN_RENEWAL"), sign_in("aline")
    assert "La commission l’a attribué" not in text_of(client.get(page(vacancy)))
    assert client.post(page(vacancy), {"outcome": "ALLOCATED", "on": "24/11/2026"}).status_code == 422
    client.post(page(vacancy), {"outcome": "LEASED", "on": "24/11/2026"})
    assert Lease.objects.get().holder is None


@pytest.mark.parametrize(("signed_on", "asked"), [("15/01/2027", True), ("24/12/2026", True), ("24/11/2026", False)])
def test_a_lease_of_december_or_january_is_asked_the_day_of_its_allocation(
    routed: Vacancy, sign_in, signed_on: str, *, asked: bool
) -> None:
    """An allocation counts the year of its day (CCH, R441-5-1), which the day of the lease does not say."""
    with time_machine.travel(MORNING.replace(year=2027, month=1, day=20), tick=False):
        client, given = sign_in("aline"), {"outcome": "LEASED", "on": signed_on}
        answer = client.post(page(routed), given)
        if not asked:
            assert answer.status_code == 302
            text = text_of(client.get(page(routed)))
            assert "1 bail signé le 24 novembre 2026, seul à dater son attribution" in text
            sheet = text_of(client.get(reverse("vacancy-detail", args=[routed.pk])))
            assert "Attribué par la commission, à un jour connu par son seul bail" in sheet
            return
        assert answer.status_code == 422
        assert "Écrivez le jour où la commission l’a attribué" in text_of(answer)
        assert quantities(routed) == []
        late = client.post(page(routed), given | {"allocated_on": "19/01/2027"})
        assert "Choisissez un jour d’attribution entre le 24/11/2026 et celui du bail" in text_of(late)
        assert client.post(page(routed), given | {"allocated_on": "10/12/2026"}).status_code == 302
        acts = routed.entries.filter(stage__in=["ALLOCATED", "LEASED"]).order_by("pk")
        assert [each.acted_on.isoformat() for each in acts] == [
            "2026-12-10",
            "-".join(reversed(signed_on.split("/"))),
        ]
        sheet = text_of(client.get(reverse("vacancy-detail", args=[routed.pk])))
        assert "connu par son seul bail" not in sheet
        assert "seul à dater" not in text_of(client.get(page(routed)))


@pytest.mark.parametrize("dated", ["10/12/2026", "24/12/2026"])
def test_an_allocation_known_by_its_lease_alone_is_dated_afterwards(
    world: World, routed: Vacancy, sign_in, dated: str
) -> None:
    """R441-5-1: whatever recorded the lease, the account can be given the day of the committee, or that of the lease
    itself; a day outside is refused, and a second one."""
    aline = world.people["aline"]
    with time_machine.travel(MORNING.replace(year=2027, month=1, day=20), tick=False):
        record_outside_lease(vacancy=routed, signed_on=date(2026, 12, 24), facts={}, by=aline)
        client, given = sign_in("aline"), {"outcome": "DATED", "on": dated}
        assert "seul à dater son attribution" in text_of(client.get(page(routed)))
        for wrong in ("20/11/2026", "25/12/2026"):
            late = client.post(page(routed), given | {"on": wrong})
            assert "Choisissez un jour entre l’orientation, le 24/11/2026" in text_of(late)
        answer = client.post(page(routed), given, follow=True)
        assert f"L’attribution de {routed.unit} est datée du" in messages_of(answer)[-1]
        assert quantities(routed) == [("ALLOCATED", 1), ("LEASED", 1), ("ALLOCATED", -1), ("ALLOCATED", 1)]
        acts = routed.entries.filter(stage="ALLOCATED").order_by("pk")
        assert [f"{each.acted_on:%d/%m/%Y}" for each in acts] == ["24/12/2026", "24/12/2026", dated]
        assert "seul à dater" not in text_of(client.get(page(routed)))
        assert client.post(page(routed), given).status_code == 422
        check_books(routed.ledger)


def test_the_day_of_the_lease_is_not_asked_twice(world: World, routed: Vacancy) -> None:
    """Who says that the committee allocated the unit on the very day of the lease is believed."""
    aline = world.people["aline"]
    record_outside_lease(vacancy=routed, signed_on=TODAY, facts={}, by=aline, allocated_on=TODAY)
    assert not dated_by_lease(outcomes([routed])[routed.pk])
    check_books(routed.ledger)


def test_an_allocation_recorded_before_the_lease_on_its_day_is_known_of_itself(world: World, routed: Vacancy) -> None:
    record_outside_allocation(vacancy=routed, on=TODAY, by=world.people["aline"])
    record_outside_lease(vacancy=routed, signed_on=TODAY, facts={}, by=world.people["aline"])
    assert not dated_by_lease(outcomes([routed])[routed.pk])
    check_books(routed.ledger)


def test_an_allocation_already_recorded_is_asked_no_more(world: World, routed: Vacancy, sign_in) -> None:
    record_outside_allocation(vacancy=routed, on=TODAY, by=world.people["aline"])
    with time_machine.travel(MORNING.replace(year=2027, month=1, day=20), tick=False):
        client = sign_in("aline")
        assert "Attribué par la commission le" not in text_of(client.get(page(routed)))
        assert client.post(page(routed), {"outcome": "LEASED", "on": "15/01/2027"}).status_code == 302
