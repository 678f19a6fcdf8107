"""What a household of one's own looks for, and where its papers are: noted by whoever registered its request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attributions.households.models import Application
from attributions.households.models.household import NEED_BOUNDS, NEEDS
from attributions.households.operations.application import Identity, living, register_application
from reservations.bounds import first_fault
from reservations.models import HistoryEntry, Organisation, Territory, User
from reservations.models.wall import atomic_act
from reservations.operations.history import record
from reservations.queries.territories import named
from reservations.refusals import Refusal

#: What separates communes where they are typed in one line: « Paris (commune, 75056) » is one.
BETWEEN = re.compile(r"[;/\n]|,(?![^()]*\))")

#: Communes of one household, at most.
MOST_COMMUNES = 20


class NeedsRefused(Refusal):
    """What a household looks for cannot be noted so; the sentence says what to do."""


def communes_of(text: str) -> list[str]:
    """The codes of the communes that a line names, by name or by code, in the order of their codes. A query each.

    Raises NeedsRefused: one is unknown, or several bear its name.
    """
    codes = set()
    for name in filter(None, map(str.strip, BETWEEN.split(text))):
        found = named(name, kinds=Territory.COMMUNAL, whole=True)
        if not found:
            raise NeedsRefused(
                f"Aucune commune ne s’appelle « {name} » : vérifiez son nom, ou écrivez son code INSEE.",
                field="wanted_communes",
            )
        if len(found) > 1:
            several = ", ".join(f"{each.name} ({each.code})" for each in found)
            raise NeedsRefused(
                f"Plusieurs communes s’appellent « {name} » : écrivez le code INSEE de la bonne, parmi {several}.",
                field="wanted_communes",
            )
        codes.add(found[0].code)
    if len(codes) > MOST_COMMUNES:
        raise NeedsRefused(f"Choisissez {MOST_COMMUNES} communes au plus.", field="wanted_communes")
    return sorted(codes)


@atomic_act
def note_needs(
    *,
    application: Application,
    needs: Mapping[str, Any],
    organisation: Organisation,
    by: User,
    now: datetime | None = None,
) -> Application:
    """Write what a household looks for, for an organisation that registered its request; what is not given stays. The
    history keeps which of them changed, never what they say: an accessible home tells of somebody's health.

    Raises NeedsRefused: closed, not registered by the organisation, or out of bounds.
    """
    unknown = set(needs) - set(NEEDS)
    assert not unknown, f"no such need of a household: {sorted(unknown)}"
    held = living(application.pk)
    if held.closed_on is not None:
        raise NeedsRefused("Cette demande est radiée : ce que le ménage cherche ne se note plus.")
    if not held.organisations.filter(pk=organisation.pk).exists():
        raise NeedsRefused("Enregistrez d’abord cette demande, avec son numéro unique.")
    if fault := first_fault(NEED_BOUNDS, dict(needs)):
        raise NeedsRefused(fault[1], field=fault[0])
    differing = sorted(name for name, value in needs.items() if value != getattr(held, name))
    if differing:
        for name in differing:
            setattr(held, name, needs[name])
        held.save(update_fields=differing)
        record(held, HistoryEntry.Act.EDITED, by=by, details={"needs": differing})
    return held


@atomic_act
def register_household(
    *,
    number: str,
    identity: Identity,
    facts: Mapping[str, object],
    needs: Mapping[str, Any],
    organisation: Organisation,
    by: User,
    now: datetime | None = None,
) -> Application:
    """Register the request of a household, or complete it, with what it looks for: both, or neither.

    Raises what `register_application` and `note_needs` do.
    """
    registered = register_application(
        number=number,
        name=identity.name,
        birth_date=identity.birth_date,
        nationality=identity.nationality,
        requested_on=identity.requested_on,
        facts=facts,
        organisation=organisation,
        by=by,
        now=now,
    )
    return note_needs(application=registered, needs=needs, organisation=organisation, by=by, now=now)
