"""The balances that were sent, as the archive of an organisation has them: the very bytes that each seal is of."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.utils import timezone

from attributions.bilan.models import BalanceDownload, BalanceVersion
from attributions.bilan.operations.reading import record_kept_taken, record_version_download
from reservations.exports.papers import Paper, Papers, as_brought, brought
from reservations.models import KeptElsewhere, Membership
from reservations.pages.papers import KEPT_IN


class SentBalances(Papers):
    """Bilans envoyés."""

    folder = "bilans"
    title = "Bilans envoyés"
    columns = (
        *("SIREN du bailleur", "département", "exercice", "version", "envoyée le", "scellée le", "signée par"),
        *("envoyée à", KEPT_IN),
    )

    def of(self, member: Membership) -> Iterator[Paper]:
        """Every version of the landlord, or that was sent to the organisation; its download is written down. Then what
        it brought from another tool."""
        organisation = member.organisation_id
        dispatched = Q(pk__in=BalanceVersion.objects.filter(dispatches__organisation=organisation).values("pk"))
        found = BalanceVersion.objects.filter(Q(balance__landlord__organisation=organisation) | dispatched)
        rows = found.select_related("balance__landlord__organisation", "balance__departement")
        beside = ("signatures__organisation", "dispatches__organisation")
        seals = set[str]()
        for version in rows.prefetch_related(*beside).order_by("pk").iterator(chunk_size=1):
            seals.add(version.seal)
            record_version_download(version=version, form=BalanceDownload.Form.JSON, member=member)
            balance = version.balance
            siren, code = balance.landlord.organisation.siren, balance.departement.code
            signed = (
                f"{each.organisation.siren} le {timezone.localdate(each.signed_at):%d/%m/%Y}"
                for each in version.signatures.all()
            )
            yield Paper(
                f"bilan-{siren}-{balance.exercise}-{code}-v{version.number}.json",
                version.content.encode("utf-8"),
                version.seal,
                (
                    siren,
                    code,
                    str(balance.exercise),
                    str(version.number),
                    f"{timezone.localdate(version.sent_at):%d/%m/%Y}",
                    f"{timezone.localdate(version.sealed_at):%d/%m/%Y}" if version.sealed_at else "",
                    ", ".join(signed),
                    ", ".join(sorted({each.organisation.siren for each in version.dispatches.all()})),
                    "",
                ),
            )
        for kept in brought(member, KeptElsewhere.Kind.BALANCE, without=seals):
            record_kept_taken(kept=kept, member=member)
            yield as_brought(kept, self.columns)
