"""Papers that leave as they are: files that were sealed or signed, byte for byte, with a list that says what each is.

They are proofs of what was done here: another installation keeps them, and does not do it again (docs/imports.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from reservations.models import KeptElsewhere, Membership, Signatory, SignedDocument
from reservations.pages.nicknames import KEPT_IN
from reservations.pages.terms import renewed_in_short


@dataclass(frozen=True, slots=True)
class Paper:
    """A file and its name in its folder; `seal`: the SHA-256 of its bytes, as it was written when they were sealed;
    `said`: the other cells of its line in the list."""

    name: str
    content: bytes
    seal: str
    said: tuple[str, ...]


class Papers:
    """A folder of papers: its name in the archive, what people call it, and the columns of its list besides the file
    and its seal."""

    folder: str
    title: str
    columns: tuple[str, ...]

    def of(self, member: Membership) -> Iterator[Paper]:
        """Those of the organisation of this member, one at a time."""
        raise NotImplementedError

    def taken(self, member: Membership, papers: int) -> None:
        """So many went out in an archive: whoever has a journal writes it there."""


def brought(member: Membership, kind: KeptElsewhere.Kind, *, without: set[str]) -> Iterator[KeptElsewhere]:
    """What the organisation brought here from another tool, one at a time, but the papers of these seals."""
    found = KeptElsewhere.objects.filter(kind=kind, keeper=member.organisation_id).exclude(sha256__in=without)
    return found.select_related("landlord", "departement").order_by("pk").iterator(chunk_size=1)


def as_brought(kept: KeptElsewhere, columns: tuple[str, ...]) -> Paper:
    """It leaves again as it came."""
    values = {**kept.said, KEPT_IN: kept.kept_in}
    return Paper(kept.name, bytes(kept.content), kept.sha256, tuple(values.get(column, "") for column in columns))


class Attachments(Papers):
    """Pièces jointes aux conventions."""

    folder = "conventions"
    title = "Pièces jointes aux conventions"
    columns = ("SIREN du bailleur", "SIREN du réservataire", "début", "fin", "reconduction", "nom", "jointe le")

    def of(self, member: Membership) -> Iterator[Paper]:
        """Of the conventions of which the organisation is a party."""
        signed = Signatory.objects.filter(organisation=member.organisation_id)
        party = Q(convention__landlord__organisation=member.organisation_id)
        party |= Q(convention__organisation=member.organisation_id)
        party |= Q(convention__in=signed.order_by().values("convention"))
        found = SignedDocument.objects.filter(party).select_related(
            "convention__landlord__organisation", "convention__organisation"
        )
        for each in found.order_by("pk").iterator(chunk_size=1):
            convention = each.convention
            yield Paper(
                f"{each.pk}-{each.name}",
                bytes(each.content),
                each.sha256,
                (
                    convention.landlord.organisation.siren,
                    convention.organisation.siren,
                    f"{convention.starts_on:%d/%m/%Y}",
                    f"{convention.agreed_term:%d/%m/%Y}",
                    renewed_in_short(convention),
                    each.name,
                    f"{timezone.localdate(each.attached_at):%d/%m/%Y}",
                ),
            )


_PAPERS: dict[str, Papers] = {}


def register(papers: Papers) -> None:
    """Have these leave in every archive."""
    _PAPERS[papers.folder] = papers


def every_papers() -> Iterator[Papers]:
    """All of them, by folder."""
    yield from (papers for _, papers in sorted(_PAPERS.items()))
