"""A unit of an EPCI or of a département that lets its communes propose: to whom, until when, and both counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from flux.delegating import instead, proposing, under_order
from flux.models import Routing
from flux.permissions import can_propose
from reservations.models import Convention, Delegation, Organisation
from reservations.operations.convention import draft_convention
from reservations.operations.convention_terms import QuotaTerms
from reservations.operations.party import register_organisation
from reservations.operations.person import grant_membership
from reservations.operations.terms import DelegationRefused, DelegationScope
from tests.flux.operations.test_returning import agree, send
from tests.flux.views.pages import text_of
from tests.world import MORNING, World, convention, manager_of, siren

SignIn = Callable[[str], Client]

FIRST, LAST = date(2029, 1, 1), date(2031, 12, 31)


def drafted(world: World, *delegates: Organisation, holder: str = "epci", **scope: object) -> Convention:
    """The convention of that organisation, that delegates to these."""
    chosen = world.holders[holder]
    return draft_convention(
        landlord=world.landlord,
        organisation=chosen.organisation,
        perimeter=chosen.organisation.territory,
        starts_on=FIRST,
        ends_on=LAST,
        quotas=[QuotaTerms(chosen, 60_000, 9, delegates, scope=DelegationScope(**scope))],
        by=manager_of(world.landlord),
    )


@pytest.fixture
def signed(world: World) -> Convention:
    row = world.conventions["epci"]
    quota = row.quotas.get()
    Delegation.objects.create(quota=quota, delegate=world.city, share=500_000, ends_on=date(2027, 6, 30))
    return row


def test_commune_proposes_for_the_part_that_its_epci_delegates_and_the_epci_is_debited(
    world: World, signed: Convention
) -> None:
    """One unit of two in Narbonne; elsewhere the EPCI itself. Nothing of it is the préfet's."""
    first, second, away = (
        send(world, "epci"),
        send(world, "epci"),
        send(world, "epci", world.vacancy(commune="Coursan")),
    )
    assert sorted(each.acting == world.city for each in (first, second)) == [False, True]
    assert away.acting is None
    assert {each.holder for each in (first, second, away)} == {world.holders["epci"]}
    given = first if first.acting else second
    assert (under_order(given), instead(given)) == (False, "délégation")
    assert can_propose(world.member("chloe"), given.vacancy, given)
    assert proposing(Routing.objects.get(pk=given.pk), date(2027, 6, 30)) == world.city
    assert proposing(Routing.objects.get(pk=given.pk), date(2027, 7, 1)) == world.epci


def test_account_and_balance_say_what_each_proposes(world: World, signed: Convention, sign_in: SignIn) -> None:
    with time_machine.travel(MORNING, tick=False):
        given = [send(world, "epci"), send(world, "epci")]
        text = "Le Grand Narbonne : 2 logements orientés, dont 1 proposé, par délégation, par la Ville de Narbonne."
        alice, ledger = sign_in("alice"), given[0].vacancy.ledger
        assert text in text_of(alice.get(reverse("account", args=[ledger.pk])))
        assert text in text_of(alice.get(reverse("balance", args=[world.landlord.pk, 2026])))
        taken = next(each for each in given if each.acting)
        sheet = text_of(alice.get(reverse("vacancy-detail", args=[taken.vacancy_id])))
        assert "Le Grand Narbonne délègue une part de ses droits à ses communes, par sa convention." in sheet
        assert "Au nom du Grand Narbonne, par délégation" in text_of(sign_in("chloe").get(reverse("home")))


def test_a_departement_delegates_to_its_communes_as_an_epci_does(world: World, sign_in: SignIn) -> None:
    """On the territory of each commune; the unit stays debited to the département, and the account counts both."""
    council = register_organisation(
        siren=siren(60), name="Département de l’Aude", article="le", kind="DEPARTEMENT", territory=world.places["Aude"]
    )
    world.holders["council"] = council.contingents.get()
    row = convention(world.landlord, council, world.places["Aude"], (world.holders["council"], "4", 9))
    Delegation.objects.create(quota=row.quotas.get(), delegate=world.city)
    with time_machine.travel(MORNING, tick=False):
        inside, away = send(world, "council"), send(world, "council", world.vacancy(commune="Coursan"))
        assert (inside.acting, away.acting) == (world.city, None)
        assert {each.holder for each in (inside, away)} == {world.holders["council"]}
        assert can_propose(world.member("chloe"), inside.vacancy, inside)
        account = text_of(sign_in("alice").get(reverse("account", args=[inside.vacancy.ledger_id])))
    assert "Département de l’Aude : 2 logements orientés, dont 1 proposé, par délégation, par la Ville" in account


