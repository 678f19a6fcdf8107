"""Celery tasks: ids in, one act each, safe to run twice."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from reservations.imports.door import advance, at_work
from reservations.imports.slices import purge_unconfirmed
from reservations.operations.apart import each_alone
from reservations.operations.identity import answer_password_requests
from reservations.operations.log import append_leaves, sign_checkpoint, signers_of
from reservations.operations.mail_sending import purge_mails
from reservations.operations.people_review import close_dormant
from reservations.takeaway import archives_to_make, make_archive, purge_archives


@shared_task(name="reservations.advance_import")
def advance_import(import_id: int) -> str:
    """Go on with an import: check its file, or write what was confirmed. The state it is left in."""
    return advance(import_id=import_id)


@shared_task(name="reservations.sweep_imports")
def sweep_imports() -> int:
    """Go on with every import that has something to do: what a lost message or a killed worker left. How many."""
    return each_alone("files.imports", at_work(), lambda pk: bool(advance(import_id=pk)), name="import:{}".format)


@shared_task(name="reservations.purge_unconfirmed_files")
def purge_unconfirmed_files() -> int:
    """Empty the files that nobody confirmed in time: how many."""
    return purge_unconfirmed()


@shared_task(name="reservations.make_archive")
def make_one_archive(archive_id: int) -> bool:
    """Gather everything that an organisation has into one file. Is it there?"""
    return make_archive(archive_id=archive_id)


@shared_task(name="reservations.sweep_archives")
def sweep_archives() -> int:
    """Make every archive that a lost message left, and forget the old ones. How many were made."""
    purge_archives()
    return each_alone(
        "files.archives", archives_to_make(), lambda pk: make_archive(archive_id=pk), name="archive:{}".format
    )


@shared_task(name="reservations.purge_mails")
def purge_old_mails() -> int:
    """Delete the messages that ended long ago: every night. How many rows."""
    return purge_mails()


@shared_task(name="reservations.close_dormant")
def close_dormant_accounts() -> tuple[int, int]:
    """Warn those who have not signed in for long, and close the accounts of those warned before: every night."""
    return close_dormant(now=timezone.now())


@shared_task(name="reservations.answer_password_requests")
def answer_lost_passwords() -> int:
    """Send a link to whoever lost their password: when one is asked for, and as a sweep. How many links."""
    return answer_password_requests(now=timezone.now())


@shared_task(name="reservations.append_leaves")
def append_to_log() -> int:
    """Give each imprint written since its leaf in the verifiable log: how many."""
    return append_leaves()


@shared_task(name="reservations.sign_checkpoint")
def sign_log() -> int:
    """Sign what the verifiable log is now, every hour: how many leaves; 0 when nothing was added, or without a key."""
    append_leaves()
    signed = sign_checkpoint(signers=signers_of(settings.JOURNAL_KEYS), now=timezone.now())
    return signed.size if signed else 0
