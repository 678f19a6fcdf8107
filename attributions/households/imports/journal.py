"""What the journal of nominative reading keeps of a file that names households."""

from __future__ import annotations

from django.utils import timezone

from attributions.households.models import AccessRecord
from attributions.households.operations.access import record_access
from reservations.imports.kinds import Scope
from reservations.models import Membership


def record_file(scope: Scope, subject: str) -> None:
    """Who brought how many households in, by which kind of file."""
    assert scope.by is not None  # a person imports
    record_access(
        member=Membership(user=scope.by, organisation=scope.organisation),
        keeper=scope.organisation,
        what=AccessRecord.What.IMPORT,
        subject=subject,
        files=scope.kept.get("written", 0),
        now=timezone.now(),
    )


def record_taken(member: Membership, subject: str, files: int) -> None:
    """Who takes how many households away in the archive of the organisation."""
    record_access(
        member=member,
        keeper=member.organisation,
        what=AccessRecord.What.LIST,
        subject=f"archive de l’organisation : {subject}",
        files=files,
        downloaded=True,
        why="Emporter tout ce que l’organisation a ici.",
    )
