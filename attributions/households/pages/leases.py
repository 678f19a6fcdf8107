"""What pages say of leases.

* The candidates of a unit after the committee: those that are called, and those that are no more in the running.
* Where a candidate that a committee kept stands: its decision, its condition, its offer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from attributions.households.models import CaseDecision, Offer, Proposal
from attributions.households.queries.letting import Board, Candidate, Letting, State
from flux.pages.units import headline
from reservations.pages.pieces import UNKNOWN, Fact, below, beside, bold, facts, link, muted, pill
from reservations.pages.table import Head, Rows, Shown, Table
from reservations.words import day, integer, plural, upper_first, weekday


def gone_table(gone: Iterable[Candidate], *, instructs: bool) -> Table:
    """Why each is no more in the running, what that does to the account; who must be written to, for who instructs."""
    note = "Selon la convention appliquée à cette orientation, le jour où c’est arrivé."
    return Rows(
        gone,
        Shown("Candidat", _name),
        Shown(Head("Depuis le", "nw"), lambda each: day(each.proposal.since)),
        Shown(Head("Motif", ""), _why),
        Shown(
            Head("Effet sur le compte", ""),
            lambda each: render_to_string("households/effects.html", {"effects": each.end}) if each.end else "aucun",
        ),
        Shown(Head("À informer", ""), _letter, when=instructs),
    ).titled("", "Pourquoi, et ce que cela fait au compte", note)


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


def offers_words(found: Board) -> SafeString:
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
        decision = each.decision
        return (
            below(awaited(decision.document_due_on), decision.get_document_display())
            if decision and decision.document_due_on
            else ""
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
        _offers(key, title, note, when, [(each, text(each)) for each in candidates])
        for key, title, note, when, candidates, text in parts
        if candidates
    ]


def _offers(key: str, title: str, note: str, when: str, candidates: Iterable[tuple[Candidate, str]]) -> Table:
    return Rows(
        candidates,
        Shown(Head("Logement", "all unit"), lambda row: _unit(row[0])),
        Shown(
            Head("Réservataire", ""),
            lambda row: str(row[0].proposal.routing.holder) if row[0].proposal.routing else "soustrait du flux",
        ),
        Shown(
            Head("Candidat", ""),
            lambda row: below(
                _name(row[0]), f"rang {row[0].decision.rank}" if row[0].decision and row[0].decision.rank else ""
            ),
        ),
        Shown(Head(when, "nw"), lambda row: row[1]),
    ).titled(key, title, note)


def _unit(each: Candidate) -> str:
    unit = each.proposal.vacancy.unit
    address = f"{reverse('letting', args=[each.proposal.vacancy_id])}#candidat-{each.proposal.pk}"
    return below(
        format_html("{}, {}", link(address, unit.reference), headline(unit)),
        muted(f"{unit.address}, {unit.commune.name}"),
    )


def signed_words(signed_on: date, *, held: bool, released: int) -> str:
    """What signing a lease did: to the candidates that it released, and to the holder of a unit that is `held`."""
    notified = "Le réservataire est prévenu." if held else ""
    if released:
        gone = "L’autre candidat est libéré" if released == 1 else "Les autres candidats sont libérés"
        notified = f"{gone}, les réservataires prévenus."
    return f"Bail signé le {day(signed_on)}. {notified}".rstrip()


def answer(found: Letting, today: date) -> SafeString | str:
    """Who will sign the lease, as far as it is known."""
    return SAID[found.state](found, today)


def _let(found: Letting, _today: date) -> SafeString:
    assert found.lease is not None, "it is let"
    return bold(f"Bail signé le {day(found.lease.signed_on)}.")


def _to_sign(found: Letting, _today: date) -> SafeString:
    since = f"depuis le {day(_offer(found).answered_on)}"
    return format_html("{} {} : il reste à signer le bail.", bold("L’offre est acceptée"), since)


def _condition(found: Letting, _today: date) -> SafeString:
    assert found.current is not None, "one accepted"
    assert found.current.decision is not None, "a document is awaited"
    awaited = bold("L’offre est acceptée, mais la pièce attendue n’est pas arrivée")
    due = found.current.decision.document_due_on
    return format_html("{} : elle l’est au plus tard le {}.", awaited, weekday(due) if due else "")


def _offered(found: Letting, today: date) -> SafeString:
    offer, past = _offer(found), ""
    if offer.answer_by < today and found.current is not None and found.current.answer_recorded_until:
        until = weekday(found.current.answer_recorded_until)
        past = f" : ce délai est passé, une réponse arrivée à temps s’enregistre jusqu’au {until} inclus"
    sent = bold(f"Offre envoyée le {day(offer.sent_on)}")
    return format_html("{}, réponse attendue jusqu’au {} inclus{}.", sent, weekday(offer.answer_by), past)


def _to_send(found: Letting, _today: date) -> SafeString:
    assert found.turn is not None, "it is the turn of one"
    number = found.turn.proposal.position
    decided = bold("La commission a décidé")
    return format_html("{} : l’offre reste à envoyer au candidat n° {}.", decided, number)


def _examined(_found: Letting, _today: date) -> str:
    return "Des candidats sont en cours d’examen : la commission n’en a encore retenu aucun."


def _to_propose(found: Letting, _today: date) -> SafeString:
    since = found.routing.clock_from if found.routing else None
    again = f" : nouveau délai depuis le {day(since)}" if since else ""
    awaited = bold("Plus aucun candidat, et d’autres sont attendus")
    return format_html("{}{}. Dernier motif : {}.", awaited, again, _last(found))


def _nobody(found: Letting, _today: date) -> SafeString:
    return format_html("{} : {}.", bold("Plus aucun candidat"), _last(found))


def _none(_found: Letting, _today: date) -> str:
    return "Aucun candidat n’est suivi ici pour ce logement."


def _last(found: Letting) -> str:
    assert found.last is not None, "the last was lost"
    return f"{found.last.get_reason_display()}, le {day(found.last.on)}"


def _offer(found: Letting) -> Offer:
    assert found.current is not None, "one is called"
    assert found.current.offer is not None, "one was made"
    return found.current.offer


SAID: dict[State, Callable[[Letting, date], SafeString | str]] = {
    State.LET: _let,
    State.TO_SIGN: _to_sign,
    State.CONDITION: _condition,
    State.OFFERED: _offered,
    State.TO_SEND: _to_send,
    State.EXAMINED: _examined,
    State.TO_PROPOSE: _to_propose,
    State.NOBODY: _nobody,
    State.NONE: _none,
}


Status = Proposal.Status

#: The colour of each state; the others have none of their own.
PILLS = {Status.HOUSED: "ok", Status.ACCEPTED: "ok", Status.OFFERED: "wait"}


def candidate_state(proposal: Proposal) -> str:
    """Its state, as a pill."""
    return pill(upper_first(proposal.get_status_display()), PILLS.get(Status(proposal.status), "part"))


def candidate_facts(each: Candidate) -> tuple[Fact, ...]:
    """What was decided of it, what is awaited, since when."""
    return facts(
        ("Commission", _decided(each.decision) if each.decision else ""),
        ("Condition", _letting_facts_condition(each)),
        ("Offre", _letting_facts_offer(each)),
        ("Dans cet état", f"depuis le {day(each.proposal.since)}"),
        ("Ménage", _persons(each.proposal)),
    )


def _decided(decision: CaseDecision) -> str:
    ranked = decision.kind == CaseDecision.Kind.RANKED
    kind = "Attribution" if ranked else upper_first(decision.get_kind_display())
    rank = f", rang {decision.rank}" if decision.rank else ""
    return f"{kind}{rank}, le {day(decision.decided_on)}"


def _letting_facts_condition(each: Candidate) -> str:
    if not each.is_conditional or each.decision is None:
        return ""
    document = f"{upper_first(each.decision.get_document_display())} :"
    if each.met is not None:
        return beside(document, pill("reçue", "ok"), f"le {day(each.met.received_on)}")
    assert each.decision.document_due_on is not None
    return beside(document, pill("attendue", "todo"), f"jusqu’au {weekday(each.decision.document_due_on)} inclus")


def _letting_facts_offer(each: Candidate) -> str:
    offer = each.offer
    if offer is None:
        return ""
    if offer.answer:
        answer = upper_first(offer.get_answer_display())
        return f"{answer}, le {day(offer.answered_on)} (envoyée le {day(offer.sent_on)})"
    after = "" if offer.sent_by_id else ", à la suite du rang précédent"
    return f"Envoyée le {day(offer.sent_on)}{after} : réponse jusqu’au {weekday(offer.answer_by)} inclus"


def _persons(proposal: Proposal) -> str:
    count = proposal.persons
    return f"{count} {plural(count, 'personne,personnes')}" if count else UNKNOWN
