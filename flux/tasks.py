"""Celery tasks: ids in, one act each, safe to run twice."""

from celery import shared_task
from django.utils import timezone

from flux.controls import run_controls
from flux.operations.audit import alert_set_aside
from flux.operations.entries import carry_gaps
from flux.operations.openings import settle_lately_signed, settle_signed
from flux.operations.replaying import purge_replays, replay_next
from flux.operations.routing import route_waiting_vacancies, sweep_waiting_vacancies
from flux.operations.stock_rights import settle_ended_rights
from flux.operations.stock_transfers import carry_out_due, follow_absorptions
from flux.operations.webhook_sending import purge_sent, tell_software
from flux.wakeups import wake
from reservations.operations.token import forget_answers


@shared_task(name="flux.route_ledger")
def route_ledger(ledger_id: int) -> int:
    """Route what waits in one ledger, then state the software that follows it."""
    routed = route_waiting_vacancies(ledger_id=ledger_id)
    if routed:
        wake("flux.tell_software")
    return routed


@shared_task(name="flux.sweep_waiting_vacancies")
def sweep() -> int:
    """Route what waits anywhere: catches up after a lost message or a broker down."""
    return sweep_waiting_vacancies()


@shared_task(name="flux.settle_ended_rights")
def settle() -> int:
    """Give what ended rights left due to whoever takes it over, settle what precedes a late signature, and carry over
    what a year without a unit kept from the next: every night."""
    return settle_ended_rights() + settle_lately_signed() + carry_gaps(today=timezone.localdate())


@shared_task(name="flux.settle_earlier_dues")
def settle_earlier(convention_id: int) -> int:
    """Settle what units owed between the first day of a convention and its signature: how many entries."""
    return settle_signed(convention_id=convention_id)


@shared_task(name="flux.carry_out_transfers")
def carry_out_transfers() -> int:
    """Move what landlords agreed to give from today on, and what those that were absorbed still leave: every night,
    before anything is declared. How many."""
    return carry_out_due() + follow_absorptions()


@shared_task(name="flux.run_controls")
def control_the_night() -> int:
    """Run every control of the list, and keep an alert of what each finds new: how many."""
    return run_controls()


@shared_task(name="flux.alert_set_aside")
def alert_rows_set_aside() -> int:
    """Keep an alert of each row that a task set aside, as soon as one is: how many."""
    return len(alert_set_aside())


@shared_task(name="flux.forget_answers")
def forget_kept_answers() -> int:
    """Erase the answers of the API that were kept for two days: how many."""
    return forget_answers()


@shared_task(name="flux.tell_software")
def tell() -> int:
    """State software what happened, and send again what was not received: how many messages were."""
    return tell_software()


@shared_task(name="flux.purge_told")
def purge() -> int:
    """Forget the facts that were sent long ago, and the years replayed that nobody asks for any more: every night. How
    many rows."""
    return purge_sent() + purge_replays()


@shared_task(name="flux.replay_years", soft_time_limit=600)
def replay_years() -> bool | None:
    """Replay the oldest of the years that wait: when one is asked for, when one is replayed, and as a sweep. Is its
    answer there? None when there is none to replay."""
    return replay_next()
