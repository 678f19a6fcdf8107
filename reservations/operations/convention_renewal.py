"""What is renewed tacitly is not, when a party says so in time (dénonciation): the convention ends at its term."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from reservations.deadlines import period_after
from reservations.models import Convention, HistoryEntry, Landlord, Organisation, Signatory, User
from reservations.models.guards import in_order
from reservations.models.renewal import reach
from reservations.models.wall import atomic
from reservations.operations.convention import ConventionClosed, locked, motive
from reservations.operations.history import record
from reservations.queries.rights import over_commitment, promises
from reservations.queries.signatories import signs_here
from reservations.refusals import Refusal, constraints_speak
from reservations.words import day, months, of, to


class RenewalRefused(Refusal):
    """Nothing is renewed here, it is too late to say so, or it is not for this person to say."""


@atomic
def give_notice_of_non_renewal(
    *,
    convention: Convention,
    organisation: Organisation,
    given_on: date,
    by: User,
    why: str = "",
    today: date | None = None,
) -> Convention:
    """Record that a party says, by a letter of `given_on`, that the convention is not renewed: it ends at the term of
    the period that ran that day. For one's own organisation or, by the landlord, for a party for which nobody signs
    here.

    A letter sent in time holds, however late it is recorded: once its term is past, what was routed since stays, and
    the convention ends today.

    Raises ConventionClosed, or RenewalRefused: when it comes too late, with the day until which it was possible and the
    next one; when it is of before the convention.
    """
    today = today or timezone.localdate()
    convention, party = _held(convention, organisation, by)
    if given_on > today:
        raise RenewalRefused("Écrivez le jour de la lettre, aujourd’hui au plus tard.", field="given_on")
    if given_on < (since := _known_since(convention)):
        raise RenewalRefused(
            f"La convention est du {day(since)} : une lettre d’avant ne la dénonce pas. Écrivez le jour de celle-ci.",
            field="given_on",
        )
    if party.denounced_on is not None:
        raise RenewalRefused(
            f"{organisation} l’a déjà dénoncée, le {day(party.denounced_on)} : elle finit à son terme."
        )
    assert convention.notice_months is not None  # as `_held` found it
    term = convention.term(given_on)
    until = period_after(term, -convention.notice_months)
    denounced = convention.signatories.exclude(denounced_on=None).exists()
    if term == convention.ends_on and not denounced:
        raise RenewalRefused(
            f"La convention n’est plus reconduite après le {day(term)}, son dernier terme : rien n’est à dénoncer."
        )
    if given_on > until:
        raise RenewalRefused(_too_late(convention, term, until), field="given_on")
    before, convention.ends_on = convention.ends_on, min(max(term, today), convention.ends_on)
    party.denounced_on = given_on
    party.save(update_fields=["denounced_on"])
    convention.save(update_fields=["ends_on"])
    last = [before.isoformat(), convention.ends_on.isoformat()]
    details = {organisation.name: [None, given_on.isoformat()], "ends_on": last}
    record(convention, HistoryEntry.Act.DENOUNCED, by=by, why=why.strip(), details=details)
    return convention


@atomic
def withdraw_notice_of_non_renewal(
    *, convention: Convention, organisation: Organisation, why: str, by: User, today: date | None = None
) -> Convention:
    """Take back what a party stated, before the term: the convention is renewed again, unless another party stated so
    too.

    Raises ConventionClosed, MotiveMissing or RenewalRefused: when nothing was stated or its term is past, or when what
    was promised since from the day after leaves no room.
    """
    today = today or timezone.localdate()
    in_order(Landlord.objects.all()).get(pk=convention.landlord_id)
    convention, party = _held(convention, organisation, by)
    if party.denounced_on is None:
        raise RenewalRefused(f"{organisation} n’a pas dénoncé cette convention : rien n’est à retirer.")
    if today > convention.ends_on:
        raise RenewalRefused(
            f"La convention a pris fin le {day(convention.ends_on)} : préparez-en une nouvelle, comme celle-ci."
        )
    given, party.denounced_on = party.denounced_on, None
    party.save(update_fields=["denounced_on"])
    details = {organisation.name: [given.isoformat(), None]}
    if not convention.signatories.exclude(denounced_on=None).exists():
        before = convention.ends_on
        _renew_again(convention)
        details["ends_on"] = [before.isoformat(), convention.ends_on.isoformat()]
    record(convention, HistoryEntry.Act.NOT_DENOUNCED, by=by, why=motive(why), details=details)
    return convention


def _renew_again(convention: Convention) -> None:
    """Give it back the last day that it would reach. Raises RenewalRefused when there is no more room for it."""
    assert convention.term_on is not None
    assert convention.renewal_months is not None
    term = convention.ends_on
    convention.ends_on = reach(convention.term_on, convention.renewal_months, convention.renewal_times)
    after = Convention.objects.binding().filter(
        landlord=convention.landlord_id,
        organisation=convention.organisation_id,
        perimeter=convention.perimeter_id,
        starts_on__gt=term,
        starts_on__lte=convention.ends_on,
    )
    if following := after.order_by("starts_on").first():
        raise RenewalRefused(
            f"Une autre prend sa suite le {day(following.starts_on)}, déjà signée : la dénonciation ne se retire plus."
        )
    if over := over_commitment(promises(convention)):
        raise RenewalRefused(
            f"Reconduite, cette convention et celles qui ont été signées depuis promettraient plus de tout le flux "
            f"{to(over.commune)} à partir du {day(over.on)} : la dénonciation ne se retire plus, sauf avenant."
        )
    with constraints_speak(Convention):
        convention.save(update_fields=["ends_on"])


def _held(convention: Convention, organisation: Organisation, by: User) -> tuple[Convention, Signatory]:
    """The convention as it is now, its row held, with this party, in whose name the person may speak."""
    convention = locked(convention)
    if convention.status != Convention.Status.SIGNED:
        raise ConventionClosed("Seule une convention signée, dans sa dernière version, se dénonce.")
    if not convention.is_renewed:
        raise RenewalRefused(
            f"Cette convention n’est pas reconduite tacitement : elle finit le {day(convention.ends_on)}, et rien "
            "n’est à dénoncer."
        )
    party = convention.signatories.filter(organisation=organisation).first()
    if party is None:
        raise RenewalRefused(f"{organisation} n’est pas partie à cette convention.", field="organisation")
    if not by.memberships.filter(organisation=organisation).exists() and signs_here(organisation):
        raise RenewalRefused(
            f"Quelqu’un signe ici au nom {of(organisation)} : c’est à elle de dénoncer la convention.",
            field="organisation",
        )
    return convention, party


def _known_since(convention: Convention) -> date:
    """From when a letter may speak of it: the signature of its first version, or its first day when that comes before,
    of a convention that was signed late."""
    first = convention
    while first.amends is not None:
        first = first.amends
    return min(first.starts_on, first.signed_on or first.starts_on)


def _too_late(convention: Convention, term: date, until: date) -> str:
    """Until when it was possible, and what the next one is."""
    assert convention.notice_months is not None
    text = (
        f"Le préavis est de {months(convention.notice_months)} : pour le terme du {day(term)}, la dénonciation était "
        f"possible jusqu’au {day(until)}. "
    )
    if term == convention.ends_on:
        return text + f"Une autre partie l’a dénoncée : la convention finit le {day(term)}."
    following = convention.term(period_after(term, 1))
    next_one = convention.notice_until(following)
    if next_one is None:
        return text + f"La convention est reconduite jusqu’au {day(following)}, son dernier terme."
    return text + (
        f"La convention est reconduite jusqu’au {day(following)}, et peut être dénoncée pour ce terme jusqu’au "
        f"{day(next_one)}."
    )
