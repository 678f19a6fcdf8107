"""What happened to a unit since its routing, dated: its candidates counted, never named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q
from django.utils import timezone

from attributions.households.models import AgendaItem, CaseDecision, Designation, Lease, Offer, Proposal, ProposalEnd
from flux.models import Routing, Vacancy
from flux.queries.returning import Effects
from reservations.words import day, towards


@dataclass(frozen=True, slots=True)
class FileStep:
    """One thing that happened on a day. `effects`: what the end of a candidate does to the account."""

    on: date
    words: str
    detail: str = ""
    effects: Effects | None = None


def steps(vacancy: Vacancy, routing: Routing | None, *, named: bool) -> list[FileStep]:
    """The steps of a unit under a routing (None: subtracted from the flow), oldest first. Six queries.

    `named`: for whoever reads the files, each end says its reason, and a designation its exception, which may be a DALO
    household; for others, whose doing it was. A lease that was undone keeps both its days, as the account does.
    """
    found = [
        *_designations(vacancy, routing, named=named),
        *_instructions(vacancy, routing),
        *_sessions(vacancy, routing, named=named),
        *_offers(vacancy, routing),
        *_ends(vacancy, routing, named=named),
        *_leases(vacancy, routing, named=named),
    ]
    return sorted(found, key=lambda step: step.on)


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number < 2 else many}"


def _designations(vacancy: Vacancy, routing: Routing | None, *, named: bool) -> Iterator[FileStep]:
    sent = Designation.objects.filter(vacancy=vacancy, routing=routing).select_related("sent_for")
    for each in sent.annotate(number=Count("proposals")).order_by("pk"):
        words = _counted(each.number, "candidat transmis", "candidats transmis")
        why = f"exception : {each.get_exemption_display()}" if each.exemption and named else ""
        whose = towards(each.sent_for)
        told = f"{words} par {whose}" if each.number else f"Exception demandée par {whose}"
        yield FileStep(timezone.localdate(each.sent_at), told, why)


def _instructions(vacancy: Vacancy, routing: Routing | None) -> Iterator[FileStep]:
    ready = Proposal.objects.filter(vacancy=vacancy, routing=routing, ready_at__isnull=False)
    days = Counter(map(timezone.localdate, ready.order_by("ready_at", "pk").values_list("ready_at", flat=True)))
    for on, number in days.items():
        yield FileStep(on, _counted(number, "dossier instruit", "dossiers instruits"))


def _sessions(vacancy: Vacancy, routing: Routing | None, *, named: bool) -> Iterator[FileStep]:
    items = AgendaItem.objects.filter(vacancy=vacancy, routing=routing).select_related("session").order_by("pk")
    kept = Count("decisions", filter=Q(decisions__superseded_at=None, decisions__kind__in=CaseDecision.KEPT))
    for item in items.annotate(kept=kept):
        held = f"CALEOL du {timezone.localdate(item.session.held_at):%d/%m/%Y}"
        if item.concluded_at is not None:
            words = _counted(item.kept, "candidat retenu", "candidats retenus") if item.kept else "aucun retenu"
            yield FileStep(timezone.localdate(item.concluded_at), f"{held} : {words}")
        elif item.postponed_at is not None:
            yield FileStep(
                timezone.localdate(item.postponed_at), f"{held} : examen reporté", item.postponed_why if named else ""
            )
        else:
            yield FileStep(timezone.localdate(item.session.convened_at), f"À l’ordre du jour de la {held}")


def _offers(vacancy: Vacancy, routing: Routing | None) -> Iterator[FileStep]:
    offers = Offer.objects.filter(proposal__vacancy=vacancy, proposal__routing=routing)
    for each in offers.order_by("pk"):
        yield FileStep(each.sent_on, "Offre envoyée", f"réponse jusqu’au {day(each.answer_by)} inclus")
        if each.answered_on is not None:
            answer = Offer.Answer(each.answer)
            said = Offer.Answer.ACCEPTED if answer == Offer.Answer.WITHDRAWN else answer  # its end has its own day
            yield FileStep(each.answered_on, f"Offre {said.label}")


def _ends(vacancy: Vacancy, routing: Routing | None, *, named: bool) -> Iterator[FileStep]:
    ended = ProposalEnd.objects.filter(
        proposal__vacancy=vacancy, proposal__routing=routing, proposal__designation__isnull=False
    )
    for each in ended.select_related("proposal").order_by("pk"):
        assert each.proposal is not None, "those undone by a correction are not told"
        whose = each.get_side_display()
        words = f"Fin d’une candidature ({whose})"
        if named:
            words = f"Candidat n° {each.proposal.position} : {each.get_reason_display()} ({whose})"
        yield FileStep(each.on, words, effects=Effects(each.offered, each.consumed, each.restarts))


def _leases(vacancy: Vacancy, routing: Routing | None, *, named: bool) -> Iterator[FileStep]:
    here = Lease.objects.filter(Q(cancelled_at=None) | Q(routing=routing), vacancy=vacancy)
    for lease in here.order_by("pk"):
        yield FileStep(lease.signed_on, "Bail signé")
        if lease.cancelled_at is not None:
            yield FileStep(timezone.localdate(lease.cancelled_at), "Bail annulé", lease.cancelled_why if named else "")
