"""The acts on convention amendment.

* The next version of a signed convention: an amendment (avenant), from its date of effect on.
* An EPCI or a département delegates to its communes: an amendment that it signs and proposes to the landlord.
* When the landlord breaches its convention with the State: formal notice, then termination (CCH, R441-5-2 IV).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.utils import timezone

from reservations.models import Convention, HistoryEntry, Organisation, User
from reservations.models.wall import atomic
from reservations.operations.convention import (
    AmendmentRefused,
    ConventionClosed,
    check_effect,
    draft_convention,
    locked,
    motive,
    write_draft,
)
from reservations.operations.convention_end import check_last_day, cut_short
from reservations.operations.convention_parties import others_of
from reservations.operations.convention_signature import sign_on_account
from reservations.operations.convention_terms import apply_terms, quota_terms, terms_of
from reservations.operations.convention_waiting import first_day, running_on
from reservations.operations.history import record
from reservations.operations.terms import DelegationScope, left_on, put_end
from reservations.queries.conventions import termination_from
from reservations.refusals import Refusal


@atomic
def amend_convention(*, convention: Convention, starts_on: date, by: User, today: date | None = None) -> Convention:
    """Begin an amendment (avenant): the draft of the next version, with everything that this one says.

    It is edited, proposed and signed as any draft. `starts_on`: its date of effect. One at a time is in preparation.
    Raises ConventionClosed unless the convention is signed, AmendmentRefused or PeriodRefused.
    """
    convention = locked(convention)
    if convention.status != Convention.Status.SIGNED:
        raise ConventionClosed("Seule une convention signée, dans sa dernière version, reçoit un avenant.")
    if Convention.objects.filter(amends=convention).exists():
        raise AmendmentRefused(
            "Un avenant à cette convention est déjà en préparation : reprenez-le, ou supprimez-le d’abord."
        )
    check_effect(convention, starts_on, today=today or timezone.localdate())
    amendment = Convention(
        landlord_id=convention.landlord_id,
        organisation=convention.organisation,
        perimeter=convention.perimeter,
        starts_on=starts_on,
        amends=convention,
        version=convention.version + 1,
    )
    ends_on, terms = left_on(convention, terms_of(convention), starts_on)
    apply_terms(amendment, terms)
    put_end(amendment, ends_on)
    quotas = convention.quotas.select_related("holder__organisation").prefetch_related(
        "delegations__delegate", "rates__territory"
    )
    write_draft(
        amendment,
        [quota_terms(quota) for quota in quotas.order_by("rank", "pk")],
        [each for each in others_of(convention) if each.closed_on is None],
    )
    record(amendment, HistoryEntry.Act.RECORDED, by=by, details={"starts_on": [None, starts_on.isoformat()]})
    return amendment


@atomic
def delegate_rights(
    *,
    convention: Convention,
    starts_on: date,
    delegates: Sequence[Organisation],
    scope: DelegationScope,
    by: User,
    today: date | None = None,
) -> Convention:
    """Have communes propose for the part of an EPCI or of a département that `scope` says, instead of what its
    convention delegates; without any, it delegates nothing more. The amendment is signed in its name and waits for the
    landlord. Raises what `amend_convention`, `draft_convention` and `sign_on_account` raise."""
    amendment = amend_convention(convention=convention, starts_on=starts_on, by=by, today=today)
    quotas = amendment.quotas.select_related("holder__organisation").prefetch_related(
        "delegations__delegate", "rates__territory"
    )
    amendment = draft_convention(
        landlord=amendment.landlord,
        organisation=amendment.organisation,
        perimeter=amendment.perimeter,
        starts_on=starts_on,
        ends_on=amendment.agreed_term,
        quotas=[replace(quota_terms(each), delegates=tuple(delegates), scope=scope) for each in quotas.order_by("pk")],
        replaces=amendment,
        by=by,
    )
    return sign_on_account(convention=amendment, organisation=amendment.organisation, by=by, today=today)


class NotOfTheState(Refusal):
    """Only the State's convention is terminated after a formal notice."""


