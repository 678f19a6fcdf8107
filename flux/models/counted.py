"""What the database counts of units, routings and accounts: each count is declared once (reservations/counting.py).

The models are in `fold.py`. A declaration that changes wants a migration, which `./run manage make_triggers` writes.
"""

from __future__ import annotations

from reservations.counting import DECLARED, Count, Follow, Read, Term, when

_SAME = " AND ".join(f"{{0}}.{name} = e.{name}" for name in ("ledger_id", "holder_id", "vacancy_id", "stage", "side"))
#: The day of the act that an entry counts, which the recount finds apart from the database's own (flux/sql/acts.sql):
#: what is taken back closes, as brackets do, the latest act of that day or before since which as much was done as
#: undone: a line corrected by hand bears the day of the act that it corrects, whatever was done after.
ACTED = (
    'CASE WHEN e.quantity > 0 THEN e."on" ELSE coalesce((SELECT o."on" FROM flux_flowentry o WHERE '
    f"{_SAME.format('o')} AND o.quantity > 0 AND o.id < e.id "
    'AND o."on" <= e."on" AND (SELECT coalesce(sum(b.quantity), 0) '
    f"FROM flux_flowentry b WHERE {_SAME.format('b')} AND b.id > o.id AND b.id < e.id) = 0 "
    'ORDER BY o.id DESC LIMIT 1), e."on") END'
)

#: What each cell counts, from the entries of one stage.
CELL_STAGES = {
    "offered": "OFFERED",
    "designated": "DESIGNATED",
    "returned": "RETURNED",
    "lapsed": "LAPSED",
    "refused": "REFUSED",
    "allocated": "ALLOCATED",
    "leased": "LEASED",
}

#: The cells of a balance: only what a unit wrote in the account it belongs to. A first letting that a convention also
#: counts in its share is not offered twice.
FLOW_CELL = Count(
    "flux_flowcell",
    (
        Term(
            "flux_flowentry e JOIN flux_vacancy v ON v.id = e.vacancy_id AND v.ledger_id = e.ledger_id "
            "JOIN flux_unitdescription d ON d.id = e.description_id",
            {"e": "INSERT UPDATE"},
            key={
                "ledger_id": "e.ledger_id",
                "holder_id": "e.holder_id",
                "year": "date_part('year', e.acted_on)::smallint",
                "commune_id": "d.commune_id",
                "rooms": "d.rooms",
                "financing_code": "d.financing_code",
                "in_qpv": "d.in_qpv",
                "construction_year": "d.construction_year",
            },
            sums={name: when(f"e.stage = '{stage}'", "e.quantity") for name, stage in CELL_STAGES.items()},
            where="e.stage IN ('OFFERED', 'DESIGNATED', 'RETURNED', 'LAPSED', 'REFUSED', 'ALLOCATED', 'LEASED')",
        ),
    ),
    apart={"e.acted_on": ACTED},
)

#: What each month of an account adds up, from entries that satisfy a condition.
MONTH_CONDITIONS = {
    "due": "e.stage IN ('DUE', 'CARRIED', 'FORFEITED', 'TRANSFERRED')",
    "carried": "e.stage = 'CARRIED'",
    "routed": "e.stage = 'ROUTED'",
    "awaiting": "e.stage = 'AWAITING'",
    "offered": "e.stage = 'OFFERED'",
    "designated": "e.stage = 'DESIGNATED'",
    "returned": "e.stage = 'RETURNED'",
    "lapsed": "e.stage = 'LAPSED'",
    "refused_applicant": "e.stage = 'REFUSED' AND e.side = 'APPLICANT'",
    "refused_holder": "e.stage = 'REFUSED' AND e.side = 'HOLDER'",
    "refused_landlord": "e.stage = 'REFUSED' AND e.side = 'LANDLORD'",
    "refused_committee": "e.stage = 'REFUSED' AND e.side = 'COMMITTEE'",
    "refused_unit": "e.stage = 'REFUSED' AND e.side = 'UNIT'",
    "allocated": "e.stage = 'ALLOCATED'",
    "leased": "e.stage = 'LEASED'",
    "shares": "e.stage = 'DUE'",
    "first_allocated": "e.stage = 'ALLOCATED' AND f.copied",
    "first_leased": "e.stage = 'LEASED' AND f.copied",
}

