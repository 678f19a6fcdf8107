"""The life of a convention up to its signature; its amendments, its end and formal notices are modules of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta

from django.utils import timezone

from reservations.models import (
    Convention,
    Delegation,
    HistoryEntry,
    Landlord,
    Organisation,
    Quota,
    Rate,
    Signatory,
    Territory,
    User,
)
from reservations.models.categories import CODES
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.convention_parties import check_parties, let_fall, others_of, write_parties
from reservations.operations.convention_terms import (
    QuotaRefused,
    QuotaTerms,
    apply_terms,
    check_delegations,
    check_quotas,
    proposed_terms,
    terms_of,
)
from reservations.operations.convention_waiting import first_day, running_on, settle_since, signed_instead
from reservations.operations.history import record
from reservations.operations.pause_carrying import carry_pauses
from reservations.operations.rate_table import check_tables
from reservations.operations.terms import ConventionTerms, put_end
from reservations.pages.checks.findings import signature_obstacles
from reservations.pages.documents import in_words
from reservations.queries.signatories import WITHIN_TERRITORY, awaited, perimeters_of
from reservations.refusals import Refusal, constraints_speak
from reservations.words import of, towards


class PerimeterOutOfPlace(Refusal):
    """The perimeter is not one this organisation can sign for (CCH, R441-5 I and R441-5-3)."""


class AmendmentRefused(Refusal):
    """The amendment does not fit what it amends."""


class PeriodRefused(Refusal):
    """The period ends before it starts, or the day chosen is out of it."""


class SignatureRefused(Refusal):
    """The convention cannot be signed as it stands; each of `obstacles` says what to change."""

    def __init__(self, obstacles: Sequence[str]) -> None:
        super().__init__(" ".join(obstacles))
        self.obstacles = tuple(obstacles)


class ConventionClosed(Refusal):
    """The convention is no longer in the state that the act needs."""


class MotiveMissing(Refusal):
    """The act needs to say why."""


@atomic
def draft_convention(
    *,
    landlord: Landlord,
    organisation: Organisation,
    perimeter: Territory,
    starts_on: date,
    ends_on: date,
    quotas: Sequence[QuotaTerms],
    by: User,
    terms: ConventionTerms | None = None,
    replaces: Convention | None = None,
    others: Sequence[Organisation] | None = None,
) -> Convention:
    """Write a draft, new or in the place of another draft. `ends_on`: the first term, where it is renewed tacitly.

    Without `terms`: those of the draft it replaces, else what the law and usage propose on its first day. `others`: who
    signs beside the landlord and the organisation; None for those of the draft it replaces. Recorded in the history,
    with what changed. The draft of an amendment keeps the parties and perimeter, and takes effect in the period.
    Raises PerimeterOutOfPlace, PeriodRefused, QuotaRefused, TermsRefused, RatesRefused, DelegationRefused,
    AmendmentRefused or ConventionClosed.
    """
    _check_perimeter(organisation, perimeter)
    check_period(starts_on, ends_on)
    for quota in quotas:
        if quota.holder.organisation_id != organisation.pk:
            raise QuotaRefused(f"{quota.holder} n’est pas un contingent {of(organisation)}.")
    check_quotas(quotas)
    before: dict[str, str] = {}
    if replaces is not None:
        convention = locked(replaces)
        if not convention.is_draft:
            raise ConventionClosed(_not_a_draft(convention, "elle ne se modifie plus"))
        if convention.amends is not None:
            _check_same(convention.amends, organisation, perimeter)
            check_effect(convention.amends, starts_on)
        terms = terms or terms_of(convention)
        before = contents(convention)
        others = others_of(convention) if others is None else others
        convention.quotas.all().delete()
    else:
        convention = Convention(landlord=landlord)
    check_parties(landlord, organisation, others or ())
    convention.organisation, convention.perimeter = organisation, perimeter
    convention.starts_on = starts_on
    apply_terms(convention, terms or proposed_terms(organisation, starts_on))
    put_end(convention, ends_on)
    check_delegations(quotas, perimeter, managed=convention.management)
    check_tables(((str(quota.holder), quota.rates) for quota in quotas), convention)
    write_draft(convention, quotas, others or ())
    act = HistoryEntry.Act.EDITED if before else HistoryEntry.Act.RECORDED
    record(convention, act, by=by, details=changes(before, contents(convention)) if before else {})
    return convention


def write_draft(convention: Convention, quotas: Sequence[QuotaTerms], others: Sequence[Organisation]) -> None:
    """Save a draft, its parties, its shares, their tables and their delegations."""
    with constraints_speak(Convention, Quota, Rate, Delegation, Signatory):
        convention.save()
        write_parties(convention, others)
        rows = Quota.objects.bulk_create(
            Quota(
                convention=convention,
                holder=each.holder,
                share=each.share,
                rank=each.rank,
                yearly_units=each.yearly_units,
                planned_flow=each.planned_flow,
                declined=[code for code in CODES if code in each.declined],
                grounds=[ground.as_json() for ground in each.grounds],
            )
            for each in quotas
        )
        Rate.objects.bulk_create(
            Rate(
                quota=row,
                territory=rate.territory,
                categories=[code for code in CODES if code in rate.categories],
                first_letting=rate.first_letting,
                since_year=rate.since_year,
                share=rate.share,
                grounds=[ground.as_json() for ground in rate.grounds],
            )
            for row, each in zip(rows, quotas, strict=True)
            for rate in each.rates
        )
        Delegation.objects.bulk_create(
            Delegation(quota=row, delegate=delegate, **asdict(each.scope))
            for row, each in zip(rows, quotas, strict=True)
            for delegate in each.delegates
        )


def _not_a_draft(convention: Convention, consequence: str) -> str:
    """Why a draft's act is refused; a proposal may be withdrawn first."""
    if convention.status == Convention.Status.PROPOSED:
        return f"Cette convention est proposée à son signataire : {consequence}. Retirez d’abord la proposition."
    return f"Cette convention est signée : {consequence}."


