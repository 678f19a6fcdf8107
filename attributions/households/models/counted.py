"""What the database counts and follows of candidates and leases: each declared once (reservations/counting.py).

The models are in `lease_count.py` and `application.py`. A declaration that changes wants a migration, which
`./run manage make_triggers` writes.
"""

from __future__ import annotations

from reservations.counting import DECLARED, Count, Follow, Read, Term, when

_LEASED = (
    "attributions_lease l JOIN flux_vacancy v ON v.id = l.vacancy_id "
    "JOIN flux_unitdescription d ON d.id = v.description_id LEFT JOIN flux_routing r ON r.id = l.routing_id"
)
_IN_FORCE = "l.cancelled_at IS NULL AND v.cancelled_at IS NULL"

#: A unit is under a lease by landlord, year, place (as it was described, and as it is), holder, and by who reads it.
_LEASE = {
    "landlord_id": "v.landlord_id",
    "year": "date_part('year', l.signed_on)::smallint",
    "commune_id": "d.commune_id",
    "place_id": "v.commune_id",
    "fell": "date_part('year', v.registered_on)::smallint",
    "holder_id": "l.holder_id",
    "acting_id": "r.acting_id",
}

#: What objectives ask of a lease (CCH, L441-1).
LEASE_CONDITIONS = {
    "leases": "true",
    "outside_qpv": "NOT l.in_qpv",
    "in_qpv": "l.in_qpv",
    "first_quartile": "NOT l.in_qpv AND (l.income_quartile = 1 OR l.urban_renewal)",
    "first_unknown": "NOT l.in_qpv AND coalesce(l.income_quartile, 2) > 1 AND l.urban_renewal IS NOT TRUE "
    "AND (l.income_quartile IS NULL OR l.urban_renewal IS NULL)",
    "others": "l.in_qpv AND l.income_quartile > 1",
    "others_unknown": "l.in_qpv AND l.income_quartile IS NULL",
    "priority": "l.has_priority",
    "priority_unknown": "l.has_priority IS NULL",
    "essential": "l.essential_worker",
    "essential_unknown": "l.essential_worker IS NULL",
    "mobility": "v.exclusion = 'INTERNAL_TRANSFER'",
    "in_flow": "v.kind = 'IN_FLOW'",
    "in_mix": "l.in_mix_residence",
    "mix_others": "l.in_mix_residence AND l.income_quartile > 1",
    "mix_unknown": "l.in_mix_residence AND l.income_quartile IS NULL",
    "mix_unplaced": "l.in_mix_residence IS NULL",
}

#: Each lease in force, its unit routed to nobody; then, where it is routed, no more to nobody, and to that holder.
LEASE_COUNT = Count(
    "attributions_leasecount",
    (
        Term(
            _LEASED,
            {"l": "INSERT UPDATE DELETE", "v": "UPDATE"},
            {**_LEASE, "open_holder_id": "NULL::bigint", "open_acting_id": "NULL::bigint"},
            {name: when(condition) for name, condition in LEASE_CONDITIONS.items()},
            _IN_FORCE,
        ),
        Term(
            f"{_LEASED} JOIN flux_routing o ON o.vacancy_id = v.id AND o.closed_at IS NULL "
            "CROSS JOIN (VALUES (-1), (1)) s (side)",
            {"l": "INSERT UPDATE DELETE", "v": "UPDATE", "o": "INSERT UPDATE"},
            {
                **_LEASE,
                "open_holder_id": "CASE s.side WHEN 1 THEN o.holder_id END",
                "open_acting_id": "CASE s.side WHEN 1 THEN o.acting_id END",
            },
            {name: when(condition, "s.side") for name, condition in LEASE_CONDITIONS.items()},
            _IN_FORCE,
        ),
    ),
)

_OF_DECISION = "JOIN attributions_proposal p ON p.id = {}.proposal_id"
_OF_ITEMS = "JOIN attributions_agendaitem i ON i.{}"

