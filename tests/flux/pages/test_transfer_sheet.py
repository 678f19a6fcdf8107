"""The page of a transfer of programmes: what passes, what was stated, and the answer of each side."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.utils.html import strip_tags

from flux.models import Programme, StockTransfer, TransferredProgramme
from flux.pages.stock_transfers import TransferWords
from reservations.models import Landlord, Organisation, Territory

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
GIVER, RECEIVER = (Landlord(organisation=Organisation(name=name)) for name in ("Robine Habitat", "Orbieu Habitat"))


def transfer_words(
    *, is_ours: bool = False, absorbs: bool = False, on_paper: bool = False, **given: Any
) -> TransferWords:
    nothing: dict[str, Any] = {"giver": GIVER, "receiver": RECEIVER, "takes_effect_on": date(2100, 1, 1)}
    transfer = StockTransfer(**nothing | {"source": "délibération", "proposed_at": NOW} | given)
    return TransferWords(transfer, is_ours, absorbs, on_paper)


def test_it_says_from_when_and_whether_everything_passes() -> None:
    assert strip_tags(transfer_words().answer) == "À compter du 1er janvier 2100 (délibération). À accepter"
    assert "Tout le patrimoine de Robine Habitat, avec ses" in transfer_words(absorbs=True).answer
    assert transfer_words(done_at=NOW).over == "Ce qui est passé"
    assert transfer_words(withdrawn_at=NOW).over == "Ce qui ne passera pas"


def test_each_side_opens_the_programme_that_is_its_own() -> None:
    place = Territory(name="Narbonne")
    programme, becomes = (
        Programme(pk=3, name="Voltaire", commune=place),
        Programme(pk=4, name="Voltaire", commune=place),
    )
    waiting = TransferredProgramme(programme=programme)
    passed = TransferredProgramme(programme=programme, becomes=becomes)
    assert transfer_words(is_ours=True).programme(passed).count("/3/") == 1
    assert transfer_words().programme(passed).count("/4/") == 1
    assert "href" not in transfer_words().programme(waiting)
    assert strip_tags(transfer_words().programme(waiting)) == f"{programme}, {place}"


def test_what_was_stated_is_reported_in_its_order() -> None:
    assert [each.words for each in transfer_words().story] == ["Proposée par Robine Habitat"]
    done = transfer_words(accepted_at=NOW, signer="Mme Marty", done_at=NOW)
    assert [each.words for each in done.story][1:] == ["Acceptée par Orbieu Habitat, sur papier : Mme Marty", "Faite"]
    gone = transfer_words(accepted_at=NOW, withdrawn_at=NOW, withdrawn_why="Erreur.")
    assert [each.words for each in gone.story][1:] == [
        "Acceptée par Orbieu Habitat",
        "Retirée ou refusée : « Erreur. »",
    ]


def test_who_gives_and_who_receives_have_their_acts() -> None:
    assert (transfer_words(is_ours=True).asks, transfer_words(is_ours=True).refuses) == (
        "Votre proposition",
        "Retirer la proposition",
    )
    assert (transfer_words().asks, transfer_words().refuses) == ("Votre réponse", "Refuser")
    assert transfer_words().accepts == "Accepter cette cession"
    assert transfer_words(on_paper=True).accepts == "Enregistrer l’acceptation"
