"""The acts on past candidacies.

* What was decided of households before their landlord decided here: entered at its dates, as history.
* Closing a request by hand, with one of the six causes of the law; opening it again when that was a mistake.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from django.utils import timezone

from attributions.households.models import (
    Application,
    DecisionTerms,
    Lease,
    Offer,
    PastCandidacy,
    Proposal,
    ProposalEnd,
)
from attributions.households.operations.application import Identity, register_application
from flux.models import Routing, Vacancy
from flux.queries.first_letting import became
from reservations.models import HistoryEntry, Organisation, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic_act
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak
from reservations.words import day, upper_first


class ClosureRefused(Refusal):
    """This request cannot be closed or opened again so; the sentence says what to do next."""


@atomic_act
def close_application(
    *, application: Application, cause: str, on: date, by: User, now: datetime | None = None
) -> Application:
    """Close a request on a day, for a cause of `Application.Closure` (CCH, R441-2-8). The term of its identity starts.

    Raises ClosureRefused: closed already, a candidate somewhere, or a day that cannot be.
    """
    held = in_order(Application.objects.all()).get(pk=application.pk)
    if held.closed_on is not None:
        raise ClosureRefused(f"Cette demande est déjà radiée depuis le {day(held.closed_on)}.")
    if cause not in Application.Closure.values:
        raise ClosureRefused("Choisissez l’une des six causes de radiation.", field="cause")
    if on > timezone.localdate(now):
        raise ClosureRefused(
            "Une radiation ne se date pas dans le futur : écrivez le jour où elle a eu lieu.", field="on"
        )
    if held.requested_on is not None and on < held.requested_on:
        raise ClosureRefused(
            f"La demande date du {day(held.requested_on)} : elle n’a pas été radiée avant.", field="on"
        )
    live = Proposal.objects.live().of(held).select_related("vacancy__unit").order_by("pk").first()
    if live is not None:
        raise ClosureRefused(
            f"Ce ménage est encore candidat à {live.vacancy.unit.reference} : terminez cette candidature, puis radiez "
            "la demande."
        )
    held.closed_on, held.closure = on, cause
    held.save(update_fields=["closed_on", "closure"])
    record(held, HistoryEntry.Act.ENDED, by=by, details={"closure": ["", cause], "closed_on": [None, str(on)]})
    return held


@atomic_act
def reopen_application(*, application: Application, why: str, by: User, now: datetime | None = None) -> Application:
    """Open again a request closed by mistake: its candidates may sign, the term of its identity runs no more.

    Its history keeps when and why it had been closed.

    Raises ClosureRefused: open already, erased, merged into another, housed by a lease that stands, or no sentence.
    """
    held = in_order(Application.objects.all()).get(pk=application.pk)
    if held.closed_on is None:
        raise ClosureRefused("Cette demande est déjà active. Rechargez la page.")
    if held.pseudonymised_on is not None:
        raise ClosureRefused(
            "L’identité de cette demande est effacée : elle ne se rouvre plus. Enregistrez la nouvelle."
        )
    if held.merged_into_id is not None:
        raise ClosureRefused("Cette demande a fusionné : c’est celle qui reste qui vit. Cherchez-la par ce numéro.")
    if not why.strip():
        raise ClosureRefused("Dites pourquoi, en une phrase : l’historique la garde.", field="why")
    proposals = Proposal.objects.of(held).order_by().values("pk")
    if Lease.objects.filter(proposal__in=proposals, cancelled_at=None).exists():
        raise ClosureRefused("Un bail est signé pour ce ménage : faites d’abord annuler ce bail par le bailleur.")
    details = {"closure": [held.closure, ""], "closed_on": [str(held.closed_on), None]}
    held.closed_on, held.closure = None, ""
    held.save(update_fields=["closed_on", "closure"])
    record(held, HistoryEntry.Act.EDITED, by=by, why=why, details=details)
    return held


Kind, Answer = DecisionTerms.Kind, Offer.Answer

#: Stated by the committee alone, each with the decision that it gives the reason of (CCH, R441-3 d and e).
OF_THE_COMMITTEE = {Kind.NOT_ALLOCATED: ProposalEnd.NOT_ALLOCATED, Kind.INELIGIBLE: ProposalEnd.INELIGIBLE}


class PastCandidacyRefused(Refusal):
    """This cannot have been; the sentence says which of the two to correct, or what comes first."""


@dataclass(frozen=True, slots=True)
class PastTerms:
    """What is known of a household that was proposed in the past: what the committee decided, its answer, its lease.
    Nothing where nobody knows, or where it did not happen."""

    kind: str = ""
    rank: int | None = None
    decided_on: date | None = None
    document: str = ""
    document_on: date | None = None
    reason: str = ""
    answer: str = ""
    answered_on: date | None = None
    leased_on: date | None = None


@atomic_act
def record_past_candidacy(
    *,
    vacancy: Vacancy,
    number: str,
    identity: Identity,
    terms: PastTerms,
    organisation: Organisation,
    by: User,
    now: datetime | None = None,
) -> PastCandidacy:
    """Enter a household that was proposed for a unit taken over, with what was decided of it, on the days it was.

    Nobody is notified, no delay starts, nothing is voted and no account moves: the past routing of the unit stated what
    the account counts, and a lease is the one that it stated. A request that was housed, that nobody else registered
    and that is no candidate here is closed that day (CCH, R441-2-8 a), so that its identity goes at its term.

    Raises PastCandidacyRefused: a unit that was not taken over, or what cannot have been (`field` says of what);
    ApplicationRefused and ClosureRefused for the request; Refusal when it is there already.
    """
    now = now or timezone.now()
    check_terms(vacancy, terms, today=timezone.localdate(now))
    application = register_application(
        number=number,
        name=identity.name,
        birth_date=identity.birth_date,
        requested_on=identity.requested_on,
        organisation=organisation,
        by=by,
        now=now,
        closed_too=True,
    )
    with constraints_speak(PastCandidacy):
        candidacy = PastCandidacy.objects.create(
            vacancy=vacancy, application=application, **asdict(terms), recorded_at=now, recorded_by=by
        )
    _close(application, terms.leased_on, organisation, by=by)
    return candidacy


@atomic_act
def correct_past_candidacy(
    *, candidacy: PastCandidacy, changes: dict[str, object], organisation: Organisation, by: User
) -> PastCandidacy:
    """Write some of its terms again (names of PastTerms); its history keeps what they were.

    Raises PastCandidacyRefused: what cannot have been; Refusal: another of its unit has that rank, or that lease.
    """
    held = PastCandidacy.objects.select_for_update(of=("self",), no_key=True).select_related("vacancy")
    now = held.get(pk=candidacy.pk)
    terms = replace(terms_of(now), **changes)  # type: ignore[arg-type]
    check_terms(now.vacancy, terms, today=timezone.localdate())
    before = asdict(terms_of(now))
    differing = {name: value for name, value in asdict(terms).items() if value != before[name]}
    for name, value in differing.items():
        setattr(now, name, value)
    with constraints_speak(PastCandidacy):
        now.save(update_fields=list(differing))
    details = {name: [_plain(before[name]), _plain(value)] for name, value in differing.items()}
    record(now, HistoryEntry.Act.EDITED, by=by, details=details)
    _close(now.application, terms.leased_on, organisation, by=by)
    return now


def terms_of(candidacy: PastCandidacy) -> PastTerms:
    """What a row says."""
    return PastTerms(**{name: getattr(candidacy, name) for name in PastTerms.__dataclass_fields__})


def check_terms(vacancy: Vacancy, terms: PastTerms, *, today: date) -> None:
    """Raises PastCandidacyRefused for what cannot have been of a unit taken over."""
    routing = Routing.objects.filter(vacancy=vacancy, closed_at=None).first()
    if vacancy.source != Vacancy.Source.PAST or vacancy.is_cancelled or routing is None:
        raise PastCandidacyRefused(
            "Les candidats de ce logement se suivent ici : proposez-les sur sa page, ou par le fichier « Candidats ».",
            field="vacancy",
        )
    days = became([vacancy.pk]).get(vacancy.pk, {})
    since = timezone.localdate(routing.routed_at)
    for field, sentence in _faults(terms, since=since, today=today, leased_on=days.get("LEASED")):
        raise PastCandidacyRefused(upper_first(sentence), field=field)


def _faults(terms: PastTerms, *, since: date, today: date, leased_on: date | None) -> Iterator[tuple[str, str]]:
    """What does not hold, the first thing first: the field, and the sentence."""
    yield from _of_decision(terms)
    yield from _of_document(terms, today)
    yield from _of_sequel(terms, leased_on)
    before, text = since, "l’orientation"
    for field, on, words in (
        ("decided_on", terms.decided_on, "la commission"),
        ("answered_on", terms.answered_on, "la réponse à l’offre"),
        ("leased_on", terms.leased_on, "le bail"),
    ):
        if on is None:
            continue
        if on < before:
            yield field, f"{words} vient après {text}, le {before:%d/%m/%Y} : corrigez l’une des deux dates."
        if on > today:
            yield field, f"{words} est à venir : une reprise ne dit que le passé."
        before, text = on, words


def _of_decision(terms: PastTerms) -> Iterator[tuple[str, str]]:
    """As the five decisions of R441-3 ask."""
    if terms.kind and terms.decided_on is None:
        yield "decided_on", "une décision porte le jour de sa commission : écrivez-le."
    if terms.decided_on is not None and not terms.kind:
        yield "kind", "écrivez ce que la commission a décidé : l’une des cinq décisions de la loi (CCH, R441-3)."
    if terms.kind == Kind.RANKED and terms.rank is None:
        yield "rank", "une attribution avec un rang porte ce rang : écrivez-le."
    if terms.rank is not None and terms.kind not in (Kind.RANKED, Kind.CONDITIONAL):
        yield "rank", "seule une attribution avec un rang, ou sous condition, en porte un : videz cette cellule."
    if terms.document and terms.kind != Kind.CONDITIONAL:
        yield "document", "seule une attribution sous condition attend une pièce : videz cette cellule."
    owed = OF_THE_COMMITTEE.get(Kind(terms.kind), ()) if terms.kind else ()
    committee = {reason for reasons in OF_THE_COMMITTEE.values() for reason in reasons}
    if owed and terms.reason not in owed:
        known = ", ".join(f"« {each.label} »" for each in owed)
        yield "reason", f"cette décision porte l’un de ces motifs : {known}."
    if not owed and terms.reason in committee:
        yield "reason", "ce motif est celui d’une non-attribution ou d’un rejet : corrigez l’un des deux."


def _of_document(terms: PastTerms, today: date) -> Iterator[tuple[str, str]]:
    """What a condition waits for comes after the decision, and before the lease (R441-3 c)."""
    on, decided_on = terms.document_on, terms.decided_on
    if on is None:
        return
    if terms.kind != Kind.CONDITIONAL or decided_on is None:
        yield "document_on", "seule une attribution sous condition attend une pièce : videz cette cellule."
    elif not decided_on <= on <= (terms.leased_on or today):
        yield "document_on", "la pièce vient après la commission, et avant le bail : corrigez l’une de ces dates."
    if terms.reason == ProposalEnd.Reason.CONDITION_NOT_MET:
        yield "document_on", "la pièce est venue, et le motif dit que non : corrigez l’un des deux."


def _of_sequel(terms: PastTerms, leased_on: date | None) -> Iterator[tuple[str, str]]:
    """The offer follows a decision that keeps the candidate; the lease, an offer that was not lost."""
    kept = terms.kind in DecisionTerms.KEPT
    if terms.answer and not kept:
        yield "answer", "une offre suit une attribution : corrigez la décision, ou videz cette cellule."
    if terms.answer and terms.answered_on is None:
        yield "answered_on", "une réponse à l’offre porte sa date : écrivez-la."
    if terms.answered_on is not None and not terms.answer:
        yield "answer", "écrivez ce que le ménage a répondu, ou videz la date."
    if terms.leased_on is None:
        return
    if not kept or terms.reason or terms.answer not in ("", Answer.ACCEPTED):
        yield "leased_on", "un bail suit une attribution et une offre acceptée : corrigez-les, ou videz cette date."
    if terms.leased_on != leased_on:
        known = f"ce logement est loué depuis le {leased_on:%d/%m/%Y}" if leased_on else "ce logement n’est pas loué"
        yield (
            "leased_on",
            f"dans le compte, {known} : corrigez cette date, ou dites d’abord le bail par « Suites des logements ».",
        )


def _close(application: Application, on: date | None, organisation: Organisation, *, by: User) -> None:
    """A request that was housed lives no more, where nobody else still counts on it."""
    if on is None or application.closed_on is not None:
        return
    elsewhere = application.organisations.exclude(pk=organisation.pk).exists()
    if elsewhere or Proposal.objects.live().of(application).exists():
        return
    close_application(application=application, cause=Application.Closure.LEASE, on=on, by=by)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
