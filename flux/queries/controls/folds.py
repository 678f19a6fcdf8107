"""Do the folds say what the entries say? Recomputed whole, row by row; nothing is written.

What is recomputed is what `flux/models/counted.py` declares, read over every row and not by statement; what is not
declared there is written here apart from its triggers (docs/triggers.md).
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from flux.models import COUNTED
from reservations.models.searched import ACCENTED, BETWEEN, PLAIN

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

#: How many times each unit that was routed to a holder counts for it, as its entries add it up.
KEPT_ARRIVALS = (
    "SELECT ledger_id, holder_id, vacancy_id, sum(reached) FROM flux_flowentry e "
    "WHERE vacancy_id IS NOT NULL AND EXISTS (SELECT 1 FROM flux_routing r "
    "WHERE r.vacancy_id = e.vacancy_id AND r.holder_id = e.holder_id) GROUP BY 1, 2, 3 HAVING sum(reached) <> 0"
)


def _arrivals() -> str:
    """SELECT of the same, as its steps say: a turn used, or what it has once at the point of
    its convention. Counted from the sums of its steps; its entries add up what each moved (flux/sql/reached.sql)."""

    def of(stage: str, more: str = "") -> str:
        return f"coalesce(sum(quantity) FILTER (WHERE stage = '{stage}'{more}), 0)"

    return (
        "SELECT * FROM (SELECT ledger_id, holder_id, vacancy_id, CASE WHEN point = 'ROUTED' THEN routed + awaiting "
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
        "GROUP BY 1, 2, 3) steps) arrivals WHERE reached <> 0"
    )


#: Whose each vacancy says that its unit is, and where; then what the unit says.
KEPT_PLACES = "SELECT id, landlord_id, commune_id FROM flux_vacancy"
UNIT_PLACES = "SELECT v.id, u.landlord_id, u.commune_id FROM flux_vacancy v JOIN flux_unit u ON u.id = v.unit_id"

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


def drift() -> dict[str, list[tuple[Any, ...]]]:
    """By fold, the rows that differ from what is recomputed, each as it is or as it should be; empty when all agree.

    Rows whose figures are all zero say nothing. Twelve queries, over everything: for the audit, not for screens.
    """
    found = {each.table: beside(*each.beside()) for each in COUNTED}
    found["flux_flowentry"] = beside(KEPT_ARRIVALS, _arrivals())
    found["flux_vacancy"] = beside(KEPT_PLACES, UNIT_PLACES)
    found["flux_unit"] = beside(KEPT_WORDS, UNIT_WORDS)
    found["flux_unitreader"] = beside(KEPT_READERS, READERS)
    found["flux_awaiteddecision"] = beside(KEPT_AWAITED, AWAITED)
    return {table: rows for table, rows in found.items() if rows}


def beside(kept: str, wanted: str) -> list[tuple[Any, ...]]:
    """The rows that one of two SELECTs has and the other has not; each is read once."""
    both = f"WITH kept AS MATERIALIZED ({kept}), wanted AS MATERIALIZED ({wanted})"
    with connection.cursor() as cursor:
        cursor.execute(f"{both} (TABLE kept EXCEPT TABLE wanted) UNION ALL (TABLE wanted EXCEPT TABLE kept)")
        return list(cursor.fetchall())
