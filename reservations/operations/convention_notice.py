"""When the landlord breaches its convention with the State: formal notice, then termination (CCH, R441-5-2 IV)."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from reservations.models import Convention, HistoryEntry, Organisation, User
from reservations.models.acting import atomic
from reservations.operations.convention import ConventionClosed, locked, motive
from reservations.operations.convention_end import check_last_day, cut_short
from reservations.operations.convention_waiting import first_day, running_on
from reservations.operations.history import record
from reservations.queries.conventions import termination_from
from reservations.refusals import Refusal


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