class NoticeRefused(Refusal):
    """The formal notice cannot be dated so."""


class TerminationRefused(Refusal):
    """No formal notice was given, or its delay still runs."""


@atomic
def give_formal_notice(
    *, convention: Convention, given_on: date, why: str, by: User, today: date | None = None
) -> Convention:
    """Record that the State put the landlord on notice to keep its convention: the delay runs from `given_on`.

    A later notice takes the place of one that the landlord answered; the history keeps both.
    Raises NotOfTheState, ConventionClosed, NoticeRefused or MotiveMissing.
    """
    convention = _of_the_state(convention)
    if given_on > (today or timezone.localdate()):
        raise NoticeRefused("Écrivez le jour de la mise en demeure, aujourd’hui au plus tard.", field="given_on")
    former = convention.formal_notice_on
    if given_on < (since := first_day(convention, today=None)):
        raise NoticeRefused(
            f"La mise en demeure vient après le {since:%d/%m/%Y}, début de la convention.",
            field="given_on",
        )
    if former is not None and given_on <= former:
        raise NoticeRefused(
            f"Une mise en demeure est déjà enregistrée au {former:%d/%m/%Y} : la suivante vient après.",
            field="given_on",
        )
    convention.formal_notice_on = given_on
    convention.save(update_fields=["formal_notice_on"])
    details = {"formal_notice_on": [former and former.isoformat(), given_on.isoformat()]}
    record(convention, HistoryEntry.Act.FORMAL_NOTICE, by=by, why=motive(why), details=details)
    return convention


@atomic
def terminate_convention(
    *, convention: Convention, ends_on: date, why: str, by: User, today: date | None = None
) -> Convention:
    """Terminate the State's convention, once a formal notice was without effect for the legal delay: « mise en demeure
    restée sans suite pendant deux mois » (CCH, R441-5-2 IV). An answer that changes nothing is no effect: the préfet
    judges.

    `ends_on` is its last day, from today on. Raises NotOfTheState, ConventionClosed, TerminationRefused, PeriodRefused
    or MotiveMissing.
    """
    today = today or timezone.localdate()
    convention = _of_the_state(convention)
    if convention.formal_notice_on is None:
        raise TerminationRefused(
            "Aucune mise en demeure n’est enregistrée : enregistrez-la, la résiliation vient ensuite (CCH, R441-5-2)."
        )
    earliest = termination_from(convention)
    if earliest is None:
        raise TerminationRefused(
            f"Aucun délai de résiliation n’est enregistré au {convention.formal_notice_on:%d/%m/%Y} : demandez à "
            "l’administrateur de l’enregistrer."
        )
    if today < earliest:
        raise TerminationRefused(
            f"Le bailleur peut encore donner suite à la mise en demeure du {convention.formal_notice_on:%d/%m/%Y} : "
            f"vous pourrez résilier à partir du {earliest:%d/%m/%Y} (CCH, R441-5-2)."
        )
    check_last_day(convention, ends_on, today)
    notice = convention.formal_notice_on
    convention = running_on(convention, ends_on, why=motive(why), by=by)
    # Given as an amendment waited: the version that ends has it too.
    convention.formal_notice_on = notice
    convention.save(update_fields=["formal_notice_on"])
    cut_short(convention, HistoryEntry.Act.TERMINATED, Convention.Status.TERMINATED, ends_on, why=why, by=by)
    return convention


def _of_the_state(convention: Convention) -> Convention:
    """The convention as it is now, its row held: signed, and with the State."""
    convention = locked(convention)
    if convention.organisation.kind != Organisation.Kind.STATE:
        raise NotOfTheState(
            "La mise en demeure et la résiliation sont propres aux conventions avec l’État (CCH, R441-5-2) : "
            "proposez une fin à chaque partie de celle-ci."
        )
    if convention.status != Convention.Status.SIGNED:
        raise ConventionClosed("Seule une convention signée et en cours peut être mise en demeure ou résiliée.")
    return convention