def contents(convention: Convention) -> dict[str, str]:
    """Everything a draft says, in words: what its history compares."""
    quotas = convention.quotas.select_related("holder__organisation").prefetch_related(
        "delegations__delegate", "rates__territory"
    )
    text = in_words(convention, quotas.order_by("rank", "pk"), agreed_end=convention.agreed_term)
    return {"Signataire": convention.organisation.name} | text


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, list[str | None]]:
    """{term: [before, after]} for each that is not the same; None for what was not there."""
    return {
        name: [before.get(name), after.get(name)]
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    }


def locked(convention: Convention) -> Convention:
    """The convention as it is now, its row held. Raises ConventionClosed when its draft was thrown away meanwhile."""
    if row := in_order(Convention.objects.all()).filter(pk=convention.pk).first():
        return row
    raise ConventionClosed("Ce brouillon n’existe plus : il a été supprimé.")


def check_period(starts_on: date, ends_on: date) -> None:
    """Raise PeriodRefused when a convention would end before it starts."""
    if ends_on < starts_on:
        raise PeriodRefused("La convention finit avant de commencer : corrigez l’une des deux dates.", field="ends_on")


def _check_perimeter(organisation: Organisation, perimeter: Territory) -> None:
    if perimeters_of(organisation).filter(pk=perimeter.pk).exists():
        return
    if organisation.kind in Organisation.OWN_TERRITORY:
        sentence = (
            f"Les droits {of(organisation)} portent sur son propre territoire (CCH, R441-5-3) : "
            "choisissez-le comme périmètre."
        )
    elif perimeter.kind != Territory.Kind.DEPARTEMENT or organisation.kind not in WITHIN_TERRITORY:
        sentence = f"Avec {towards(organisation)}, une convention porte sur un département (CCH, R441-5)."
    elif organisation.territory is None:
        sentence = (
            f"Aucun territoire n’est enregistré pour {towards(organisation)} : "
            "demandez à l’administrateur de le compléter."
        )
    else:
        sentence = (
            f"Avec {towards(organisation)}, une convention porte sur son propre territoire "
            f"({organisation.territory.name}) "
            f": {perimeter.name} n’en fait pas partie."
        )
    raise PerimeterOutOfPlace(sentence, field="perimeter")


