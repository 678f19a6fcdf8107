"""Organisations are put right, made one, closed: what binds passes on, what was lived stays."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reservations.models import Convention, HistoryEntry, Membership, Organisation, StockRight, Territory
from reservations.operations.merger import MergerRefused, merge_organisations
from reservations.operations.party import (
    OrganisationKept,
    close_organisation,
    correct_organisation,
    register_organisation,
)
from reservations.operations.stock_right import TitleTerms, record_stock_right
from tests.world import World, convention, siren

SignIn = Callable[[str], Client]
Status = Convention.Status


@pytest.fixture
def twin(world: World) -> Organisation:
    """The city, recorded twice: under another SIREN, before somebody looked."""
    return register_organisation(
        siren=siren(63),
        name="Mairie de Narbonne",
        article="la",
        kind=Organisation.Kind.COMMUNE,
        territory=world.places["Narbonne"],
    )


def test_what_binds_passes_to_the_one_that_stays_and_what_was_lived_does_not(
    world: World, sign_in: SignIn, twin: Organisation
) -> None:
    """The city's convention ends today and goes on tomorrow, same terms; its titles change hands; Chloé keeps both."""
    today = timezone.localdate()
    held = record_stock_right(
        landlord=world.landlord,
        terms=TitleTerms(world.holders["city"], "LAND", date(2020, 1, 1)),
        by=world.people["alice"],
        today=today,
    )
    merge = reverse("organisation-merge", args=[world.city.pk])
    adam = sign_in("adam")
    assert "Quelle organisation la remplace" in adam.get(merge).content.decode()
    text = adam.post(merge, {"into": twin.pk, "why": "Deux fois la même."}, follow=True).content.decode()
    assert (
        "Ville de Narbonne est réunie à la Mairie de Narbonne : "
        "1 convention passée, 1 droit en stock passé, 1 rôle donné." in html.unescape(text)
    )
    before = Convention.objects.get(pk=world.conventions["city"].pk)
    after = Convention.objects.get(organisation=twin)
    assert (before.status, before.ends_on, before.successor) == (Status.ENDED, today, twin)
    assert (after.status, after.starts_on, after.ends_on) == (
        Status.SIGNED,
        today + timedelta(days=1),
        date(2028, 12, 31),
    )
    assert [q.share for q in after.quotas.all()] == [q.share for q in before.quotas.all()]
    assert StockRight.objects.get(pk=held.pk).holder.organisation == twin
    assert [each.organisation.name for each in world.people["chloe"].memberships.all()] == [
        "Mairie de Narbonne",
        "Ville de Narbonne",
    ]
    gone = Organisation.objects.get(pk=world.city.pk)
    assert (gone.closed_on, gone.merged_into) == (today, twin)
    for row in (gone, twin):
        entry = HistoryEntry.objects.about(row).last()
        assert (entry.act, entry.why) == ("MERGED", "Deux fois la même.")
        assert {gone.pk, twin.pk, world.landlord.organisation_id} <= set(entry.organisations)
    for reader in ("alice", "chloe"):
        page = html.unescape(sign_in(reader).get(reverse("people-history")).content.decode())
        assert "Ville de Narbonne réunie à « Mairie de Narbonne » : Deux fois la même." in page
    assert "fermée le" in adam.get(reverse("organisation-list")).content.decode()
    assert "réunie à une autre : Mairie de Narbonne" in html.unescape(
        sign_in("alice").get(reverse("holder-list")).content.decode()
    )


