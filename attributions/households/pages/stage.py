"""Where a unit stands between its routing and its lease, in words."""

from __future__ import annotations

from attributions.households.queries.stage import Stage

NAMES = {
    Stage.TO_FIND: "candidats à trouver par le bailleur",
    Stage.TO_PROPOSE: "candidats à proposer",
    Stage.NOBODY_LEFT: "plus aucun candidat",
    Stage.RECEIVED: "candidats reçus, suivis ailleurs",
    Stage.TO_INSTRUCT: "dossiers à instruire",
    Stage.TO_CONVENE: "prêt pour la CALEOL",
    Stage.ON_AGENDA: "à l’ordre du jour",
    Stage.TO_OFFER: "offre à envoyer",
    Stage.OFFERED: "offre en cours",
    Stage.DOCUMENT: "offre acceptée, pièce attendue",
    Stage.TO_SIGN: "bail à signer",
    Stage.LET: "bail signé",
    Stage.OUTSIDE: "attribué, suivi ailleurs",
}

#: The pill of each (visual language, « état »).
PILLS = {
    Stage.TO_FIND: "todo",
    Stage.TO_PROPOSE: "wait",
    Stage.NOBODY_LEFT: "late",
    Stage.RECEIVED: "wait",
    Stage.TO_INSTRUCT: "todo",
    Stage.TO_CONVENE: "todo",
    Stage.ON_AGENDA: "wait",
    Stage.TO_OFFER: "todo",
    Stage.OFFERED: "wait",
    Stage.DOCUMENT: "wait",
    Stage.TO_SIGN: "todo",
    Stage.LET: "ok",
    Stage.OUTSIDE: "ok",
}
