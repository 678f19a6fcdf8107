"""The page of a transfer of programmes, in words: what passes, what was said of it, and the answer of each side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from flux.models import StockTransfer, TransferredProgramme
from flux.pages.stock_transfer import state_of
from flux.pages.story import StoryLine
from reservations.pages.pieces import beside, link, pill
from reservations.words import day, of, upper_first


@dataclass(frozen=True, slots=True)
class TransferWords:
    """What the page says to one reader; `is_ours`: it gives; `absorbs`: everything passes; `on_paper`: it records what
    the other side accepted."""

    transfer: StockTransfer
    is_ours: bool
    absorbs: bool
    on_paper: bool

    @property
    def answer(self) -> str:
        """From when, by what, and how it stands."""
        giver, words, kind = self.transfer.giver, *state_of(self.transfer, timezone.localdate())
        since = f"À compter du {day(self.transfer.takes_effect_on)} ({self.transfer.source})."
        whole = f"Tout le patrimoine {of(giver)}, avec ses conventions et ses comptes." if self.absorbs else ""
        return beside(since, whole, pill(upper_first(words), kind))

    @property
    def over(self) -> str:
        """Once nothing is awaited any more."""
        return "Ce qui est passé" if self.transfer.done_at else "Ce qui ne passera pas"

    def programme(self, given: TransferredProgramme) -> str:
        """A programme that is given, to who may open it on its side."""
        opened = given.programme if self.is_ours else given.becomes
        name = link(reverse("programme-detail", args=[opened.pk]), opened) if opened else str(given.programme)
        return format_html("{}, {}", name, given.programme.commune)

    @property
    def story(self) -> Iterator[StoryLine]:
        """Proposed, accepted or withdrawn, done."""
        transfer = self.transfer
        yield _at(transfer.proposed_at, f"Proposée par {transfer.giver}")
        if transfer.accepted_at is not None:
            paper = f", sur papier : {transfer.signer}" if transfer.signer else ""
            yield _at(transfer.accepted_at, f"Acceptée par {transfer.receiver}{paper}")
        if transfer.withdrawn_at is not None:
            yield _at(transfer.withdrawn_at, f"Retirée ou refusée : « {transfer.withdrawn_why} »")
        if transfer.done_at is not None:
            yield _at(transfer.done_at, "Faite")

    @property
    def asks(self) -> str:
        """What the reader has to say."""
        return "Votre proposition" if self.is_ours else "Votre réponse"

    @property
    def accepts(self) -> str:
        """The act of accepting."""
        return "Enregistrer l’acceptation" if self.on_paper else "Accepter cette cession"

    @property
    def refuses(self) -> str:
        """The other act."""
        return "Retirer la proposition" if self.is_ours else "Refuser"


def _at(moment: datetime, words: str) -> StoryLine:
    return StoryLine(timezone.localtime(moment).isoformat(), day(moment), words)
