"""The minutes of the committees of a landlord, as its archive has them: the very bytes that each seal is of."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from attributions.households.models import AccessRecord, CommitteeSession
from attributions.households.operations.access import record_access
from reservations.canonical import canonical
from reservations.exports.papers import Paper, Papers, as_brought, brought
from reservations.models import KeptElsewhere, Membership
from reservations.pages.papers import KEPT_IN


class SealedMinutes(Papers):
    """Procès-verbaux scellés: households are told there by digests of their numbers alone."""

    folder = "proces-verbaux"
    title = "Procès-verbaux des commissions"
    columns = ("SIREN du bailleur", "commission", "séance du", "lieu", "close le", KEPT_IN)

    def of(self, member: Membership) -> Iterator[Paper]:
        """Of every session that was closed, the first first; then what the landlord brought from another tool."""
        seals = set[str]()
        closed = CommitteeSession.objects.filter(
            committee__landlord__organisation=member.organisation_id, closed_at__isnull=False
        )
        for session in closed.select_related("committee").order_by("pk").iterator(chunk_size=1):
            seals.add(session.seal)
            assert session.minutes is not None  # by a constraint
            assert session.closed_at is not None
            yield Paper(
                f"proces-verbal-{session.day.isoformat()}-{session.pk}.json",
                canonical(session.minutes),
                session.seal,
                (
                    member.organisation.siren,
                    session.committee.name,
                    f"{session.day:%d/%m/%Y}",
                    session.place,
                    f"{timezone.localdate(session.closed_at):%d/%m/%Y}",
                    "",
                ),
            )
        for kept in brought(member, KeptElsewhere.Kind.MINUTES, without=seals):
            yield as_brought(kept, self.columns)

    def taken(self, member: Membership, papers: int) -> None:
        """The journal has who takes them away."""
        record_access(
            member=member,
            keeper=member.organisation,
            what=AccessRecord.What.MINUTES,
            subject="archive de l’organisation : procès-verbaux",
            files=papers,
            downloaded=True,
            why="Emporter tout ce que l’organisation a ici.",
        )
