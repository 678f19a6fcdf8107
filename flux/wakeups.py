"""The wake-up call of the flow (`reservations.wakeups`)."""

from reservations.wakeups import wake


def wake_ledger(ledger_id: int) -> None:
    """Once the transaction commits, state a worker that a ledger has vacancies to route."""
    wake("flux.route_ledger", ledger_id)