#: Is a due one that its unit had given this holder already, or taken back already? Does an entry copy a first letting?
AGAIN = "CASE e.stage WHEN 'DUE' THEN flux_credits_again(e.id, e.ledger_id, e.holder_id, e.vacancy_id, e.quantity) END"
COPIED = "CASE WHEN e.stage IN ('ALLOCATED', 'LEASED') THEN flux_is_copied(e.ledger_id, e.vacancy_id) END"

#: The months of an account: every entry. A transfer of due bears on no unit, so on no commune.
ACCOUNT_MONTH = Count(
    "flux_accountmonth",
    (
        Term(
            "flux_flowentry e LEFT JOIN flux_unitdescription d ON d.id = e.description_id "
            f"CROSS JOIN LATERAL (SELECT {AGAIN} AS again, {COPIED} AS copied OFFSET 0) f",
            {"e": "INSERT UPDATE"},
            key={
                "ledger_id": "e.ledger_id",
                "holder_id": "e.holder_id",
                "commune_id": "d.commune_id",
                "month": "date_trunc('month', e.\"on\")::date",
            },
            sums={
                **{name: when(condition, "e.quantity") for name, condition in MONTH_CONDITIONS.items()},
                "vacated": when("e.stage = 'DUE' AND NOT f.again", "sign(e.quantity)::integer"),
                "again": when("e.stage = 'DUE' AND f.again", "sign(e.quantity)::integer"),
                "received": "e.reached",
            },
        ),
    ),
    apart={
        # The how manieth of its unit to credit this holder, or to take it back.
        "flux_flowentry e": "(SELECT a.*, row_number() OVER (PARTITION BY a.ledger_id, a.holder_id, a.vacancy_id, "
        "a.stage, a.quantity > 0 ORDER BY a.id) AS place, b.kind = 'ORDINARY' AND "
        "coalesce(l.kind = 'FIRST_LETTING', false) AS copied FROM flux_flowentry a "
        "JOIN flux_ledger b ON b.id = a.ledger_id LEFT JOIN flux_vacancy v ON v.id = a.vacancy_id "
        "LEFT JOIN flux_ledger l ON l.id = v.ledger_id) e",
        AGAIN: "e.place > 1",
        COPIED: "e.copied",
    },
)

#: What a vacancy counts under: the commune it was in when it was registered.
_FALLEN = {
    "landlord_id": "v.landlord_id",
    "commune_id": "d.commune_id",
    "month": "date_trunc('month', v.registered_on)::date",
    "kind": "v.kind",
    "exclusion": "v.exclusion",
}
_DESCRIBED = "flux_vacancy v JOIN flux_unitdescription d ON d.id = v.description_id"

#: What fell vacant, by class; decided: those that a first recommendation has reached.
FLOW_COUNT = Count(
    "flux_flowcount",
    (
        Term(_DESCRIBED, {"v": "INSERT UPDATE DELETE"}, _FALLEN, {"units": "1"}, "v.cancelled_at IS NULL"),
        Term(
            f"{_DESCRIBED} JOIN flux_recommendation r ON r.vacancy_id = v.id AND r.attempt = 1",
            {"r": "INSERT", "v": "UPDATE"},
            _FALLEN,
            {"decided": "1"},
            "v.cancelled_at IS NULL",
        ),
    ),
)

#: The cells of a balance, added up over all that the units of a commune are. Those whose district is unknown are
#: neither in nor out.
PLACE_CELL = Count(
    "flux_placecell",
    (
        Term(
            "flux_flowcell c",
            {"c": "INSERT UPDATE DELETE"},
            key={name: f"c.{name}" for name in ("ledger_id", "holder_id", "year", "commune_id")},
            sums={
                **{name: f"c.{name}" for name in ("offered", "returned", "lapsed", "allocated", "leased")},
                "described": when(
                    "c.financing_code <> '' AND c.in_qpv IS NOT NULL AND c.construction_year IS NOT NULL", "c.offered"
                ),
                "outside_qpv": when("NOT c.in_qpv", "c.offered"),
            },
        ),
    ),
)