def test_one_that_has_its_own_convention_takes_over_what_is_due(world: World, twin: Organisation) -> None:
    own = {holder.contingent: holder for holder in twin.contingents.all()}
    convention(world.landlord, twin, world.places["Narbonne"], (own[4], "3", 6))
    draft = convention(
        world.landlord,
        world.city,
        world.places["Narbonne"],
        (world.holders["city"], "9", 4),
        signed=False,
        starts_on=date(2031, 1, 1),
        ends_on=date(2031, 12, 31),
    )
    today = timezone.localdate()
    merge_organisations(organisation=world.city, into=twin, why="Une seule.", today=today, by=world.people["adam"])
    assert Convention.objects.get(pk=world.conventions["city"].pk).successor == twin
    assert Convention.objects.filter(organisation=twin, status=Status.SIGNED).count() == 1
    assert Convention.objects.get(pk=draft.pk).organisation == twin


def test_one_that_has_its_own_convention_elsewhere_takes_over_each_by_the_same_terms(world: World) -> None:
    """Two records of Action Logement, one signed in the Aude and one in the Hérault: the Hérault's goes on."""
    second = register_organisation(
        siren=siren(65), name="Action Logement, Hérault", kind=Organisation.Kind.ACTION_LOGEMENT
    )
    [held] = second.contingents.all()
    ended = convention(world.landlord, second, world.places["Hérault"], (held, "15", 7))
    today = timezone.localdate()
    passed = merge_organisations(
        organisation=second, into=world.als, why="Une seule.", today=today, by=world.people["adam"]
    )
    assert passed["conventions"] == 1
    after = Convention.objects.get(organisation=world.als, perimeter=world.places["Hérault"])
    assert (after.status, after.starts_on, after.ends_on) == (Status.SIGNED, today + timedelta(1), ended.ends_on)
    assert [(quota.holder, quota.share) for quota in after.quotas.all()] == [(world.holders["als"], 150_000)]
    assert Convention.objects.get(pk=ended.pk).successor == world.als


def test_a_contingent_without_a_share_in_the_convention_that_goes_on_is_asked(world: World) -> None:
    """Two records of the préfecture: the one that stays promises nothing to the State's agents."""
    second = register_organisation(
        siren=siren(66), name="Préfet de l’Aude", kind=Organisation.Kind.STATE, territory=world.places["Aude"]
    )
    priority = second.contingents.get(contingent=2)
    convention(world.other_landlord, second, world.places["Aude"], (priority, "10", 1))
    agents = world.holders["agents"], world.holders["priority"]
    convention(world.other_landlord, world.state, world.places["Aude"], (agents[0], "5", 2), (agents[1], "10", 3))
    with pytest.raises(MergerRefused, match=r"ne donne pas de part au contingent « État – agents »"):
        merge_organisations(
            organisation=world.state, into=second, why="Une.", today=timezone.localdate(), by=world.people["adam"]
        )
    assert Organisation.objects.get(pk=world.state.pk).closed_on is None


def test_new_commune_takes_over_where_its_own_convention_holds_the_one_that_was_united(world: World) -> None:
    """Commune nouvelle: Coursan becomes a part of Sigean, whose convention bears on both; before, it holds it not."""
    coursan, sigean = (
        register_organisation(
            siren=siren(number),
            name=f"Ville de {name}",
            article="la",
            kind=Organisation.Kind.COMMUNE,
            territory=world.places[name],
        )
        for number, name in ((67, "Coursan"), (68, "Sigean"))
    )
    for organisation, place, rank in ((coursan, "Coursan", 7), (sigean, "Sigean", 8)):
        [held] = organisation.contingents.all()
        convention(world.landlord, organisation, world.places[place], (held, "10", rank))
    given = {"organisation": coursan, "into": sigean, "why": "Commune nouvelle.", "by": world.people["adam"]}
    with pytest.raises(MergerRefused, match=r"porte sur Coursan, qui n’est pas le territoire de la Ville de Sigean"):
        merge_organisations(today=timezone.localdate(), **given)
    Territory.objects.filter(pk=world.places["Coursan"].pk).update(parent_commune=world.places["Sigean"])
    merge_organisations(today=timezone.localdate(), **given)
    ended = Convention.objects.get(organisation=coursan)
    assert (ended.status, ended.successor) == (Status.ENDED, sigean)


