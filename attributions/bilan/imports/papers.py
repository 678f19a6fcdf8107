"""Balances that another tool sealed, given back with an archive: kept as « bilans tenus ailleurs »."""

from __future__ import annotations

from attributions.bilan.models import BalanceVersion
from reservations.imports.cells import day, siren, text, whole
from reservations.imports.papers import Bringing, PaperFolder, Returned, own_landlord
from reservations.models import KeptElsewhere, Territory
from reservations.operations.elsewhere import JSON, PDF, NotThatPaper, keep_elsewhere, object_in
from reservations.pages.papers import FILE, KEPT_IN
from reservations.refusals import Refusal

SENT_TO = "envoyée à"


class BalancesBack(PaperFolder):
    """Bilans envoyés: JSON, as this product seals them, or PDF."""

    title = "Bilans"
    needs = ("SIREN du bailleur", "département", "exercice", "envoyée le")

    def keep(self, paper: Returned, bringing: Bringing) -> bool:
        """One that was sent here is here already."""
        landlord = own_landlord(paper, bringing)
        exercise = paper.read("exercice", whole(1990, 2099))
        code = paper.read("département", text(3))
        departement = Territory.objects.filter(kind=Territory.Kind.DEPARTEMENT, code=code).first()
        if departement is None:
            raise Refusal(f"le département « {code} » n’existe pas : reprenez la liste de l’archive d’origine.")
        if BalanceVersion.objects.filter(balance__landlord=landlord, seal=paper.seal).exists():
            return False
        keeper, kind = bringing.member.organisation, KeptElsewhere.Kind.BALANCE
        if KeptElsewhere.objects.filter(keeper=keeper, kind=kind, sha256=paper.seal).exists():
            return False
        is_pdf = paper.content.startswith(b"%PDF-")
        if not is_pdf:
            _is_that(paper.content, landlord.organisation.siren, code, exercise)
        keep_elsewhere(
            kind=kind,
            keeper=keeper,
            landlord=landlord,
            departement=departement,
            exercise=exercise,
            held_on=paper.read("envoyée le", day),
            sealed_on=paper.read("scellée le", day) if paper.cells.get("scellée le") else None,
            readers=[siren(each) for each in paper.cells.get(SENT_TO, "").replace(",", " ").split()],
            said=paper.told,
            kept_in=paper.cells.get(KEPT_IN) or bringing.kept_in,
            name=paper.cells[FILE],
            content_type=PDF if is_pdf else JSON,
            content=paper.content,
            sha256=paper.seal,
            by=bringing.member.user,
            now=bringing.now,
        )
        return True


def _is_that(content: bytes, siren_told: str, code: str, exercise: int) -> None:
    """A list has no seal of its own: what it says of a file is what the file says. Raises NotThatPaper."""
    told = object_in(content)
    landlord, departement = told.get("landlord"), told.get("departement")
    of = landlord.get("siren") if isinstance(landlord, dict) else None
    place = departement.get("code") if isinstance(departement, dict) else None
    if (of, place, told.get("exercise")) != (siren_told, code, exercise):
        raise NotThatPaper(
            f"sa ligne le dit du bailleur {siren_told}, du département {code}, de {exercise}, et le fichier dit autre "
            "chose : reprenez la liste de l’archive d’origine."
        )
