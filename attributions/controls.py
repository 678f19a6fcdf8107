"""The controls of the night that read both wings (`flux.controls`): what no account alone can say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from attributions.bilan.queries.recounts import cells_recounted
from attributions.households.operations.needs import keep_candidacies
from attributions.households.queries.counts import (
    candidates_twice,
    housed_twice,
    leases_without_account,
    lists_adrift,
    stages_adrift,
)
from flux.controls import REWRITE, Control, Mend, at_vacancy, detail_of, looked_for
from flux.queries.controls.accounts import Check, Difference


def _twice(now: datetime) -> Iterable[Difference]:
    """Once those that may be are kept by the database."""
    keep_candidacies()
    return candidates_twice()


CONTROLS = (
    Control(
        Check.LISTS,
        "Les listes, les objectifs et les délais lisent des décomptes, que la base tient à chaque acte. Refait à "
        "partir des demandes, des candidatures et des baux, l’un d’eux ne donne pas les mêmes chiffres.",
        REWRITE,
        looked_for(lambda now: lists_adrift()),
    ),
    Control(
        Check.STAGE,
        "La base garde où en est chaque logement dont les candidats sont suivis. Relue d’après ses candidats, cette "
        "étape n’est pas la même : une liste le montre au mauvais endroit.",
        REWRITE,
        looked_for(lambda now: stages_adrift()),
    ),
    Control(
        Check.RECOUNT,
        "Chaque case d’un bilan compte des actes de l’année. Recomptés un par un, par leur jour, ils ne font pas ce "
        "que la case dit. Les années où un acte vient d’être écrit sont recomptées la nuit même ; l’année en cours et "
        "celle d’avant, chaque semaine.",
        "Le bailleur annule l’acte en cause puis l’enregistre de nouveau, ou corrige la ligne depuis la relecture du "
        "bilan ; `manage.py recount_balance` nomme toutes les cases.",
        looked_for(cells_recounted),
        Mend("Lire ce bilan", lambda alert: reverse("balance", args=[alert.landlord_id, detail_of(alert, "year")])),
    ),
    Control(
        Check.LEASE,
        "Un bail signé est dans le compte de son logement, pour le réservataire à qui il est orienté. Celui‑ci est en "
        "vigueur, les objectifs le comptent, et le compte ne le porte pas.",
        "Le bailleur annule ce bail s’il n’a pas eu lieu, sinon l’annule puis le signe de nouveau : le compte "
        "le prend.",
        looked_for(lambda now: leases_without_account()),
        Mend("Voir ce bail", at_vacancy("letting")),
    ),
    Control(
        Check.HOUSED,
        "Un bail clôt la demande de son ménage : une même demande n’en a pas deux en vigueur. Celle‑ci en a deux, et "
        "les objectifs comptent deux ménages.",
        "Le bailleur du bail qui n’a pas eu lieu l’annule ; l’autre reste.",
        looked_for(lambda now: housed_twice()),
        Mend("Voir le dernier bail", at_vacancy("letting")),
    ),
    Control(
        Check.TWICE,
        "Un ménage est candidat une fois à un logement, sous un de ses numéros. Celui‑ci l’est deux fois : la "
        "commission l’examinerait deux fois.",
        "Qui l’a proposé retire l’une des deux candidatures.",
        looked_for(_twice),
        Mend("Voir les candidats", at_vacancy("file")),
    ),
)
