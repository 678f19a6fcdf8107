"""What the préfet delegates: whole or a part, for a time, for certain units, never the units of State agents."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from flux.operations.cancellation import cancel_vacancy
from flux.operations.routing import route_elsewhere
from reservations.imports.kinds import kind_of
from reservations.models import Convention, Delegation, ReservationHolder
from reservations.operations.convention_terms import QuotaTerms, check_delegations
from reservations.operations.terms import DelegationRefused, DelegationScope
from tests.flux.operations.test_returning import send
from tests.flux.views.five import settle
from tests.flux.views.pages import text_of
from tests.flux.views.test_convention import NEW, TERMS
from tests.world import MORNING, Contingent, World

SignIn = Callable[[str], Client]


def delegate(world: World, **scope: object) -> Delegation:
    quota = world.conventions["state"].quotas.get(holder=world.holders["priority"])
    return Delegation.objects.create(quota=quota, delegate=world.city, **scope)


def test_part_is_the_delegate_s_by_largest_remainder_in_the_order_of_routings(world: World) -> None:
    """« Tout ou partie de ses droits » (CCH, L441-1): 40 % of five are two, and the State is debited of all."""
    delegate(world, share=400_000)
    routed = [send(world, "priority") for _ in range(5)]
    assert [routing.acting == world.city for routing in routed] == [False, True, False, True, False]
    assert {routing.holder for routing in routed} == {world.holders["priority"]}
    assert send(world, "agents").acting is None


def test_a_unit_cancelled_or_routed_elsewhere_takes_no_turn(world: World) -> None:
    """40 % of the units that the State has: those cancelled since, or taken elsewhere, are not of them."""
    delegate(world, share=400_000)
    lost, moved = send(world, "priority"), send(world, "priority")
    about = {"by": world.people["aline"], "now": MORNING}
    cancel_vacancy(vacancy=lost.vacancy, reason="NOTICE_WITHDRAWN", text="Le locataire reste.", **about)
    route_elsewhere(vacancy=moved.vacancy, holder=world.holders["city"], motive="OTHER", motive_text="Accord.", **about)
    routed = [send(world, "priority") for _ in range(5)]
    assert [routing.acting == world.city for routing in routed] == [False, True, False, True, False]


@pytest.mark.parametrize(("contingent", "proposes"), [(Contingent.AUTHORITY, True), (Contingent.OTHER, False)])
def test_an_epci_delegates_what_it_has_as_an_authority_alone(world: World, contingent: int, proposes: bool) -> None:
    """« Les communes, les EPCI, les départements » delegate what their own conventions give them as such."""
    quota = world.conventions["epci"].quotas.get()
    Delegation.objects.create(quota=quota, delegate=world.city)
    ReservationHolder.objects.filter(pk=quota.holder_id).update(contingent=contingent)
    world.holders["epci"].refresh_from_db()
    assert (send(world, "epci").acting == world.city) is proposes


@pytest.mark.parametrize(
    ("scope", "works", "proposes"),
    [
        ({"ends_on": date(2026, 11, 23)}, False, False),
        ({"ends_on": date(2026, 11, 24)}, False, True),
        ({"starts_on": date(2026, 11, 25)}, False, False),
        ({"units": "NEW"}, False, False),
        ({"units": "REHABILITATED"}, False, False),
        ({"units": "REHABILITATED"}, True, True),
        ({"units": "REHABILITATED", "share": 500_000}, True, True),
        ({"units": "NEW", "share": 500_000, "starts_on": date(2026, 1, 1)}, True, False),
    ],
)
def test_delegate_proposes_for_the_time_and_the_units_that_are_delegated(
    world: World, scope: dict[str, object], works: bool, proposes: bool
) -> None:
    """« Sa durée », « logements neufs ou réhabilités » (model of delegation published in the Journal officiel)."""
    delegate(world, **scope)
    vacancy = world.vacancy()
    if works:
        type(vacancy).objects.filter(pk=vacancy.pk).update(works_end_on=date(2027, 3, 1))
        vacancy.refresh_from_db()
    assert (send(world, "priority", vacancy).acting == world.city) is proposes


def test_sheet_opens_its_account_to_who_may_read_it(world: World, sign_in: SignIn) -> None:
    """A commune that proposes for the préfet, without a convention of its own, reads the sheet (CCH, L441-1); the link
    to the account, which is not for it, led to a page that does not exist."""
    settle(world)
    village, vacancy = world.holders["village"].organisation, world.vacancy(commune="Sigean")
    Delegation.objects.create(
        quota=world.conventions["state"].quotas.get(holder=world.holders["priority"]), delegate=village
    )
    assert send(world, "priority", vacancy).acting == village
    account = reverse("account", args=[vacancy.ledger_id])
    for person, status in (("sonia", 404), ("bob", 200), ("aline", 200)):
        client = sign_in(person)
        page = client.get(reverse("vacancy-detail", args=[vacancy.pk]))
        assert "Compte Exercice 2026, n° 1, le" in text_of(page)
        assert (f'href="{account}"' in page.content.decode(), client.get(account).status_code) == (
            status == 200,
            status,
        ), person


def test_delegation_is_typed_shown_printed_reported_and_taken_away(world: World, sign_in: SignIn) -> None:
    client, pk = sign_in("alice"), world.holders["priority"].pk
    given = TERMS | {
        "perimeter": world.places["Aude"].pk,
        "starts_on": "01/01/2029",
        "ends_on": "31/12/2031",
        f"percent_{pk}": "25",
        f"rank_{pk}": "1",
        f"delegated_share_{pk}": "40",
        f"delegated_units_{pk}": "NEW",
        f"delegated_from_{pk}": "01/03/2029",
        f"delegated_until_{pk}": "31/12/2029",
    }
    url = f"{NEW}?organisation={world.state.pk}"
    refused = client.post(url, given)
    assert "Rien n’est délégué à personne" in refused.context["form"].errors[f"delegates_{pk}"][0]
    given[f"delegates_{pk}"] = [world.city.pk]
    both = client.post(url, given | {"management": "DELEGATED"}).context["form"].errors
    assert "qui cherche lui-même les candidats : personne d’autre ne propose" in both[f"delegates_{pk}"][0]
    backwards = client.post(url, given | {f"delegated_until_{pk}": "28/02/2029"})
    assert set(backwards.context["form"].errors) == {f"delegated_until_{pk}"}
    assert client.post(url, given).status_code == 302
    row = Convention.objects.get(organisation=world.state, status="DRAFT")
    scope = "40 % des logements neufs, à leur première location, à partir du 1er mars 2029, jusqu’au 31 décembre 2029"
    for address in ("convention-detail", "convention-document"):
        assert scope in " ".join(client.get(reverse(address, args=[row.pk])).content.decode().split())
    initial = client.get(reverse("convention-edit", args=[row.pk])).context["form"].initial
    assert (initial[f"delegated_share_{pk}"], initial[f"delegated_from_{pk}"]) == (40, date(2029, 3, 1))
    out = StringIO()
    call_command("rights", landlord="999000003", on="2029-01-01", json=True, stdout=out)
    (result,) = [each for each in json.loads(out.getvalue())["conventions"] if each["number"] == row.pk]
    assert result["quotas"][0]["delegates"] == [
        {
            "siren": world.city.siren,
            "name": "Ville de Narbonne",
            "share": 400_000,
            "units": "NEW",
            "starts_on": "2029-03-01",
            "ends_on": "2029-12-31",
            "accord_on": None,
            "accord_reference": "",
        }
    ]
    (line,) = [each for each in kind_of("conventions").recorded(world.member("alice")) if each["début"] == "01/01/2029"]
    columns = ("part déléguée", "logements délégués", "délégation du", "délégation au")
    assert [line[name] for name in columns] == [
        "40",
        "neufs, à leur première location",
        "01/03/2029",
        "31/12/2029",
    ]


def test_units_of_state_agents_are_not_delegated_and_a_part_is_a_part(world: World) -> None:
    """« À l’exclusion des logements réservés aux agents » : the 5 % (CCH, L441-1)."""
    agents, priority = world.holders["agents"], world.holders["priority"]
    for quota, sentence in (
        (QuotaTerms(agents, 50_000, 2, (world.city,)), "ne se délèguent pas"),
        (QuotaTerms(priority, 250_000, 1, (world.city,), scope=DelegationScope(share=0)), "de plus de 0 % à 100 %"),
    ):
        with pytest.raises(DelegationRefused, match=sentence):
            check_delegations([quota], world.places["Aude"], managed="DIRECT")
