"""An item on screen: blind, decided in the room, postponed, corrected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from attributions.households.models import (
    AccessRecord,
    AgendaItem,
    Application,
    Ballot,
    CaseDecision,
    CommitteeMember,
    PriorityCategory,
    Proposal,
    Recusal,
)
from attributions.households.operations.agenda import add_to_agenda, recuse
from attributions.households.operations.session import open_session
from tests.attributions.households.sittings import HOUR, House, candidates, lines, routed
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING

SignIn = Callable[[str], Client]


def url(name: str, item: AgendaItem) -> str:
    return reverse(name, args=[item.pk])


def posted(house: House, **decisions: str) -> dict[str, str]:
    """What the secretary posts: « kind_a » and so on, everybody for."""
    voting = [member for member in house.members.values() if member.votes]
    return {f"vote_{member.pk}": "FOR" for member in voting} | decisions


RANKED = {
    "kind_a": "RANKED",
    "rank_a": "1",
    "kind_b": "RANKED",
    "rank_b": "2",
    "kind_c": "NOT_ALLOCATED",
    "not_allocated_c": "EFFORT",
}


def test_cases_are_read_blind(home: House, sign_in: SignIn) -> None:
    vacancy = routed(home.world)
    [candidate, *_] = candidates(home.world, vacancy)
    Application.objects.filter(pk=candidate.application_id).update(
        number="011012345678904107", name="Dominique Sauvage", birth_date=date(1984, 2, 29), nationality="OTHER"
    )
    category = PriorityCategory.objects.order_by("pk")[0]
    Proposal.objects.filter(pk=candidate.pk).update(
        children=2, income=14210, income_quartile=1, score=128, effort_rate="18.4", living_rest="14.20",
        has_priority=True, priority=category, labelled_on=date(2026, 11, 12),
    )  # fmt: skip
    item = home.opened(vacancy=vacancy)
    for person in ("aline", "chloe"):
        response = sign_in(person).get(url("agenda-item", item))
        page = text_of(response)
        rows = ("se termine par 41 07", "2 adultes, 2 enfants", "14 210 €", "128 points", "18,4 %", "14,20 €")
        assert [words for words in rows if words not in page] == []
        assert "labellisé le 12 novembre 2026, avant la séance" in page
        raw = response.content.decode()
        hidden = ("Dominique", "Sauvage", "011012345678904107", "1984", "Union européenne", category.label)
        assert [words for words in hidden if words in raw] == []
    first, second = AccessRecord.objects.order_by("pk")
    assert (first.what, first.files, first.keeper) == ("CASES", 3, home.world.landlord.organisation)
    assert (first.user, second.user) == (home.world.people["aline"], home.world.people["chloe"])
    assert vacancy.unit.reference in first.subject


def test_secretary_corrects_then_records_the_decision_of_the_room(home: House, sign_in: SignIn) -> None:
    item = home.opened()
    client, address = sign_in("aline"), url("agenda-item", item)
    page = text_of(client.get(address))
    assert "Voix prépondérante : maire de Narbonne (Chloé)." in page
    assert "celle de la CALEOL : compté comme proposé, sans être décompté du droit de réservation ; le délai" in page

    wrong = client.post(address, posted(home, **RANKED | {"rank_b": "", "not_allocated_c": ""}))
    assert wrong.status_code == 422
    body = wrong.content.decode()
    assert '<a href="#rank_b">Dossier B : donnez-lui un rang, ou choisissez une autre décision.</a>' in body
    assert '<a href="#not_allocated_c">Dossier C : choisissez le motif de la non-attribution' in body
    assert 'id="rank_b_error"' in body
    assert Ballot.objects.count() == 0

    twice = client.post(address, posted(home, **RANKED | {"rank_b": "1"}))
    assert "le rang 1 est déjà donné à un autre dossier." in text_of(twice)

    seen = text_of(client.post(address, posted(home, **RANKED, voir="1")))
    assert "Dossier B : l’offre lui passe si le dossier A refuse" in seen
    assert "Dossier C : sa candidature se termine" in seen
    assert Ballot.objects.count() == 0

    done = client.post(address, posted(home, **RANKED), follow=True)
    assert messages_of(done) == ["Logement 1. Proposition adoptée : 9 pour, 0 contre, 0 abstention."]
    assert [d.kind for d in CaseDecision.objects.order_by("pk")] == ["RANKED", "RANKED", "NOT_ALLOCATED"]
    page = client.get(address)
    assert "Qu’a décidé la commission ?" in text_of(page)
    assert "Ménage" not in text_of(page).replace("Ménage 2 adultes", "")


def test_recording_goes_on_to_the_next_unit(home: House, sign_in: SignIn) -> None:
    session = home.session()
    first, second = (home.item(session) for _ in range(2))
    open_session(session=session, present=list(home.members.values()), by=home.secretary, now=MORNING + HOUR)
    page = sign_in("aline").get(url("agenda-item", first))
    assert "Enregistrer et passer au logement 2" in text_of(page)
    done = sign_in("aline").post(url("agenda-item", first), posted(home, **RANKED))
    assert done.headers["Location"] == url("agenda-item", second)


def test_a_tie_without_the_mayor_decides_nothing_and_another_ballot_may_open(home: House, sign_in: SignIn) -> None:
    item = home.opened()
    voting = [member for member in home.members.values() if member.votes]
    half = {f"vote_{each.pk}": "AGAINST" if n % 2 else "FOR" for n, each in enumerate(voting)}
    mayor = {f"vote_{home.members['Chloé'].pk}": "ABSTAIN"}
    client = sign_in("aline")
    page = client.post(url("agenda-item", item), RANKED | half | mayor, follow=True)
    assert "Sans décision : 4 pour, 4 contre, 1 abstention." in messages_of(page)[0]
    assert "La décision, dossier par dossier" in text_of(page)
    against = {f"vote_{home.members['Chloé'].pk}": "AGAINST"}
    page = client.post(url("agenda-item", item), RANKED | half | against, follow=True)
    assert "Proposition rejetée : 4 pour, 5 contre" in messages_of(page)[0]


def test_who_is_recused_reads_nothing_and_does_not_vote(home: House, sign_in: SignIn) -> None:
    item = home.opened()
    client = sign_in("chloe")
    assert "se termine par" in text_of(client.get(url("agenda-item", item)))
    other = client.post(url("item-recuse", item), {"member": home.members["Paul"].pk})
    assert other.status_code == 422  # one's own only
    assert client.post(url("item-recuse", item), {"member": home.members["Chloé"].pk}).status_code == 302
    page = text_of(client.get(url("agenda-item", item)))
    assert "Les dossiers de ce logement ne vous sont pas ouverts" in page
    assert "se termine par" not in page
    assert home.members["Chloé"] not in sign_in("aline").get(url("agenda-item", item)).context["item_form"].voters
    assert Recusal.objects.count() == 1


def test_a_mayor_reads_the_cases_of_the_commune_only(home: House, sign_in: SignIn) -> None:
    item = home.opened(vacancy=home.unit(commune="Coursan"))
    assert "se termine par" not in text_of(sign_in("chloe").get(url("agenda-item", item)))
    assert "se termine par" in text_of(sign_in("emma").get(url("agenda-item", item)))


def test_postponed_with_its_reason_it_is_ready_again(home: House, sign_in: SignIn) -> None:
    item, client = home.opened(), sign_in("aline")
    assert client.post(url("item-postpone", item), {}).status_code == 422
    assert client.post(url("item-postpone", item), {"why": "Pièce attendue."}).status_code == 302
    assert set(Proposal.objects.values_list("status", flat=True)) == {"READY"}
    assert "Reporté le 24 novembre 2026 : Pièce attendue." in text_of(client.get(url("agenda-item", item)))


def test_cases_instructed_since_join_the_item(home: House, sign_in: SignIn) -> None:
    item = home.opened()
    candidates(home.world, item.vacancy, 1)
    client = sign_in("aline")
    assert "1 dossier a été instruit depuis. L’ajouter à ce point" in text_of(client.get(url("agenda-item", item)))
    assert client.post(url("item-refresh", item)).status_code == 302
    assert item.cases.count() == 4


def test_a_wrong_decision_is_corrected_beside_the_first(home: House, sign_in: SignIn) -> None:
    item = home.opened()
    home.decide(item, *lines(item, "RANKED 1", "RANKED 2", "NOT_ALLOCATED SIZE"))
    client, address = sign_in("aline"), url("decision-correct", item)
    page = client.get(address)
    assert page.context["form"]["kind_a"].initial == "RANKED"
    same = RANKED | {"not_allocated_c": "SIZE"}
    refused = client.post(address, same | {"why": "Erreur de saisie."})
    assert refused.status_code == 422
    assert "Rien n’est changé" in text_of(refused)
    swapped = same | {"rank_a": "2", "rank_b": "1", "why": "Rangs inversés à la saisie."}
    assert client.post(address, swapped).status_code == 302
    stands = CaseDecision.objects.filter(superseded_at=None, rank__isnull=False).order_by("proposal__position")
    assert [decision.rank for decision in stands] == [2, 1]
    page = text_of(client.get(url("agenda-item", item)))
    assert "Rangs inversés à la saisie." in page
    assert "Rectifie :" in page


#: Reads, records, corrects, postpones.
WHO = {
    "aline": (200, 422, 200, 422),
    "alice": (200, 403, 403, 422),
    "bob": (200, 403, 403, 403),
    "zoe": (404, 404, 404, 404),
    "adam": (404, 404, 404, 404),
}


@pytest.mark.parametrize("person", WHO)
def test_who_may(home: House, sign_in: SignIn, person: str) -> None:
    item, client = home.opened(), sign_in(person)
    found = (
        client.get(url("agenda-item", item)).status_code,
        client.post(url("agenda-item", item), {}).status_code,
        client.get(url("decision-correct", item)).status_code,
        client.post(url("item-postpone", item), {}).status_code,
    )
    assert found == WHO[person]


@pytest.mark.parametrize("count", [1, 12])
def test_page_costs_the_same_queries_whatever_its_cases(
    home: House, sign_in: SignIn, count: int, django_assert_num_queries
) -> None:
    vacancy = routed(home.world)
    candidates(home.world, vacancy, count, exemption="TOO_FEW")
    item = home.opened(vacancy=vacancy)
    for _ in range(count - 1):
        other = home.unit()
        add_to_agenda(session=item.session, vacancies=[other], by=home.secretary, now=MORNING + HOUR)
    recuse(item=item, member=home.members["Paul"], by=home.secretary, now=MORNING + HOUR)
    client = sign_in("aline")
    with django_assert_num_queries(16):
        assert len(client.get(url("agenda-item", item)).context["cases"]) == count


def test_several_cases_instructed_since_are_added_together(home: House, sign_in: SignIn) -> None:
    item = home.item()
    candidates(home.world, item.vacancy, 2)
    page = text_of(sign_in("aline").get(url("agenda-item", item)))
    assert "2 dossiers ont été instruits depuis. Les ajouter à ce point" in page


def test_whoever_is_no_secretary_reads_who_records_the_decision(home: House, sign_in: SignIn) -> None:
    item = home.opened()
    text = "Le secrétariat de la commission enregistre la décision : Aline."
    pages = {person: text_of(sign_in(person).get(url("agenda-item", item))) for person in ("alice", "aline", "chloe")}
    assert {person for person, page in pages.items() if text in page} == {"alice"}
    CommitteeMember.objects.filter(capacity="SECRETARY").update(ends_on=date(2026, 11, 23))
    page = text_of(sign_in("alice").get(url("agenda-item", item)))
    assert "enregistre la décision, et personne ne le tient. Le responsable chez le bailleur l’enregistre sur" in page
