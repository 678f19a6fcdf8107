"""Celery tasks: ids in, one act each, safe to run twice."""

from celery import shared_task

from reservations.imports.door import advance, at_work


@shared_task(name="reservations.advance_import")
def advance_import(import_id: int) -> str:
    """Go on with an import: check its file, or write what was confirmed. The state it is left in."""
    return advance(import_id=import_id)


@shared_task(name="reservations.sweep_imports")
def sweep_imports() -> int:
    """Go on with every import that has something to do: what a lost message or a killed worker left. How many."""
    waiting = at_work()
    for pk in waiting:
        advance(import_id=pk)
    return len(waiting)