#: Units that fell vacant in a year, by the commune where they are today and by their account.
PLACE_COUNT = Count(
    "flux_placecount",
    (
        Term(
            "flux_vacancy v",
            {"v": "INSERT UPDATE DELETE"},
            key={
                "landlord_id": "v.landlord_id",
                "commune_id": "v.commune_id",
                "year": "date_part('year', v.registered_on)::smallint",
                "ledger_id": "v.ledger_id",
            },
            sums={"units": "1"},
            where="v.cancelled_at IS NULL",
        ),
    ),
)

_HELD = "flux_routing r JOIN flux_vacancy v ON v.id = r.vacancy_id"
_HOLDING = {
    "holder_id": "r.holder_id",
    "month": "date_trunc('month', r.routed_at AT TIME ZONE 'Europe/Paris')::date",
    "landlord_id": "v.landlord_id",
    "ledger_id": "v.ledger_id",
    "acting_id": "r.acting_id",
    "kind": "v.kind",
}

#: What each holder has now; then what its yearly accounts count of it, once an exercise: by the first entry that does.
ROUTING_COUNT = Count(
    "flux_routingcount",
    (
        Term(
            _HELD,
            {"r": "INSERT UPDATE", "v": "UPDATE"},
            {**_HOLDING, "exercise": "NULL::smallint"},
            {"units": "1"},
            "r.closed_at IS NULL",
        ),
        Term(
            f"{_HELD} JOIN flux_flowentry e ON e.vacancy_id = v.id AND e.holder_id = r.holder_id "
            "AND e.stage = 'ROUTED' JOIN flux_ledger b ON b.id = e.ledger_id AND b.kind = 'ORDINARY'",
            {"r": "INSERT UPDATE", "v": "UPDATE", "e": "INSERT"},
            {**_HOLDING, "exercise": "b.exercise"},
            {"units": "1"},
            "r.closed_at IS NULL AND NOT EXISTS (SELECT 1 FROM flux_flowentry o "
            "JOIN flux_ledger y ON y.id = o.ledger_id AND y.kind = 'ORDINARY' AND y.exercise = b.exercise "
            "WHERE o.vacancy_id = e.vacancy_id AND o.holder_id = e.holder_id AND o.stage = 'ROUTED' AND o.id < e.id)",
        ),
    ),
)

#: What was decided of the recommendations of an account. No routing is deleted, and none changes of these.
CHOICE_COUNT = Count(
    "flux_choicecount",
    (
        Term(
            "flux_routing r JOIN flux_recommendation n ON n.id = r.recommendation_id",
            {"r": "INSERT"},
            key={
                "ledger_id": "n.ledger_id",
                "holder_id": "r.holder_id",
                "motive": "r.motive",
                "routed_by_id": "r.routed_by_id",
            },
            sums={"routings": "1"},
        ),
    ),
    first="r.id",
)

#: The units that await a decision.
AWAITED = Follow(
    "flux_awaiteddecision",
    "flux_name_awaited",
    (
        Read("flux_vacancy", "INSERT", "x.id", where="x.kind = 'IN_FLOW' AND x.cancelled_at IS NULL"),
        Read("flux_vacancy", "UPDATE", "x.id", columns="kind cancelled_at"),
        Read("flux_recommendation", "INSERT"),
        Read("flux_routing", "INSERT", where="x.recommendation_id IS NOT NULL"),
    ),
)

#: What is made of another comes after it.
COUNTED = (FLOW_CELL, ACCOUNT_MONTH, FLOW_COUNT, PLACE_CELL, PLACE_COUNT, ROUTING_COUNT, CHOICE_COUNT)
DECLARED["flux"] = (*COUNTED, AWAITED)
