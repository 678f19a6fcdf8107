"""Minutes that another tool sealed, given back with an archive: kept as « procès-verbaux tenus ailleurs »."""

from __future__ import annotations

from attributions.households.models import CommitteeSession
from reservations.imports.cells import day, text
from reservations.imports.papers import Bringing, PaperFolder, Returned, own_landlord
from reservations.models import KeptElsewhere
from reservations.operations.elsewhere import JSON, NotThatPaper, keep_elsewhere, object_in
from reservations.pages.papers import FILE, KEPT_IN
from reservations.refusals import Refusal


class MinutesBack(PaperFolder):
    """Procès-verbaux des commissions, as this product seals them and no other way: households are digests there, and a
    paper that named them would have no term here."""

    title = "Procès-verbaux"
    needs = ("SIREN du bailleur", "commission", "séance du", "close le")

    def keep(self, paper: Returned, bringing: Bringing) -> bool:
        """One that was sealed here is here already."""
        landlord = own_landlord(paper, bringing)
        if landlord.organisation_id != bringing.member.organisation_id:
            raise Refusal("un procès-verbal est à son bailleur seul : retirez-le, avec sa ligne.")
        committee, closed_on = paper.read("commission", text(200)), paper.read("close le", day)
        if CommitteeSession.objects.filter(committee__landlord=landlord, seal=paper.seal).exists():
            return False
        keeper, kind = bringing.member.organisation, KeptElsewhere.Kind.MINUTES
        if KeptElsewhere.objects.filter(keeper=keeper, kind=kind, sha256=paper.seal).exists():
            return False
        told = object_in(paper.content)
        if (told.get("committee"), str(told.get("closed_at"))[:10]) != (committee, closed_on.isoformat()):
            raise NotThatPaper(
                "sa ligne et le fichier ne disent pas la même séance : reprenez la liste de l’archive d’origine."
            )
        keep_elsewhere(
            kind=kind,
            keeper=keeper,
            landlord=landlord,
            held_on=paper.read("séance du", day),
            sealed_on=closed_on,
            said=paper.told,
            kept_in=paper.cells.get(KEPT_IN) or bringing.kept_in,
            name=paper.cells[FILE],
            content_type=JSON,
            content=paper.content,
            sha256=paper.seal,
            by=bringing.member.user,
            now=bringing.now,
        )
        return True