#: Who reads a request by name.
READERS = Follow(
    "attributions_requestreader",
    "attributions_name_readers",
    (
        Read("attributions_application_organisations", "INSERT UPDATE DELETE", "x.application_id"),
        Read("attributions_proposal", "INSERT", "x.application_id", where="x.designation_id IS NOT NULL"),
        Read("attributions_proposal", "UPDATE", "x.application_id", columns="vacancy_id designation_id"),
        Read("attributions_application", "UPDATE", "x.id", columns="pseudonymised_on"),
        # The candidatures that were sent for a unit pass to another landlord with it.
        Read(
            "flux_vacancy",
            "UPDATE",
            "p.application_id",
            columns="landlord_id",
            join="JOIN attributions_proposal p ON p.vacancy_id = x.id AND p.designation_id IS NOT NULL",
        ),
    ),
)

#: The stage of a unit whose candidates are followed.
STAGES = Follow(
    "attributions_unitstage",
    "attributions_put_at_stage",
    (
        Read("flux_vacancy", "INSERT", "x.id", where="x.kind = 'EXCLUDED'"),
        Read("flux_vacancy", "UPDATE", "x.id", columns="kind cancelled_at unit_id landlord_id commune_id"),
        Read("flux_routing", "INSERT UPDATE", columns="closed_at answered_on"),
        Read("flux_flowentry", "INSERT", where="x.stage IN ('LEASED', 'ALLOCATED')"),
        Read("attributions_proposal", "INSERT", where="x.designation_id IS NOT NULL"),
        Read("attributions_proposal", "UPDATE", columns="status designation_id"),
        Read("attributions_lease", "INSERT UPDATE", columns="cancelled_at"),
        # What the committee decided of a candidate, and the document that it waited for.
        Read(
            "attributions_casedecision",
            "INSERT",
            "p.vacancy_id",
            join=_OF_DECISION.format("x"),
            where="x.kind = 'CONDITIONAL'",
        ),
        Read(
            "attributions_casedecision",
            "UPDATE",
            "p.vacancy_id",
            columns="superseded_at",
            join=_OF_DECISION.format("x"),
        ),
        Read(
            "attributions_conditionmet",
            "INSERT",
            "p.vacancy_id",
            join=f"JOIN attributions_casedecision d ON d.id = x.decision_id {_OF_DECISION.format('d')}",
        ),
        # Who looks for candidates is in the convention of a routing.
        Read(
            "reservations_convention",
            "UPDATE",
            "r.vacancy_id",
            columns="management",
            join="JOIN flux_routing r ON r.convention_id = x.id AND r.closed_at IS NULL",
        ),
    ),
)

#: How long units take from one step to another: the units of a statement at once, and their counts with them.
SPANS = Follow(
    "attributions_spancount",
    "attributions_fold_spans",
    (
        Read(
            "flux_vacancy",
            "INSERT UPDATE",
            "x.id",
            columns="cancelled_at commune_id description_id landlord_id notice_on registered_on",
        ),
        Read("flux_routing", "INSERT UPDATE", columns="closed_at"),
        Read("attributions_designation", "INSERT"),
        Read("attributions_proposal", "INSERT UPDATE", columns="designation_id ready_at status"),
        Read("attributions_agendaitem", "INSERT UPDATE", columns="postponed_at"),
        Read(
            "attributions_committeesession",
            "UPDATE",
            "i.vacancy_id",
            columns="held_at opened_at",
            join=_OF_ITEMS.format("session_id = x.id"),
        ),
        Read("attributions_casedecision", "INSERT", "i.vacancy_id", join=_OF_ITEMS.format("id = x.item_id")),
        Read(
            "attributions_offer",
            "INSERT UPDATE",
            "p.vacancy_id",
            columns="answer answered_on",
            join=_OF_DECISION.format("x"),
        ),
        Read("attributions_lease", "INSERT UPDATE", columns="cancelled_at"),
    ),
    at_once=True,
)

DECLARED["attributions"] = (LEASE_COUNT, READERS, STAGES, SPANS)
