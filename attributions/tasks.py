"""Celery tasks: ids in, one act each, safe to run twice."""

from celery import shared_task
from django.utils import timezone

from attributions.bilan.operations.printing import draw_next, purge_printed
from attributions.households.operations.ballot import close_due_ballots
from attributions.households.operations.calls import (
    close_missed_conditions,
    release_housed_elsewhere,
    release_left_behind,
)
from attributions.households.operations.offers import close_silent_offers
from attributions.households.operations.silence import lapse_silent_routings
from attributions.mails.clocks import watch_days, watch_votes
from attributions.mails.kinds import stands
from attributions.mails.telling import tell_people
from attributions.notices.announcing import announce_decision_windows, announce_transfers
from attributions.retention import (
    deal_facts,
    forget_marks,
    forget_reconciled_numbers,
    pseudonymise_due,
    purge_access_log,
    read_past_term,
)
from reservations.access.limits import SIGN_INS_KEPT, forget_sign_ins
from reservations.access.sessions import SessionStore
from reservations.operations.mail_sending import send_mails


@shared_task(name="attributions.announce_decision_windows")
def announce() -> int:
    """State the holders that a landlord changes its rule: when it does, and every night. How many notices."""
    return announce_decision_windows()


@shared_task(name="attributions.announce_transfers")
def tell_transfers() -> int:
    """State both landlords, and the holders concerned, of programmes that pass from one to the other: when somebody
    acts, and every night. How many notices."""
    return announce_transfers()


@shared_task(name="attributions.draw_balances", soft_time_limit=120)
def draw() -> bool | None:
    """Draw the oldest of the balances that wait to be printed: when one is asked for, when one is drawn, and as a
    sweep. Is its file there? None when there is none to draw."""
    return draw_next()


@shared_task(name="attributions.purge_printed")
def purge_printed_balances() -> int:
    """Delete the printed balances that nobody asks for any more: every night. How many."""
    return purge_printed()


@shared_task(name="attributions.close_due_ballots")
def close_ballots() -> int:
    """Close the remote votes whose time is over: how many."""
    return close_due_ballots()


@shared_task(name="attributions.lapse_silent_routings")
def lapse() -> int:
    """Give back the units whose holder did not answer in time: every night. How many."""
    return lapse_silent_routings()


@shared_task(name="attributions.pseudonymise_due")
def pseudonymise() -> int:
    """Erase the identities whose term has run out, deal the facts of their leases, and erase the numbers that compared
    files left and what was noted of rows of « À faire »; then count what is left: every night."""
    erased = pseudonymise_due() + deal_facts() + forget_reconciled_numbers() + forget_marks()
    read_past_term()
    return erased


@shared_task(name="attributions.purge_access_log")
def purge_journal() -> int:
    """Delete the accesses older than the term of their journal: every night."""
    return purge_access_log()


@shared_task(name="attributions.clear_sessions")
def clear_sessions() -> None:
    """Delete the sessions that ended, among which the lines of the imports that nobody confirmed within the hour.

    With them, what is kept of sign-ins and of those that failed, once it is old.
    """
    SessionStore.clear_expired()
    forget_sign_ins(before=timezone.now() - SIGN_INS_KEPT)


@shared_task(name="attributions.close_silent_offers")
def silent_offers() -> int:
    """Silence is refusal: close the offers whose term is over, and call the next rank. How many."""
    return close_silent_offers()


@shared_task(name="attributions.close_missed_conditions")
def missed_conditions() -> int:
    """End the candidates whose document did not come in time. How many."""
    return close_missed_conditions()


@shared_task(name="attributions.release_housed_elsewhere")
def housed_elsewhere() -> int:
    """End the candidacies of households that signed a lease for another unit. How many."""
    return release_housed_elsewhere()


@shared_task(name="attributions.release_left_behind")
def left_behind() -> int:
    """Release the candidates of units that went elsewhere or were cancelled, and state it. How many units."""
    return release_left_behind()


@shared_task(name="attributions.send_mails")
def send_waiting_mails() -> int:
    """Find whom to state of what happened, then send what is due: when something is, and as a sweep. How many messages
    were taken."""
    tell_people()
    return send_mails(stands=stands)


@shared_task(name="attributions.watch_days")
def watch_the_days() -> None:
    """State of the delays, remarks and forecasts whose time comes: every morning."""
    watch_days()


@shared_task(name="attributions.watch_votes")
def watch_the_votes() -> None:
    """State of the votes that opened, then of those that are missing."""
    watch_votes()
