"""The candidates of a unit after the committee: those that are called, and those that are no more in the running."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from attributions.households.models import Proposal
from attributions.households.queries.letting import Board, Candidate
from flux.pages.dwelling import headline
from reservations.pages.pieces import below, link, muted, pill
from reservations.pages.table import Head, Table, table
from reservations.words import day, integer, plural, upper_first


def gone_table(gone: Iterable[Candidate], *, instructs: bool) -> Table:
    """Why each is no more in the running, what that does to the account; who must be written to, for who instructs."""
    rows = [
        (
            _name(each),
            day(each.proposal.since),
            _why(each),
            render_to_string("households/effects.html", {"effects": each.end}) if each.end else "aucun",
            *((_letter(each),) if instructs else ()),
        )
        for each in gone
    ]
    headings = (
        *("Candidat", Head("Depuis le", "nw"), Head("Motif", ""), Head("Effet sur le compte", "")),
        *((Head("À informer", ""),) if instructs else ()),
    )
    note = "Selon la convention appliquée à cette orientation, le jour où c’est arrivé."
    return table("", "Pourquoi, et ce que cela fait au compte", note, headings, rows)


def _name(each: Candidate) -> str:
    return render_to_string("households/candidate_name.html", {"each": each})


def _why(each: Candidate) -> str:
    if each.end is None:
        return f"{upper_first(each.proposal.get_status_display())} : le logement est loué à un autre"
    return below(upper_first(each.end.reason_words), each.end.text)


def _letter(each: Candidate) -> str:
    if each.letter is None:
        return "–"
    also = f" au candidat n° {each.proposal.position}"
    return link(reverse("letter", args=[each.proposal.pk]), "Courrier", also=also)


def offers_said(found: Board) -> SafeString:
    """How many wait in each part. A document may be awaited before the household answers: its home counts there what
    it awaits first, an answer, and this says why the two differ."""
    early = sum(each.proposal.status != Proposal.Status.ACCEPTED for each in found.conditions)
    parts = (
        (found.to_send, "offre,offres", " à envoyer"),
        (found.waiting, "réponse attendue,réponses attendues", ""),
        (found.conditions, "pièce attendue,pièces attendues", f" (dont {early} avant la réponse)" if early else ""),
        (found.to_sign, "bail,baux", " à signer"),
    )
    return format_html_join(
        ", ",
        "<b>{}</b> {}{}",
        ((integer(len(part)), plural(len(part), forms), more) for part, forms, more in parts),
    )


def offer_tables(found: Board, *, today: date) -> list[Table]:
    """What a landlord has to follow, each part with the day that counts there; those where nobody is are left out."""

    def awaited(on: date) -> str:
        return pill(day(on), "late") if on <= today else day(on)

    def answer(each: Candidate) -> str:
        return awaited(each.offer.answer_by) if each.offer else ""

    def document(each: Candidate) -> str:
        told = each.decision
        return (
            below(awaited(told.document_due_on), told.get_document_display()) if told and told.document_due_on else ""
        )

    def since(each: Candidate) -> str:
        return day(each.proposal.since)

    parts: tuple[tuple[str, str, str, str, Sequence[Candidate], Callable[[Candidate], str]], ...] = (
        (
            *("send", "Offres à envoyer", "La commission a décidé ; les plus anciennes d’abord."),
            *("Depuis le", found.to_send, since),
        ),
        (
            *("wait", "Réponses attendues"),
            "Le terme le plus proche d’abord. Sans réponse, l’offre est refusée ; le premier jour ouvré qui suit "
            "laisse enregistrer une réponse arrivée à temps.",
            *("Réponse jusqu’au", found.waiting, answer),
        ),
        (
            *("condition", "Pièces attendues"),
            "Attributions sous condition : le terme le plus proche d’abord. Le premier jour ouvré qui suit laisse "
            "enregistrer une pièce arrivée à temps.",
            *("Pièce, jusqu’au", found.conditions, document),
        ),
        (
            *("sign", "Baux à signer", "Offres acceptées, condition levée ; les plus anciennes d’abord."),
            *("Depuis le", found.to_sign, since),
        ),
    )
    return [
        _offers(key, title, note, when, [(each, said(each)) for each in candidates])
        for key, title, note, when, candidates, said in parts
        if candidates
    ]


def _offers(key: str, title: str, note: str, when: str, candidates: Iterable[tuple[Candidate, str]]) -> Table:
    rows = [
        (
            _unit(each),
            str(each.proposal.routing.holder) if each.proposal.routing else "soustrait du flux",
            below(_name(each), f"rang {each.decision.rank}" if each.decision and each.decision.rank else ""),
            said,
        )
        for each, said in candidates
    ]
    headings = (Head("Logement", "all unit"), Head("Réservataire", ""), Head("Candidat", ""), Head(when, "nw"))
    return table(key, title, note, headings, rows)


def _unit(each: Candidate) -> str:
    unit = each.proposal.vacancy.unit
    address = f"{reverse('letting', args=[each.proposal.vacancy_id])}#candidat-{each.proposal.pk}"
    return below(
        format_html("{}, {}", link(address, unit.reference), headline(unit)),
        muted(f"{unit.address}, {unit.commune.name}"),
    )


def signed_words(signed_on: date, *, held: bool, released: int) -> str:
    """What signing a lease did: to the candidates that it released, and to the holder of a unit that is `held`."""
    told = "Le réservataire est prévenu." if held else ""
    if released:
        gone = "L’autre candidat est libéré" if released == 1 else "Les autres candidats sont libérés"
        told = f"{gone}, les réservataires prévenus."
    return f"Bail signé le {day(signed_on)}. {told}".rstrip()