def test_convention_says_which_communes_propose(world: World, signed: Convention, sign_in: SignIn) -> None:
    page = text_of(sign_in("alice").get(reverse("convention-detail", args=[signed.pk])))
    assert "propose à sa place sur son territoire ; les logements restent décomptés de sa part." in page
    paper = text_of(sign_in("alice").get(reverse("convention-document", args=[signed.pk])))
    assert "Le réservataire délègue à la Ville de Narbonne l’exercice de ses droits" in paper


def test_form_offers_the_communes_of_the_epci(world: World, sign_in: SignIn) -> None:
    row = drafted(world, world.city)
    page = sign_in("alice").get(reverse("convention-edit", args=[row.pk]))
    assert "Délégation aux communes" in text_of(page)
    holder = world.holders["epci"].pk
    assert list(page.context["form"].fields[f"delegates_{holder}"].queryset) == [world.city]
    assert f"accord_on_{holder}" not in page.context["form"].fields


def test_what_cannot_be_delegated_is_refused(world: World) -> None:
    with pytest.raises(DelegationRefused, match="Le Grand Narbonne ne délègue qu’à ses communes : retirez"):
        drafted(world, world.state)
    with pytest.raises(DelegationRefused, match="Ville de Narbonne ne délègue pas ses droits"):
        convention_of_the_city(world)


def convention_of_the_city(world: World) -> Convention:
    return drafted(world, world.epci, holder="city")


def test_an_epci_delegates_to_its_communes_from_its_own_account(world: World, sign_in: SignIn) -> None:
    """An amendment that it signs and proposes, and that the landlord countersigns (Code civil, art. 1193: « de leur
    consentement mutuel »); the share stays what it was, and each proposes for its part from its day on."""
    row = world.conventions["epci"]
    before = row.quotas.get()
    at = reverse("convention-delegate", args=[row.pk])
    with time_machine.travel(MORNING, tick=False):
        grant_membership(user=world.people["driss"], organisation=world.epci, role="HOLDER_STAFF")
        client = sign_in("driss")
        given = {"starts_on": "01/01/2027", "delegates": [world.city.pk], "delegated_share": "50"}
        assert "Déléguer à vos communes…" in text_of(client.get(reverse("convention-detail", args=[row.pk])))
        asked = client.post(at, given | {"delegates": []})
        assert asked.status_code == 422
        assert "Rien n’est délégué à personne" in text_of(asked)
        assert not Convention.objects.filter(amends=row).exists(), "nothing is half written"
        answer = client.post(at, given | {"delegated_until": "30/06/2027"}, follow=True)
        signed = "L’avenant n° 1 est signé en votre nom et proposé à Robine Habitat"
        assert signed in text_of(answer)
        assert "Déléguer à vos communes…" not in text_of(client.get(reverse("convention-detail", args=[row.pk])))
        amendment = Convention.objects.get(amends=row)
        assert amendment.status == "PROPOSED"
        sign_in("alice").post(reverse("convention-sign", args=[amendment.pk]))
    amendment.refresh_from_db()
    quota = amendment.quotas.get()
    assert (amendment.status, quota.share, quota.rank) == ("SIGNED", before.share, before.rank)
    made = quota.delegations.get()
    assert (made.delegate, made.share, made.ends_on) == (world.city, 500_000, date(2027, 6, 30))


def test_a_holder_that_may_not_delegate_has_no_such_act(world: World, sign_in: SignIn) -> None:
    """Nor what the préfet delegates, whose accords the landlord's draft cites (CCH, L441-1)."""
    with time_machine.travel(MORNING, tick=False):
        for person, name in (("chloe", "city"), ("bob", "state"), ("alice", "epci")):
            row = world.conventions[name]
            assert sign_in(person).post(reverse("convention-delegate", args=[row.pk])).status_code == 403
        grant_membership(user=world.people["driss"], organisation=world.epci, role="HOLDER_STAFF")
        agree(world.conventions["epci"], management="DELEGATED")  # the landlord looks for its candidates
        assert sign_in("driss").post(reverse("convention-delegate", args=[row.pk])).status_code == 403
