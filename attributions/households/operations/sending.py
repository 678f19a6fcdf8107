"""The acts on sending.

* Sending candidates to the landlord: enough of them, or one of the three exceptions of the law.
* Sending households to several units at once: each unit whole or not at all, and the others go on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from attributions.households.models import Application, Designation, Proposal
from attributions.households.operations.application import current
from attributions.households.operations.candidate_state import ProposalRefused, Status, held_to_propose, move
from attributions.households.operations.proposal import prepare_proposal
from attributions.households.queries.file_steps import refused_outside
from attributions.households.queries.minimum import Count, count_of
from attributions.notices.announcing import parties, tell
from attributions.notices.models import Notice
from flux.models import Routing, Vacancy
from flux.operations.departures import record_answer
from flux.operations.stock import note_designated
from reservations.models import Organisation, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic_act
from reservations.pages.clauses import publics
from reservations.refusals import Refusal
from reservations.words import of

Exemption = Designation.Exemption

#: What each exception asks, when it does not hold.
CONDITIONS = {
    Exemption.DALO: (
        "Cette exception vaut sur le contingent prioritaire de l’État, quand chaque candidat est un ménage DALO "
        "désigné par le préfet."
    ),
    Exemption.ADAPTED_PLAI: "Ce logement n’est pas un PLAI adapté : cette exception ne vaut pas pour lui.",
}


@atomic_act
def send_proposals(
    *,
    vacancy: Vacancy,
    routing: Routing | None,
    sender: Organisation,
    exemption: str = "",
    exemption_text: str = "",
    received_on: date | None = None,
    by: User,
    now: datetime | None = None,
) -> Designation:
    """Send to the landlord the candidates that an organisation prepared: the holder's clock stops, today or on the day
    the landlord received them on paper (`received_on`), and the text that everybody receives says who typed them.

    With those sent before they reach the minimum of the day, or `exemption` says why fewer are examined (CCH, R441-3).

    Raises HoldRefused: routed elsewhere since; ProposalRefused: nobody to send, a closed request, a candidate that the
    convention refuses, too few and no exception that holds, received before the routing or still to be.
    """
    now = now or timezone.now()
    state = held_to_propose(vacancy, routing, sender, now=now)
    drafts = [each for each in state.among(Status.DRAFT) if each.proposer_id == sender.pk]
    if not drafts:
        raise ProposalRefused("Aucun candidat à transmettre : ajoutez-en d’abord un.")
    _check_requests(drafts)
    _check_publics(state.routing, drafts)
    on = _received(state.routing, received_on, today=timezone.localdate(now))
    count = count_of(state.vacancy, state.routing, drafts, on=on)
    if count.missing:
        _check_exemption(count, exemption, exemption_text)
    designation = Designation.objects.create(
        vacancy=state.vacancy,
        routing=state.routing,
        exemption=exemption if count.missing else "",
        exemption_text=exemption_text.strip() if count.missing else "",
        sent_at=now,
        sent_by=by,
        sent_for=sender,
    )
    move(drafts, Status.SENT, now=now, designation=designation)
    if state.routing is not None and state.routing.answered_on is None:
        record_answer(routing=state.routing, on=on)
    note_designated(state.routing, on=on)
    words = f"{len(drafts)} candidat{'s' if len(drafts) > 1 else ''}"
    if received_on is not None:
        words += f", reçu{'s' if len(drafts) > 1 else ''} sur papier le {on:%d/%m/%Y} et saisi"
        words += f"{'s' if len(drafts) > 1 else ''} par le bailleur au nom {of(sender)}."
    tell(Notice.Kind.SENT, state.vacancy, parties(state.vacancy, state.routing), now=now, by=by, text=words)
    return designation


@atomic_act
def claim_exemption(
    *,
    vacancy: Vacancy,
    routing: Routing | None,
    sender: Organisation,
    exemption: str,
    exemption_text: str = "",
    by: User,
    now: datetime | None = None,
) -> Designation:
    """Say why fewer candidates than the law asks are examined, for those that were sent already: some were taken back
    since. A designation that sends nobody more; the landlord and the holder are notified.

    Raises HoldRefused: routed elsewhere since; ProposalRefused: nobody sent is in the running, enough are or an
    exception is claimed already, no exception that holds.
    """
    now = now or timezone.now()
    state = held_to_propose(vacancy, routing, sender, now=now)
    if not any(each.designation_id for each in state.proposals):
        raise ProposalRefused("Aucun candidat transmis n’est en cours : transmettez-en d’abord, avec leur exception.")
    count = count_of(state.vacancy, state.routing, on=timezone.localdate(now))
    if not count.lacking():
        raise ProposalRefused("Aucune exception n’est à demander pour ces candidats. Rechargez la page.")
    _check_exemption(count, exemption, exemption_text)
    claimed = Designation.objects.create(
        vacancy=state.vacancy,
        routing=state.routing,
        exemption=exemption,
        exemption_text=exemption_text.strip(),
        sent_at=now,
        sent_by=by,
        sent_for=sender,
    )
    words = f"Exception pour les candidats déjà transmis : {claimed.get_exemption_display()}."
    tell(Notice.Kind.SENT, state.vacancy, parties(state.vacancy, state.routing), now=now, by=by, text=words)
    return claimed


def _received(routing: Routing | None, on: date | None, *, today: date) -> date:
    """The day that stops the clock. Raises ProposalRefused: before the routing, or still to come."""
    if on is None or routing is None:
        return today
    since = timezone.localdate(routing.routed_at)
    if not since <= on <= today:
        raise ProposalRefused(
            f"Choisissez un jour entre l’orientation, le {since:%d/%m/%Y}, et aujourd’hui, le {today:%d/%m/%Y}.",
            field="received_on",
        )
    return on


def _check_requests(drafts: list[Proposal]) -> None:
    for each in drafts:
        if current(each.application).closed_on is not None:
            raise ProposalRefused(
                f"La demande du candidat n° {each.position} est radiée : retirez-le, puis transmettez les autres."
            )


def _check_publics(routing: Routing | None, drafts: list[Proposal]) -> None:
    """Raises ProposalRefused for a candidate of none of the publics that the convention applied is for, where it says
    that others are refused (arrêté of 10 March 2011, article 1, 3°)."""
    convention = routing.convention if routing is not None else None
    refused = refused_outside(drafts, convention)
    if convention is not None and refused:
        numbers = ", ".join(f"n° {each.position}" for each in refused)
        raise ProposalRefused(
            f"La convention destine ce logement à : {publics(convention)}. Aucun de ces publics n’est renseigné pour "
            f"le candidat {numbers} : complétez sa fiche, ou retirez-le avant de transmettre."
        )


def _check_exemption(count: Count, exemption: str, text: str) -> None:
    """Raises ProposalRefused: too few, and no exception, or one that does not hold."""
    if not exemption:
        raise ProposalRefused(
            f"Il manque {count.missing} candidat{'s' if count.missing > 1 else ''} : la loi demande d’en examiner au "
            f"moins {count.minimum}. Ajoutez-en, ou dites quelle exception s’applique.",
            field="exemption",
        )
    if exemption not in count.exemptions:
        raise ProposalRefused(
            CONDITIONS.get(Exemption(exemption), "Choisissez l’une des exceptions de la loi.")
            if exemption in Exemption.values
            else "Choisissez l’une des exceptions de la loi.",
            field="exemption",
        )
    if exemption == Exemption.TOO_FEW and not text.strip():
        raise ProposalRefused("Dites en une phrase pourquoi il n’y a pas assez de candidats.", field="exemption_text")


TWICE = (
    "Un même ménage est choisi pour deux logements : gardez‑en un. S’il doit être candidat aux deux, proposez‑le de la "
    "page de chacun."
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The households (ids) chosen for a unit under a routing, the first in rank first."""

    vacancy: Vacancy
    routing: Routing | None
    applications: Sequence[int]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a unit: its designation, or why nothing of it was sent."""

    vacancy: Vacancy
    designation: Designation | None
    refused: str = ""


@atomic_act
def propose_and_send(
    *,
    chosen: Chosen,
    sender: Organisation,
    exemption: str = "",
    exemption_text: str = "",
    by: User,
    now: datetime | None = None,
) -> Designation:
    """Prepare these households for a unit, in the order given, and send them with those that were prepared before: all,
    or none.

    Raises what `prepare_proposal` and `send_proposals` do; ProposalRefused: one of them is not of this organisation, or
    is its candidate to another unit since.
    """
    held_to_propose(chosen.vacancy, chosen.routing, sender, now=now)
    own = Application.objects.filter(organisations=sender).values("pk")
    found = in_order(Application.objects.filter(pk__in=own)).in_bulk(list(chosen.applications))
    if len(found) < len(set(chosen.applications)):
        raise ProposalRefused("L’un de ces ménages n’est pas de votre organisation : rechargez la page.")
    elsewhere = Proposal.objects.live().filter(application__in=found, proposer=sender).exclude(vacancy=chosen.vacancy)
    for taken in elsewhere.select_related("vacancy__unit").order_by("pk")[:1]:
        raise ProposalRefused(
            f"L’un de ces ménages est devenu candidat à {taken.vacancy.unit.reference} : rechargez la page, et "
            "choisissez-en un autre, ou proposez-le de la page de ce logement."
        )
    for pk in chosen.applications:
        prepare_proposal(
            vacancy=chosen.vacancy,
            routing=chosen.routing,
            application=found[pk],
            proposer=sender,
            by=by,
            now=now,
        )
    return send_proposals(
        vacancy=chosen.vacancy,
        routing=chosen.routing,
        sender=sender,
        exemption=exemption,
        exemption_text=exemption_text,
        by=by,
        now=now,
    )


def send_to_many(
    *,
    chosen: Sequence[Chosen],
    sender: Organisation,
    exemption: str = "",
    exemption_text: str = "",
    by: User,
    now: datetime | None = None,
) -> list[Sent]:
    """Send to each of these units the households chosen for it, a transaction each: what one refuses stops no other.
    The exception and its sentence are for those alone that have too few.

    Raises ProposalRefused: a household is chosen for two of them; nothing is sent.
    """
    times = Counter(pk for each in chosen for pk in each.applications)
    if any(number > 1 for number in times.values()):
        raise ProposalRefused(TWICE)
    outcomes = []
    for each in chosen:
        try:
            designation = propose_and_send(
                chosen=each, sender=sender, exemption=exemption, exemption_text=exemption_text, by=by, now=now
            )
        except Refusal as refused:
            outcomes.append(Sent(each.vacancy, None, str(refused)))
        else:
            outcomes.append(Sent(each.vacancy, designation))
    return outcomes
