"""The acts on needs.

* What a household of one's own looks for, and where its papers are: noted by whoever registered its request.
* Keeping the journal of named files.
* Writing again what the database keeps of candidates and leases, where it is not what they say: for a command of the
  operator. The functions of the database that keep each row write it (docs/triggers.md).
* Instructing a candidate: the landlord verifies the facts before the committee examines them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from itertools import batched
from typing import Any

from django.db import connection
from django.utils import timezone

from attributions.households.models import (
    AccessRecord,
    Application,
    HouseholdCandidacy,
    Proposal,
    SpanCount,
    UnitSpan,
)
from attributions.households.models.counted import LEASE_COUNT
from attributions.households.models.priority import INSTRUCTION_BOUNDS, NEED_BOUNDS, NEEDS
from attributions.households.operations.application import Identity, current, learn, living, register_application
from attributions.households.operations.candidate_state import ProposalRefused, Status, lock_candidates, move
from attributions.households.operations.request_facts import changed, checked_facts, put
from attributions.households.queries.applications import readers_adrift
from attributions.households.queries.candidates import candidacies_adrift
from attributions.households.queries.counts import CHUNK, counts_adrift, spans_adrift
from attributions.households.queries.stage import adrift
from flux.models import Vacancy
from flux.operations.reference_figures import hold, write_rows
from reservations.bounds import first_fault
from reservations.models import HistoryEntry, Membership, Organisation, Territory, User
from reservations.models.wall import atomic, atomic_act
from reservations.operations.history import record
from reservations.queries.derogations import named
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
    history keeps which of them changed, never what they say: an accessible home reports somebody's health.

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


class AccessRefused(Refusal):
    """A named file is not taken away without saying why."""


def record_access(
    *,
    member: Membership,
    keeper: Organisation,
    what: str,
    subject: str,
    files: int = 1,
    downloaded: bool = False,
    why: str = "",
    now: datetime | None = None,
) -> AccessRecord:
    """Write who reads or takes away what, when and why, before it is shown. `subject` names no household.

    Raises AccessRefused: taken away without a purpose.
    """
    if downloaded and not why.strip():
        raise AccessRefused("Dites pourquoi vous emportez ce fichier : le journal le garde.", field="why")
    return AccessRecord.objects.create(
        user_id=member.user_id,
        organisation_id=member.organisation_id,
        keeper=keeper,
        what=what,
        subject=subject,
        files=files,
        downloaded=downloaded,
        why=why.strip(),
        at=now or timezone.now(),
    )


@atomic_act
def keep_candidacies() -> None:
    """Keep the household of each candidacy that lacks it, where nothing stands against it any more: those that were
    there before the database kept them (docs/triggers.md)."""
    lacking = Proposal.objects.filter(pk__in=candidacies_adrift()).select_related("application__merged_into")
    HouseholdCandidacy.objects.bulk_create(
        [
            HouseholdCandidacy(
                proposal=each,
                household=current(each.application),
                vacancy_id=each.vacancy_id,
                routing_id=each.routing_id,
                is_housed=each.status == Proposal.Status.HOUSED,
            )
            for each in lacking.order_by("pk")
        ],
        ignore_conflicts=True,
    )


@atomic
def write_counts() -> dict[str, int]:
    """Write what differs: by table, how many rows did. Who writes meanwhile waits."""
    hold(
        [
            *("attributions_unitstage", "attributions_requestreader", "attributions_leasecount"),
            *("attributions_spancount", "attributions_unitspan"),
        ]
    )
    stages, readers, leases, spans = adrift(), readers_adrift(), counts_adrift(), spans_adrift()
    with connection.cursor() as cursor:
        for vacancy, _, _ in stages:
            cursor.execute("SELECT attributions_put_at_stage(%s)", [vacancy])
        for request in sorted({request for request, _, _ in readers}):
            cursor.execute("SELECT attributions_name_readers(%s)", [request])
    if leases:
        write_rows(LEASE_COUNT.table, LEASE_COUNT.key, LEASE_COUNT.sums, *LEASE_COUNT.beside())
    if spans:
        UnitSpan.objects.all().delete()
        SpanCount.objects.all().delete()
        units = Vacancy.declared.order_by("pk").values_list("pk", flat=True)
        with connection.cursor() as cursor:
            for pks in batched(units.iterator(), CHUNK):
                cursor.execute("SELECT attributions_fold_spans(%s::bigint[])", [list(pks)])
    found = {
        "attributions_unitstage": len(stages),
        "attributions_requestreader": len(readers),
        "attributions_leasecount": len(leases),
        "attributions_spancount": len(spans),
    }
    return {table: rows for table, rows in found.items() if rows}


@atomic_act
def instruct_proposal(
    *,
    proposal: Proposal,
    facts: Mapping[str, object] | None = None,
    effort_rate: Decimal | None = None,
    living_rest: Decimal | None = None,
    by: User,
    now: datetime | None = None,
) -> Proposal:
    """Say that a file is verified, with the facts as verified: it may go before the committee.

    What is corrected stays in its history. An income over the ceiling is for the committee to reject: the screen only
    warns. `effort_rate` in percent, `living_rest` in euros per person and day. Verified again, it starts anew.

    Raises HoldRefused: routed elsewhere since; ProposalRefused: not sent yet, or already on an agenda; FactsRefused.
    """
    now = now or timezone.now()
    state = lock_candidates(proposal.vacancy_id, routing=proposal.routing_id)
    held = state.one(proposal.pk)
    if held.status not in (Status.SENT, Status.READY):
        raise ProposalRefused(
            f"Cette candidature en est à « {held.get_status_display()} » : elle ne s’instruit pas maintenant. "
            "Rechargez la page."
        )
    verified = checked_facts(facts or {}, on=timezone.localdate(now), known=held)
    if learn(held.application, verified).closed_on is not None:
        raise ProposalRefused("La demande de ce candidat est radiée : retirez la candidature.")
    figures = _figures({"effort_rate": effort_rate, "living_rest": living_rest})
    details = changed(held, verified)
    put(held, verified)
    put(held, figures)
    held.ready_at, held.ready_by = now, by
    held.save(update_fields=[*verified, *figures, "ready_at", "ready_by"])
    if held.status == Status.SENT:
        move([held], Status.READY, now=now)
    record(held, HistoryEntry.Act.EDITED, by=by, details=details)
    return held


def _figures(values: dict[str, Decimal | None]) -> dict[str, Decimal | None]:
    """As their columns keep them: one decimal, two decimals. Raises ProposalRefused out of bounds once rounded."""
    if fault := first_fault(INSTRUCTION_BOUNDS, values):
        raise ProposalRefused(fault[1], field=fault[0])
    return {bound.field: bound.kept(values[bound.field]) for bound in INSTRUCTION_BOUNDS}