def test_a_merger_that_would_lose_something_is_refused_whole(world: World, twin: Organisation) -> None:
    today, adam = timezone.localdate(), world.people["adam"]

    def refused(organisation: Organisation, into: Organisation, why: str = "Parce que.") -> str:
        with pytest.raises(Exception, match=r"\w") as result:
            merge_organisations(organisation=organisation, into=into, why=why, today=today, by=adam)
        return str(result.value)

    sigean = register_organisation(
        siren=siren(64),
        name="Ville de Sigean",
        article="la",
        kind=Organisation.Kind.COMMUNE,
        territory=world.places["Sigean"],
    )
    assert "Dites pourquoi" in refused(world.city, twin, " ")
    assert "elle-même" in refused(world.city, world.city)
    assert "nature" in refused(world.city, world.epci)
    assert "bailleur" in refused(world.landlord.organisation, world.other_landlord.organisation)
    assert "qui n’est pas le territoire" in refused(world.city, sigean)
    assert Convention.objects.get(pk=world.conventions["city"].pk).status == Status.SIGNED
    close_organisation(organisation=sigean, why="Doublon.", today=today, by=adam)
    assert "est fermée" in refused(twin, sigean)
    assert "est fermée depuis" in refused(sigean, twin)
    assert not Membership.objects.filter(organisation=twin).exists()
    with pytest.raises(MergerRefused):
        merge_organisations(organisation=twin, into=world.epci, why="Non.", today=today, by=adam)


def test_an_organisation_is_put_right_with_its_key_checked(world: World, sign_in: SignIn) -> None:
    """The landlord's manager corrects its own; the territory of a signatory stays."""
    alice, own = sign_in("alice"), world.landlord.organisation
    correct = reverse("organisation-correct", args=[own.pk])
    assert "La réunir à une autre" not in alice.get(correct).content.decode()
    wrong = alice.post(correct, {"name": "Robine", "siren": "999000004", "territory": ""})
    assert list(wrong.context["form"].errors) == ["siren"]
    taken = alice.post(correct, {"name": "Robine", "siren": world.city.siren, "territory": ""})
    assert "Ce SIREN est déjà celui de la Ville de Narbonne" in html.unescape(taken.content.decode())
    done = alice.post(correct, {"name": "Robine Habitat OPH", "siren": own.siren, "territory": "Aude"})
    assert done["Location"] == reverse("holder-list")
    assert (Organisation.objects.get(pk=own.pk).name, HistoryEntry.objects.about(own).last().act) == (
        "Robine Habitat OPH",
        "EDITED",
    )
    with pytest.raises(OrganisationKept, match=r"il ne change plus"):
        correct_organisation(
            organisation=world.city,
            siren=world.city.siren,
            name="Ville de Sigean",
            territory=world.places["Sigean"],
            by=world.people["adam"],
        )


def test_an_organisation_is_closed_once_nothing_binds_it(world: World, sign_in: SignIn, twin: Organisation) -> None:
    adam = sign_in("adam")
    kept = adam.post(reverse("organisation-close", args=[world.city.pk]), {"why": "Fin."})
    assert "court encore ou se prépare" in html.unescape(kept.content.decode())
    closing = reverse("organisation-close", args=[twin.pk])
    assert "Pourquoi fermer cette organisation" in adam.get(closing).content.decode()
    assert "La fermer" in adam.get(reverse("organisation-correct", args=[twin.pk])).content.decode()
    text = adam.post(closing, {"why": "Doublon."}, follow=True).content.decode()
    assert "Mairie de Narbonne est fermée : plus rien ne se signe avec elle." in html.unescape(text)
    partners = sign_in("alice").get(reverse("convention-draft")).context["form"].fields["organisation"].queryset
    assert twin not in partners
    assert "Organisation fermée : Doublon." in adam.get(reverse("people-history")).content.decode()
