"""What was owed before the account was kept here: told by the landlord, accepted by a holder, contested by another."""

from __future__ import annotations

from datetime import date

from attributions.demonstration.cast import Cast
from attributions.demonstration.years import at
from flux.models import OpeningAct
from flux.operations.opening import OpeningFigures, answer_opening, propose_opening
from reservations.models import Landlord, ReservationHolder, User

Contingent = ReservationHolder.Contingent


def open_account(cast: Cast, landlord: Landlord, manager: User, *, opened_on: date) -> None:
    """The landlord's figures of the half-year before `opened_on`, with their source; Action Logement finds its own
    there, the préfecture counts otherwise. What is contested waits for the landlord's answer, and counts for nothing.
    """
    departement = landlord.organisation.territory
    assert departement is not None
    since, before = date(opened_on.year - 1, 7, 1), opened_on.year - 1
    source = f"tableau de suivi du flux, arrêté le 12/12/{before}"
    proposed = {
        holder: propose_opening(
            landlord=landlord,
            departement=departement,
            holder=cast.holder(organisation, contingent),
            since=since,
            opened_on=opened_on,
            figures=figures,
            source=source,
            by=manager,
            now=at(date(before, 12, 15), 10),
        )
        for holder, organisation, contingent, figures in (
            ("als", cast.action_logement, Contingent.ACTION_LOGEMENT, OpeningFigures(13, 2_600_000, 2, 2, 2)),
            ("state", cast.state, Contingent.STATE_PRIORITY, OpeningFigures(13, 2_860_000, 3, 2, 2)),
        )
    }
    answer_opening(
        opening=proposed["als"],
        act=OpeningAct.Act.ACCEPTED,
        by=cast.person("reservation@action-logement.example"),
        now=at(date(before, 12, 18), 11),
    )
    answer_opening(
        opening=proposed["state"],
        act=OpeningAct.Act.CONTESTED,
        text="Nous comptons deux logements reçus sur ce semestre : celui de la rue Voltaire nous a été repris.",
        by=cast.person("logement@prefecture-aude.example"),
        now=at(date(before, 12, 19), 15),
    )