def check_effect(amended: Convention, starts_on: date, *, today: date | None = None) -> None:
    """Raise PeriodRefused unless an amendment may take effect on that day: inside what it amends, and not before today.
    As long as what it amends waits for its own effect, it may take effect before, in its place.

    `today` None: while it is negotiated, the calendar is not looked at; the signature does.
    """
    if starts_on <= (since := first_day(amended, today=today)):
        sentence = f"Un avenant prend effet après le {since:%d/%m/%Y}, début de la version qu’il modifie."
    elif starts_on > amended.ends_on:
        sentence = (
            f"La convention prend fin le {amended.ends_on:%d/%m/%Y} : un avenant prend effet d’ici là. "
            "Pour la suite, préparez une nouvelle convention."
        )
    elif today is not None and starts_on < today:
        sentence = (
            "Choisissez une date d’effet à partir d’aujourd’hui : ce qui est passé a été compté avec l’autre version. "
            "Un avenant déjà proposé se retire d’abord, sur sa page, par le bailleur."
        )
    else:
        return
    raise PeriodRefused(sentence, field="starts_on")


def _check_same(amended: Convention, organisation: Organisation, perimeter: Territory) -> None:
    if (amended.organisation_id, amended.perimeter_id) != (organisation.pk, perimeter.pk):
        raise AmendmentRefused(
            "Un avenant garde le signataire et le périmètre de sa convention : pour en changer, préparez une nouvelle "
            "convention."
        )


@atomic
def propose_convention(*, convention: Convention, by: User, today: date | None = None) -> Convention:
    """Send a draft to its signatory: from now on its terms are kept, until the proposal is signed or withdrawn.

    A proposal must be an offer: a share at least, for a period not gone by. What depends on other conventions (caps,
    ranks, the whole flow) is shown meanwhile and enforced at signature only: another may end first.
    Raises ConventionClosed, or SignatureRefused with the sentences.
    """
    today = today or timezone.localdate()
    convention = locked(convention)
    if not convention.is_draft:
        raise ConventionClosed("Seul un brouillon se propose : cette convention est déjà proposée ou signée.")
    obstacles = []
    if not convention.quotas.exists():
        obstacles.append("La convention ne donne aucune part : ajoutez au moins un contingent.")
    if convention.ends_on < today:
        obstacles.append(f"La période a pris fin le {convention.ends_on:%d/%m/%Y} : changez les dates du brouillon.")
    if obstacles:
        raise SignatureRefused(obstacles)
    if convention.amends is not None:
        _check_amended(convention.amends)
        check_effect(convention.amends, convention.starts_on, today=today)
    convention.status, convention.proposed_on = Convention.Status.PROPOSED, today
    convention.save(update_fields=["status", "proposed_on"])
    record(convention, HistoryEntry.Act.PROPOSED, by=by, details={"proposed_on": [None, today.isoformat()]})
    return convention


@atomic
def withdraw_proposal(*, convention: Convention, why: str, by: User) -> Convention:
    """Take a proposal back to a draft, to change it or to drop it: what was signed of it falls, and is recorded in its
    history. Raises ConventionClosed or MotiveMissing."""
    convention = locked(convention)
    if convention.status != Convention.Status.PROPOSED:
        raise ConventionClosed("Cette convention n’est pas, ou n’est plus, une proposition : rien n’est à retirer.")
    assert convention.proposed_on is not None
    details = {"proposed_on": [convention.proposed_on.isoformat(), None]} | let_fall(convention)
    convention.status, convention.proposed_on = Convention.Status.DRAFT, None
    convention.save(update_fields=["status", "proposed_on"])
    record(convention, HistoryEntry.Act.WITHDRAWN, by=by, why=motive(why), details=details)
    return convention


@atomic
def sign_convention(*, convention: Convention, signed_on: date, by: User, today: date | None = None) -> Convention:
    """Have a convention that each of its parties has signed (`convention_signature`) bind: it is never edited again.

    `signed_on`: the day of the last signature. Signing an amendment ends what it amends on the eve of its date of
    effect, and marks it AMENDED; a formal notice given under the version before still stands. `today` is the day of
    recording: an amendment does not take effect before it. Signatures of one landlord wait for each other, so that two
    cannot promise the same units. A préfet's order that stood for it ends on the eve of its first day.
    Raises SignatureRefused with every obstacle or with whom is awaited, ConventionClosed, PeriodRefused or Refusal.
    """
    in_order(Landlord.objects.all()).get(pk=convention.landlord_id)
    convention = locked(convention)
    if not convention.is_open:
        raise ConventionClosed("Cette convention est déjà signée.")
    if not convention.is_order and (waiting := awaited(convention)):
        names = ", ".join(row.organisation.name for row in waiting)
        raise SignatureRefused([f"Signature attendue : {names}. La convention engage une fois signée de chacun."])
    if convention.amends is not None:
        _replace(convention, locked(convention.amends), by=by, today=today or timezone.localdate())
    elif not convention.is_order:
        _take_over(convention, by=by, today=today or timezone.localdate())
    # After the version before is cut: what the amendment replaces does not stand beside it.
    if obstacles := signature_obstacles(convention, on=signed_on):
        raise SignatureRefused(obstacles)
    convention.status, convention.signed_on = Convention.Status.SIGNED, signed_on
    with constraints_speak(Convention):
        convention.save(update_fields=["status", "signed_on", "formal_notice_on"])
    record(convention, HistoryEntry.Act.SIGNED, by=by, details={"signed_on": [None, signed_on.isoformat()]})
    carry_pauses(convention.amends, convention, by=by)
    return settle_since(convention, today=today)


