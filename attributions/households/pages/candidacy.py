"""The page of one candidate, in words: what its reader may do, why it ended, what its instruction corrected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize

from attributions.households.models import Proposal, ProposalEnd
from flux.pages.story import StoryLine
from reservations.models import HistoryEntry
from reservations.pages.facts import UNKNOWN
from reservations.pages.pieces import beside, link
from reservations.words import day, hour, upper_first

Status = Proposal.Status

#: A candidate, once one may ask for its offers and its lease.
FOLLOWED = (*Proposal.KEPT, Status.HOUSED)


@dataclass(frozen=True, slots=True)
class CandidateReader:
    """Who reads a candidate: who prepared it and `may_edit` it, its landlord (`instructs`), who may take it back once
    it was sent (`may_withdraw`)."""

    may_edit: bool
    instructs: bool
    may_withdraw: bool


def candidate_ways(proposal: Proposal, reader: CandidateReader) -> Iterator[str]:
    """What the reader may do of a candidate as it stands, a line each."""
    pk, letting = proposal.pk, reverse("letting", args=[proposal.vacancy_id])
    if reader.may_edit:
        edit = link(reverse("proposal-edit", args=[pk]), "Modifier", css="btn")
        yield beside(edit, link(reverse("proposal-remove", args=[pk]), "Retirer", css="btn"))
    if reader.instructs and proposal.standing in (Status.SENT, Status.READY):
        words = "Vérifier de nouveau" if proposal.ready_at else "Instruire ce candidat"
        yield link(reverse("proposal-instruct", args=[pk]), words, css="btn go")
    if reader.instructs and proposal.standing == Status.READY:
        yield link(reverse("session-list"), "Mettre à l’ordre du jour d’une CALEOL", css="btn")
    offers = link(f"{letting}#candidat-{pk}", "Offres et bail", css="btn") if proposal.standing in FOLLOWED else ""
    withdraw = link(f"{letting}#retirer-{pk}", "Retirer cette candidature…", css="btn") if reader.may_withdraw else ""
    if offers or withdraw:
        yield beside(offers, withdraw)


def end_words(end: ProposalEnd | None) -> str:
    """Why it ended, and when; empty of one that did not."""
    if end is None:
        return ""
    text = f" « {end.text} »" if end.text else ""
    return f"{upper_first(end.reason_words)}, le {day(end.on)}.{text}"


def end_effects(proposal: Proposal, end: ProposalEnd | None) -> str:
    """What its end does to the account."""
    if end is None:
        return ""
    if proposal.designation_id is None:
        return "Sans effet sur le compte : ce candidat n’avait pas été transmis."
    return render_to_string("households/effects.html", {"effects": end})


def checked_words(proposal: Proposal, *, by_landlord: bool) -> str:
    """Who verified what was proposed, and when."""
    if proposal.ready_at is None:
        return "Tel que proposé : le bailleur ne l’a pas encore vérifié."
    return f"Vérifié le {day(proposal.ready_at)}{f' par {proposal.ready_by}' if by_landlord else ''}."


def corrections(acts: Iterable[HistoryEntry], *, by_landlord: bool) -> Iterator[StoryLine]:
    """What the instruction of a candidate corrected, act by act; by whom, to its landlord."""
    words = {field.name: str(field.verbose_name) for field in Proposal._meta.fields}
    for act in acts:
        if act.details:
            facts = " ; ".join(
                f"{words.get(name, name)}, {_plain(before)} → {_plain(after)}"
                for name, (before, after) in act.details.items()
            )
            at = timezone.localtime(act.at)
            said = f"{act.by} : {facts}" if by_landlord else facts
            yield StoryLine(at.isoformat(), f"{day(at)}, {hour(at)}", said)


def _plain(value: Any) -> str:
    """Yes and no in words; the rest as it was kept."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return UNKNOWN if value is None else str(localize(value))
