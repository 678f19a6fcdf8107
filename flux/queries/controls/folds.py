"""Do the folds say what the entries say? Recomputed whole, row by row; nothing is written.

What is recomputed is written here apart from the triggers that keep the folds (flux/sql/folds.sql and its
neighbours, docs/triggers.md): the one is the control of the other.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from reservations.models.searched import ACCENTED, BETWEEN, PLAIN

#: What each cell counts, from the entries of one stage.
CELL_MEASURES = {
    "offered": "OFFERED",
    "designated": "DESIGNATED",
    "returned": "RETURNED",
    "lapsed": "LAPSED",
    "refused": "REFUSED",
    "allocated": "ALLOCATED",
    "leased": "LEASED",
}

#: What each month of an account adds up, from entries that satisfy a condition.
MONTH_MEASURES = {
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
    "vacated": "e.stage = 'DUE' AND e.place = 1",
    "again": "e.stage = 'DUE' AND e.place > 1",
    "first_allocated": "e.stage = 'ALLOCATED' AND e.copied",
    "first_leased": "e.stage = 'LEASED' AND e.copied",
}

#: Those that count entries, and not what they add up to.
COUNTED = ("vacated", "again")

#: What a cell is made by, beside its ledger and holder: raw columns of the description that an act counted
#: under, that categories are read from later.
UNIT_KEY = ("commune_id", "rooms", "financing_code", "in_qpv", "construction_year")
CELL_KEY = ("ledger_id", "holder_id", "year", *UNIT_KEY)
MONTH_KEY = ("ledger_id", "holder_id", "commune_id", "month")
COUNT_KEY = ("landlord_id", "commune_id", "month", "kind", "exclusion")
PLACE_KEY = ("landlord_id", "commune_id", "year", "ledger_id")
CHOICE_KEY = ("ledger_id", "holder_id", "motive", "routed_by_id")
PLACE_CELL_KEY = ("ledger_id", "holder_id", "year", "commune_id")
PLACE_CELL_MEASURES = ("offered", "returned", "lapsed", "allocated", "leased", "described", "outside_qpv")
ROUTING_KEY = ("holder_id", "month", "landlord_id", "ledger_id", "acting_id", "kind", "exercise")

_SAME = " AND ".join(f"{{0}}.{name} = e.{name}" for name in ("ledger_id", "holder_id", "vacancy_id", "stage", "side"))
#: The day of the act that an entry counts, found apart from the database's own (flux/sql/acts.sql): what is taken
#: back closes, as brackets do, the latest act of that day or before since which as much was done as undone: a line
#: corrected by hand bears the day of the act that it corrects, whatever was done after.
ACTED = (
    'CASE WHEN e.quantity > 0 THEN e."on" ELSE coalesce((SELECT o."on" FROM flux_flowentry o WHERE '
    f"{_SAME.format('o')} AND o.quantity > 0 AND o.id < e.id "
    'AND o."on" <= e."on" AND (SELECT coalesce(sum(b.quantity), 0) '
    f"FROM flux_flowentry b WHERE {_SAME.format('b')} AND b.id > o.id AND b.id < e.id) = 0 "
    'ORDER BY o.id DESC LIMIT 1), e."on") END'
)


def _sum(condition: str, name: str) -> str:
    value = "CASE WHEN e.quantity > 0 THEN 1 ELSE -1 END" if name in COUNTED else "e.quantity"
    return f"coalesce(sum({value}) FILTER (WHERE {condition}), 0) AS {name}"


def _cells() -> str:
    """SELECT of the cells that the entries make. Only what a unit wrote in the account it belongs to: a first letting
    that a convention also counts in its share is not offered twice."""
    stages = ", ".join(f"'{stage}'" for stage in CELL_MEASURES.values())
    sums = ", ".join(_sum(f"e.stage = '{stage}'", name) for name, stage in CELL_MEASURES.items())
    unit = ", ".join(f"d.{name}" for name in UNIT_KEY)
    year = f"date_part('year', {ACTED})::integer"
    return (
        f"SELECT e.ledger_id, e.holder_id, {year} AS year, {unit}, {sums} FROM flux_flowentry e "
        "JOIN flux_vacancy v ON v.id = e.vacancy_id AND v.ledger_id = e.ledger_id "
        f"JOIN flux_unitdescription d ON d.id = e.description_id WHERE e.stage IN ({stages}) "
        f"GROUP BY 1, 2, 3, {unit} ORDER BY 1, 2, 3, {unit}"
    )


def _months() -> str:
    """SELECT of the months that the entries make."""
    sums = ", ".join(_sum(condition, name) for name, condition in MONTH_MEASURES.items())
    sums += ", coalesce(sum(e.reached), 0) AS received"
    key = "e.ledger_id, e.holder_id, d.commune_id, date_trunc('month', e.\"on\")::date"
    # The how manieth of its unit to credit this holder, or to take it back; and whether it copies a first letting.
    entries = (
        "SELECT a.*, row_number() OVER (PARTITION BY a.ledger_id, a.holder_id, a.vacancy_id, a.stage, a.quantity > 0 "
        "ORDER BY a.id) AS place, b.kind = 'ORDINARY' AND coalesce(f.kind = 'FIRST_LETTING', false) AS copied "
        "FROM flux_flowentry a JOIN flux_ledger b ON b.id = a.ledger_id "
        "LEFT JOIN flux_vacancy v ON v.id = a.vacancy_id LEFT JOIN flux_ledger f ON f.id = v.ledger_id"
    )
    return (
        f"SELECT {key} AS month, {sums} FROM ({entries}) e "
        f"LEFT JOIN flux_unitdescription d ON d.id = e.description_id GROUP BY {key} ORDER BY {key}"
    )


def _counts() -> str:
    """SELECT of what fell vacant, by class; `decided`: what a recommendation has reached."""
    key = (
        "u.landlord_id, d.commune_id, date_trunc('month', v.registered_on)::date AS month, v.kind, v.exclusion, "
        "count(*) AS units, count(*) FILTER (WHERE EXISTS "
        "(SELECT 1 FROM flux_recommendation r WHERE r.vacancy_id = v.id)) AS decided"
    )
    return (
        f"SELECT {key} FROM flux_vacancy v JOIN flux_unit u ON u.id = v.unit_id "
        "JOIN flux_unitdescription d ON d.id = v.description_id "
        f"WHERE v.cancelled_at IS NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5"
    )


#: What fell vacant, by the commune of each unit today.
BY_PLACE = (
    "SELECT u.landlord_id, u.commune_id, extract(year FROM v.registered_on)::integer AS year, "
    "v.ledger_id, count(*) AS units FROM flux_vacancy v JOIN flux_unit u ON u.id = v.unit_id "
    "WHERE v.cancelled_at IS NULL GROUP BY 1, 2, 3, 4"
)

#: What each holder has now, then what its yearly accounts count of it, by exercise.
_HELD = (
    "SELECT r.holder_id, date_trunc('month', r.routed_at AT TIME ZONE 'Europe/Paris')::date AS month, u.landlord_id, "
    "v.ledger_id, r.acting_id, v.kind"
)
_OF_HELD = (
    "FROM flux_routing r JOIN flux_vacancy v ON v.id = r.vacancy_id JOIN flux_unit u ON u.id = v.unit_id "
    "{} WHERE r.closed_at IS NULL GROUP BY 1, 2, 3, 4, 5, 6, 7"
)
_ENTRIES = (
    "JOIN flux_flowentry e ON e.vacancy_id = v.id AND e.holder_id = r.holder_id AND e.stage = 'ROUTED' "
    "JOIN flux_ledger b ON b.id = e.ledger_id AND b.kind = 'ORDINARY'"
)
BY_ROUTING = (
    f"{_HELD}, NULL::smallint AS exercise, count(*) AS units {_OF_HELD.format('')} UNION ALL "
    f"{_HELD}, b.exercise, count(DISTINCT r.id) {_OF_HELD.format(_ENTRIES)}"
)

#: What was decided of the recommendations of each account.
BY_CHOICE = (
    "SELECT n.ledger_id, r.holder_id, r.motive, r.routed_by_id, count(*) AS routings FROM flux_routing r "
    "JOIN flux_recommendation n ON n.id = r.recommendation_id GROUP BY 1, 2, 3, 4"
)

#: The cells of each commune, from those of all that its units are.
BY_COMMUNE = (
    f"SELECT {', '.join(PLACE_CELL_KEY)}, {', '.join(f'sum({name}) AS {name}' for name in PLACE_CELL_MEASURES[:-2])}, "
    "sum(CASE WHEN financing_code = '' OR in_qpv IS NULL OR construction_year IS NULL THEN 0 ELSE offered END) "
    "AS described, sum(CASE in_qpv WHEN false THEN offered ELSE 0 END) AS outside_qpv "
    "FROM flux_flowcell GROUP BY 1, 2, 3, 4"
)

#: Who opens each unit of others, with what its list is ordered and chosen by: kept, then as open routings say it.
KEPT_READERS = "SELECT organisation_id, unit_id, commune_id, programme_id, reference, routings FROM flux_unitreader"
READERS = (
    "SELECT o.id, u.id, u.commune_id, u.programme_id, u.reference, count(DISTINCT r.id)::integer FROM flux_unit u "
    "JOIN flux_vacancy v ON v.unit_id = u.id JOIN flux_routing r ON r.vacancy_id = v.id AND r.closed_at IS NULL "
    "JOIN reservations_reservationholder h ON h.id = r.holder_id "
    "JOIN reservations_organisation o ON o.id IN (h.organisation_id, r.acting_id) GROUP BY o.id, u.id"
)

#: The units that await a decision, and whom their recommendation names: kept, then as recommendations and routings say.
KEPT_AWAITED = "SELECT vacancy_id, holder_id FROM flux_awaiteddecision"
AWAITED = (
    "SELECT v.id, r.holder_id FROM flux_vacancy v LEFT JOIN flux_recommendation r ON r.vacancy_id = v.id "
    "LEFT JOIN flux_routing o ON o.recommendation_id = r.id "
    "WHERE v.cancelled_at IS NULL AND o.id IS NULL AND (v.kind = 'IN_FLOW' OR r.id IS NOT NULL)"
)

#: Stages that move what a unit has of its way to the counting point.
STEPS = "'AWAITING', 'ROUTED', 'RETURNED', 'DESIGNATED', 'ALLOCATED', 'LEASED'"

ARRIVALS = (
    "(SELECT ledger_id, holder_id, vacancy_id, sum(reached) AS reached FROM flux_flowentry e "
    "WHERE vacancy_id IS NOT NULL AND EXISTS (SELECT 1 FROM flux_routing r "
    "WHERE r.vacancy_id = e.vacancy_id AND r.holder_id = e.holder_id) GROUP BY 1, 2, 3) arrivals"
)


def _arrivals() -> str:
    """SELECT of how many times each unit that was routed to a holder counts for it: a turn used, or what it has once at
    the point of its convention. Counted from the sums of its steps; its entries add up what each moved
    (flux/sql/reached.sql)."""

    def of(stage: str, more: str = "") -> str:
        return f"coalesce(sum(quantity) FILTER (WHERE stage = '{stage}'{more}), 0)"

    return (
        "SELECT ledger_id, holder_id, vacancy_id, CASE WHEN point = 'ROUTED' THEN routed + awaiting "
        "WHEN routed <= 0 THEN 0 WHEN returned > 0 OR leased > 0 "
        "OR point <> 'LEASED' AND allocated > 0 OR point = 'PROPOSED' AND proposed > 0 THEN routed ELSE 0 END "
        "AS reached FROM (SELECT e.ledger_id, e.holder_id, e.vacancy_id, "
        'flux_counting_point(e.ledger_id, e.holder_id, e.vacancy_id, max(e."on")) AS point, '
        f"{of('ROUTED')} AS routed, {of('AWAITING')} AS awaiting, {of('RETURNED')} AS returned, "
        f"{of('ALLOCATED')} AS allocated, {of('LEASED')} AS leased, {of('DESIGNATED', ' AND id > since')} AS proposed "
        "FROM (SELECT f.*, coalesce(max(f.id) FILTER (WHERE f.stage = 'ROUTED' AND f.quantity > 0) "
        "OVER (PARTITION BY f.ledger_id, f.holder_id, f.vacancy_id), 0) AS since "
        f"FROM flux_flowentry f WHERE f.stage IN ({STEPS})) e "
        "WHERE EXISTS (SELECT 1 FROM flux_routing r WHERE r.vacancy_id = e.vacancy_id AND r.holder_id = e.holder_id) "
        "GROUP BY 1, 2, 3) steps"
    )


CELLS = ("flux_flowcell", CELL_KEY, tuple(CELL_MEASURES))
MONTHS = ("flux_accountmonth", MONTH_KEY, (*MONTH_MEASURES, "received"))
COUNTS = ("flux_flowcount", COUNT_KEY, ("units", "decided"))
PLACE_CELLS = ("flux_placecell", PLACE_CELL_KEY, PLACE_CELL_MEASURES)
PLACES = ("flux_placecount", PLACE_KEY, ("units",))
ROUTINGS = ("flux_routingcount", ROUTING_KEY, ("units",))
CHOICES = ("flux_choicecount", CHOICE_KEY, ("routings",))

#: Where each vacancy says that its unit is; then what the unit says.
KEPT_PLACES = "SELECT id, commune_id FROM flux_vacancy"
UNIT_PLACES = "SELECT v.id, u.commune_id FROM flux_vacancy v JOIN flux_unit u ON u.id = v.unit_id"

#: The words by which each unit is found, and the figures that are searched whole; then those that it says, found here
#: apart from flux/sql/unit_words.sql.
KEPT_WORDS = (
    "SELECT id, split_part(words, ' =', 1), array_remove(string_to_array(split_part(words, ' =', 2), '='), '') "
    "FROM flux_unit"
)
UNIT_WORDS = (
    "SELECT u.id, ' ' || lower(translate(array_to_string(ARRAY[u.reference, u.street_number, u.street_index, "
    f"u.street_type, u.street_name, p.name, t.search_name, u.rpls_id], ' '), $${ACCENTED + BETWEEN}$$, "
    f"'{PLAIN + ' ' * len(BETWEEN)}')), "
    "ARRAY(SELECT f.figures[1] FROM regexp_matches(u.reference, '[0-9]+', 'g') WITH ORDINALITY f(figures, place) "
    "ORDER BY f.place) || ARRAY(SELECT whole FROM unnest(ARRAY[u.street_number, u.rpls_id]) WITH ORDINALITY "
    "w(whole, place) WHERE whole <> '' AND whole !~ '[^0-9]' ORDER BY place) "
    "FROM flux_unit u JOIN flux_programme p ON p.id = u.programme_id "
    "JOIN reservations_territory t ON t.id = u.commune_id"
)


Fold = tuple[str, tuple[str, ...], tuple[str, ...]]


def folds() -> tuple[tuple[Fold, str], ...]:
    """Each table that sums, with the SELECT that recomputes it: what is made of another comes after it."""
    return (
        (CELLS, _cells()),
        (MONTHS, _months()),
        (COUNTS, _counts()),
        (PLACE_CELLS, BY_COMMUNE),
        (PLACES, BY_PLACE),
        (ROUTINGS, BY_ROUTING),
        (CHOICES, BY_CHOICE),
    )


def drift() -> dict[str, list[tuple[Any, ...]]]:
    """By fold, the rows that differ from what is recomputed, each as it is or as it should be; empty when all agree.

    Rows whose figures are all zero say nothing. Twelve queries, over everything: for the audit, not for screens.
    """
    found = {table: _differing(table, key, measures, select) for (table, key, measures), select in folds()}
    arrivals = ("ledger_id", "holder_id", "vacancy_id")
    found["flux_flowentry"] = _differing(ARRIVALS, arrivals, ("reached",), _arrivals())
    found["flux_vacancy"] = _beside(KEPT_PLACES, UNIT_PLACES)
    found["flux_unit"] = _beside(KEPT_WORDS, UNIT_WORDS)
    found["flux_unitreader"] = _beside(KEPT_READERS, READERS)
    found["flux_awaiteddecision"] = _beside(KEPT_AWAITED, AWAITED)
    return {table: rows for table, rows in found.items() if rows}


def _differing(table: str, key: tuple[str, ...], measures: tuple[str, ...], select: str) -> list[tuple[Any, ...]]:
    columns = ", ".join((*key, *measures))
    some = " OR ".join(f"{name} <> 0" for name in measures)
    kept = f"SELECT {columns} FROM {table} WHERE {some}"
    wanted = f"SELECT {columns} FROM ({select}) recomputed WHERE {some}"
    return _beside(kept, wanted)


def _beside(kept: str, wanted: str) -> list[tuple[Any, ...]]:
    """The rows that one of two SELECTs has and the other has not; each is read once."""
    both = f"WITH kept AS MATERIALIZED ({kept}), wanted AS MATERIALIZED ({wanted})"
    with connection.cursor() as cursor:
        cursor.execute(f"{both} (TABLE kept EXCEPT TABLE wanted) UNION ALL (TABLE wanted EXCEPT TABLE kept)")
        return list(cursor.fetchall())
