"""What pages say of pauses.

* What is stated of the suspensions of a convention and of its agreed end: on its page, on paper, in accounts and mails.
* How a signed convention ends, act by act: what its printed text says of each, with its day and its motive.
* Who signs a convention, who has and who is awaited: the same words on its page, in the list and on paper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone

from reservations.models import Convention, HistoryEntry, Membership, Pause, Signatory
from reservations.pages.table import Rows, Shown, Table, Text
from reservations.permissions import may_suspend
from reservations.queries.signatories import pauses_shown, signs_here
from reservations.words import day, towards


def suspended_words(pause: Pause) -> str:
    """« suspendue du 1er mars 2027 au 31 mars 2027 : service fermé »."""
    return f"{suspended_between(pause.starts_on, pause.ends_on)} : {pause.why}"


def suspended_between(first: date, last: date | None) -> str:
    """« suspendue du 1er mars 2027 au 31 mars 2027 »."""
    if last is None:
        return f"suspension à partir du {day(first)} levée avant son premier jour"
    return f"suspendue le {day(first)}" if first == last else f"suspendue du {day(first)} au {day(last)}"


def in_force(convention: Convention) -> list[Pause]:
    """Those agreed, by their first day. No query when its suspensions were read with it."""
    agreed = [each for each in convention.pauses.all() if each.status == Pause.Status.AGREED and each.ends_on]
    return sorted(agreed, key=lambda each: (each.starts_on, each.pk))


def ending(convention: Convention) -> Pause | None:
    """The end before its term that each party agreed to; no query of one that did not end so, or when its suspensions
    were read with it."""
    if convention.status != Convention.Status.ENDED:
        return None
    agreed = [each for each in convention.pauses.all() if each.is_final and each.status == Pause.Status.AGREED]
    return agreed[0] if agreed else None


def is_suspended(pauses: Iterable[Pause], on: date) -> bool:
    """Does one of these, agreed, hold on that day?"""
    return any(each.starts_on <= on <= each.ends_on for each in pauses if each.ends_on)


@dataclass(frozen=True, slots=True)
class PauseLine:
    """A suspension or an end as its convention's page states it, and what its reader may do: `accept`, `deposit` an
    accord given by hand, `drop` what is proposed; `lift` what was agreed."""

    pause: Pause
    sentence: str
    accept: bool = False
    deposit: bool = False
    drop: bool = False
    lift: bool = False

    @property
    def id(self) -> str:
        """What states its acts from those of another on the same page."""
        return str(self.pause.pk)


def pause_lines(convention: Convention, member: Membership | None, today: date) -> list[PauseLine]:
    """Those agreed and, for its parties, those proposed, under this version and under the one that runs until it."""
    parties = [party.organisation for party in convention.signatories.all()]
    own = member is not None and member.organisation_id in [each.pk for each in parties]
    may = may_suspend(member, convention) and convention.status in (
        Convention.Status.SIGNED,
        Convention.Status.AMENDED,
    )
    lines = []
    for pause in pauses_shown(convention, today):
        if pause.status == Pause.Status.AGREED:
            left = pause.ends_on is not None and pause.ends_on >= today
            lines.append(PauseLine(pause, agreed_words(pause), lift=may and left))
        elif own or (member is not None and member.is_administrator):
            given = {accord.organisation_id for accord in pause.accords.all()}
            waiting = [each for each in parties if each.pk not in given]
            mine = member is not None and member.organisation_id in [each.pk for each in waiting]
            ours = member is not None and member.organisation_id == convention.landlord.organisation_id
            others = may and ours and any(not signs_here(each) for each in waiting)
            text = f"{proposal_words(pause)} Accord attendu : {', '.join(each.name for each in waiting)}."
            lines.append(PauseLine(pause, text, accept=may and mine, deposit=(may and mine) or others, drop=may))
    return lines


def without_accord(pause: Pause) -> str:
    """Who has not agreed yet: « Ville de Narbonne, Préfecture de l’Aude ». One query."""
    given = pause.accords.order_by().values("organisation")
    waiting = pause.convention.signatories.exclude(organisation__in=given).select_related("organisation")
    return ", ".join(party.organisation.name for party in waiting.order_by("pk"))


def agreed_words(pause: Pause) -> str:
    """« Convention suspendue du 1er mars 2027 au 31 mars 2027 : service fermé. Convenu le 24 novembre 2026. »"""
    if pause.is_final:
        return f"Fin de la convention le {day(pause.last_day)} : {_ended(pause.why)} {accords_words(pause)}"
    text = f"Convention {suspended_between(pause.starts_on, pause.ends_on)} : {_ended(pause.why)}"
    return f"{text} Convenu le {day(pause.agreed_on)}."


def accords_words(pause: Pause) -> str:
    """« Convenu le 24 novembre 2026. Accord : Robine Habitat le 24 novembre 2026, sur son compte ; … »"""
    given = "\xa0; ".join(
        f"{each.organisation} le {day(each.agreed_on)}, {each.get_means_display()}" for each in pause.accords.all()
    )
    return f"Convenu le {day(pause.agreed_on)}. Accord\xa0: {given}."


def proposal_words(pause: Pause) -> str:
    """« La Ville de Narbonne propose qu’elle soit suspendue du … au … : service fermé. »"""
    if pause.is_final:
        what = f"que la convention prenne fin le {day(pause.last_day)}"
        if pause.successor is not None:
            what += f", {pause.successor} reprenant ce qui reste dû"
    elif pause.shortens is None:
        what = f"qu’elle soit {suspended_between(pause.starts_on, pause.ends_on)}"
    elif pause.ends_on is None:
        what = f"de lever avant son premier jour la suspension du {day(pause.starts_on)}"
    else:
        what = f"de lever la suspension du {day(pause.starts_on)} : son dernier jour serait le {day(pause.ends_on)}"
    return f"{pause.proposed_by} propose, le {day(pause.proposed_on)}, {what}. Motif : {_ended(pause.why)}"


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


Act = HistoryEntry.Act


def endings(convention: Convention) -> tuple[str, ...]:
    """The acts that ended it, or that may, oldest first: a denunciation, a formal notice, its termination, the end that
    each party agreed to, the repeal of an order. Three queries."""
    entries = HistoryEntry.objects.about(convention).filter(act__in=list(SAID))
    return tuple(each for entry in entries for each in SAID[Act(entry.act)](convention, entry))


def _denounced(convention: Convention, entry: HistoryEntry) -> Iterator[str]:
    for party in convention.signatories.all():
        given = entry.details.get(party.organisation.name, [None, None])[1]
        if party.denounced_on is not None and given == party.denounced_on.isoformat():
            yield (
                f"Dénoncée par {towards(party.organisation)}, par une lettre du {day(party.denounced_on)} : elle finit "
                f"le {day(convention.ends_on)}, sans reconduction{_why(entry)}."
            )


def _notice(convention: Convention, entry: HistoryEntry) -> Iterator[str]:
    given = entry.details["formal_notice_on"][1]
    if convention.formal_notice_on is not None and given == convention.formal_notice_on.isoformat():
        yield f"Mise en demeure de l’État du {day(convention.formal_notice_on)} (CCH, R441-5-2, IV){_why(entry)}."


def _terminated(convention: Convention, entry: HistoryEntry) -> Iterator[str]:
    yield (
        f"Résiliée par décision du {day(timezone.localdate(entry.at))}, la mise en demeure du "
        f"{day(convention.formal_notice_on)} étant restée sans suite pendant son délai : son dernier jour est le "
        f"{day(convention.ends_on)}{_why(entry)}."
    )


def _endings_ended(convention: Convention, entry: HistoryEntry) -> Iterator[str]:
    if convention.is_order:
        yield f"Arrêté sans effet après le {day(convention.ends_on)}{_why(entry)}."
        return
    last = f"son dernier jour est le {day(convention.ends_on)}{_why(entry)}."
    final = Pause.objects.agreed_ends().filter(convention=convention).first()
    if final is None:
        yield f"Fin avancée le {day(timezone.localdate(entry.at))} : {last}"
    else:
        yield f"Fin avancée : {last} {accords_words(final)}"


def _why(entry: HistoryEntry) -> str:
    return f" (motif : {entry.why.rstrip('. ')})" if entry.why else ""


#: What is stated of each act.
SAID: dict[Act, Callable[[Convention, HistoryEntry], Iterator[str]]] = {
    Act.DENOUNCED: _denounced,
    Act.FORMAL_NOTICE: _notice,
    Act.TERMINATED: _terminated,
    Act.ENDED: _endings_ended,
}


def signature_table(parties: Sequence[Signatory]) -> Table:
    """A line a party: whether it signed, when, by whom and how, with the file it signed by hand."""
    return Rows(
        parties,
        Shown("Partie", lambda party: party.organisation.name),
        Shown(
            "Signature",
            lambda party: (
                Text("signée", pill="ok", hint=party.get_means_display())
                if party.signed_on
                else Text("attendue", pill="wait")
            ),
        ),
        Shown("Signée le", lambda party: day(party.signed_on) if party.signed_on else "–"),
        Shown("Par", lambda party: party.signer or "–"),
        Shown(
            "Pièce",
            lambda party: (
                Text(party.document.name, link=reverse("document-download", args=[party.document.pk]))
                if party.document
                else "–"
            ),
        ),
    ).titled("signatures", "Qui signe", f"{tally(parties)}. La convention engage une fois signée de chacun.")


def signed_in_words(party: Signatory) -> str:
    """« Signée le 3 mars 2027 par Chloé Roux, sur son compte. »; "" when it has not signed."""
    if party.signed_on is None:
        return ""
    who = f" par {party.signer}" if party.signer else ""
    return f"Signée le {day(party.signed_on)}{who}, {party.get_means_display()}."


def tally(parties: Sequence[Signatory]) -> str:
    """« 1 signature sur 2 »."""
    signed = sum(party.signed_on is not None for party in parties)
    return f"{signed} signature{'s' * (signed > 1)} sur {len(parties)}"


def tally_of(convention: Convention) -> str:
    """The same of a proposal whose parties are read already; "" when nothing waits for a signature."""
    waits = convention.status == Convention.Status.PROPOSED
    return tally(list(convention.signatories.all())) if waits else ""