def _replace(amendment: Convention, amended: Convention, *, by: User, today: date) -> None:
    """End the version before on the eve of the amendment's date of effect."""
    _check_amended(amended)
    check_effect(amended, amendment.starts_on, today=today)
    eve = amendment.starts_on - timedelta(days=1)
    amendment.formal_notice_on = amended.formal_notice_on
    amended = running_on(amended, eve, why=f"L’avenant n° {amendment.version - 1} prend effet avant.", by=by)
    details = {"ends_on": [amended.ends_on.isoformat(), eve.isoformat()]}
    amended.status, amended.ends_on = Convention.Status.AMENDED, eve
    amended.save(update_fields=["status", "ends_on"])
    record(amended, HistoryEntry.Act.AMENDED, by=by, details=details)


def _take_over(convention: Convention, *, by: User, today: date) -> None:
    """End the préfet's order that stood for this convention: what it counted stays, the convention goes on from its
    first day. Raises PeriodRefused when the convention would begin before today, under an order that was applied."""
    orders = Convention.objects.in_force(convention.starts_on) | Convention.objects.binding().filter(
        starts_on__gte=convention.starts_on, starts_on__lte=convention.ends_on
    )
    held = orders.exclude(prefect_order="").filter(
        landlord=convention.landlord_id, organisation=convention.organisation_id, perimeter=convention.perimeter_id
    )
    for order in held.order_by("starts_on").select_for_update(of=("self",)):
        first = max(today, order.starts_on + timedelta(days=1))
        if convention.starts_on < first:
            raise PeriodRefused(
                f"L’arrêté du préfet s’applique depuis le {order.starts_on:%d/%m/%Y} à défaut de convention : celle-ci "
                f"prend la suite à partir du {first:%d/%m/%Y}. Changez son premier jour.",
                field="starts_on",
            )
        eve = convention.starts_on - timedelta(days=1)
        details = {"ends_on": [order.ends_on.isoformat(), eve.isoformat()]}
        record(order, HistoryEntry.Act.ENDED, by=by, why=signed_instead(order), details=details)
        order.status, order.ends_on = Convention.Status.ENDED, eve
        order.save(update_fields=["status", "ends_on"])


def _check_amended(amended: Convention) -> None:
    if amended.status != Convention.Status.SIGNED:
        raise AmendmentRefused(
            "La convention que cet avenant modifie a pris fin entre-temps : supprimez ce brouillon, et préparez une "
            "nouvelle convention."
        )


def motive(why: str) -> str:
    """The motive, without its blanks. Raises MotiveMissing when nothing is left."""
    if not why.strip():
        raise MotiveMissing("Dites pourquoi : la convention garde ce motif dans son histoire.", field="why")
    return why.strip()


@atomic
def discard_draft(*, convention: Convention, by: User) -> None:
    """Throw a draft away, an amendment's too. Raises ConventionClosed when it is proposed or signed: facts stay."""
    convention = locked(convention)
    if not convention.is_draft:
        raise ConventionClosed(_not_a_draft(convention, "elle ne se supprime pas"))
    if convention.documents.exists():
        signed = "Une partie a signé ce brouillon sur papier quand il était proposé, et sa pièce est gardée"
        raise ConventionClosed(f"{signed} : il ne se supprime plus. Modifiez-le, et proposez-le de nouveau.")
    record(convention, HistoryEntry.Act.DISCARDED, by=by, details={"convention": [str(convention), None]})
    convention.delete()
