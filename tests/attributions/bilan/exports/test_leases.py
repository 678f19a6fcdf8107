"""The leases of an objective as a file: what nobody knows is stated so."""

from __future__ import annotations

from attributions.bilan.exports.lists import LEASES
from attributions.bilan.models import Objective
from attributions.bilan.queries.objective_leases import leases_behind
from tests.attributions.households.lettings import TODAY, sign
from tests.attributions.households.rows import send
from tests.reservations.exports.listed import listed
from tests.world import World


def test_a_renewal_that_nobody_gave_is_not_written_no(world: World) -> None:
    """A lease recorded from another tool: « non » would be a fact, and counts against the objective."""
    rows = []
    for known in (None, False, True):
        lease = sign(world, send(world, "city").vacancy, in_qpv=False, urban_renewal=known)
        found = leases_behind(Objective.Code.FIRST_QUARTILE_OUTSIDE_QPV, TODAY.year, member=world.member("alice"))
        read = found.select_related("vacancy__unit", "vacancy__description__commune", "holder__organisation")
        rows.append(listed(LEASES, read.get(pk=lease.pk))["Renouvellement urbain"])
    assert rows == ["non renseigné", "non", "oui"]
