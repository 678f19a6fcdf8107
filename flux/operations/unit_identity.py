"""How a unit is known elsewhere: its landlord's reference, its identifier in the RPLS, the software it comes from."""

from __future__ import annotations

from flux.models import Unit
from flux.models.unit import LONGEST_REFERENCE, RPLS_ID
from reservations.models import HistoryEntry, User
from reservations.models.acting import atomic
from reservations.models.locking import in_order
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak


class IdentityRefused(Refusal):
    """A reference or an identifier that cannot be; `field` is its column."""


@atomic
def identify_unit(
    *, unit: Unit, reference: str, rpls_id: str = "", software: str = "", why: str = "", by: User | None
) -> Unit:
    """Give a unit the reference that its landlord knows it by; what it was before stays in its story.

    Nothing is written when nothing changes. Raises IdentityRefused: no reference, one too long, an identifier that the
    directory never gives; and Refusal: another unit of the landlord has it already, or has this RPLS identifier.
    """
    said = {name: " ".join(text.split()) for name, text in (("reference", reference), ("software", software))}
    said["rpls_id"] = "".join(rpls_id.split()).upper()
    if not said["reference"]:
        raise IdentityRefused("Écrivez la référence du logement dans votre logiciel.", field="reference")
    for name, longest in (("reference", LONGEST_REFERENCE), ("rpls_id", 14), ("software", 40)):
        if len(said[name]) > longest:
            raise IdentityRefused(f"{longest} caractères au plus : raccourcissez-la.", field=name)
    if not RPLS_ID.fullmatch(said["rpls_id"]):
        raise IdentityRefused(
            "Recopiez-le du fichier du répertoire (IDENT_REP) : des chiffres et des lettres, rien d’autre.",
            field="rpls_id",
        )
    held = in_order(Unit.objects.all()).get(pk=unit.pk)
    changed = {name: [getattr(held, name), text] for name, text in said.items() if getattr(held, name) != text}
    if changed:
        for name, text in said.items():
            setattr(held, name, text)
        held.is_own_reference = held.is_own_reference or "reference" in changed
        with constraints_speak(Unit):
            held.save(update_fields=[*said, "is_own_reference"])
        record(held, HistoryEntry.Act.EDITED, by=by, why=why, details=changed)
    return held
