"""SQL of the folds: sums of the account's entries that the database keeps by itself, so that a balance reads cells and
not units (docs/decisions/0025). The same texts fold what an insertion adds, and recompute everything for the audit.
"""

from __future__ import annotations

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
}

#: What a cell is made by, beside its ledger and holder: raw columns of the unit, that categories are read from later.
UNIT_KEY = ("commune_id", "rooms", "financing_code", "in_qpv", "construction_year")
CELL_KEY = ("ledger_id", "holder_id", *UNIT_KEY)
MONTH_KEY = ("ledger_id", "holder_id", "commune_id", "month")
COUNT_KEY = ("landlord_id", "commune_id", "month", "kind", "exclusion")


def _sum(condition: str, name: str) -> str:
    return f"coalesce(sum(e.quantity) FILTER (WHERE {condition}), 0) AS {name}"


def cells_of(entries: str) -> str:
    """SELECT of the cells that a set of entries makes: a table name or alias, `e` inside. Only what a unit wrote in the
    account it belongs to: a first letting that a convention also counts in its share is not offered twice."""
    stages = ", ".join(f"'{stage}'" for stage in CELL_MEASURES.values())
    sums = ", ".join(_sum(f"e.stage = '{stage}'", name) for name, stage in CELL_MEASURES.items())
    unit = ", ".join(f"u.{name}" for name in UNIT_KEY)
    return (
        f"SELECT e.ledger_id, e.holder_id, {unit}, {sums} FROM {entries} e "
        "JOIN flux_vacancy v ON v.id = e.vacancy_id AND v.ledger_id = e.ledger_id "
        f"JOIN flux_unit u ON u.id = v.unit_id WHERE e.stage IN ({stages}) "
        f"GROUP BY e.ledger_id, e.holder_id, {unit} ORDER BY e.ledger_id, e.holder_id, {unit}"
    )


def months_of(entries: str) -> str:
    """SELECT of the months that a set of entries makes."""
    sums = ", ".join(_sum(condition, name) for name, condition in MONTH_MEASURES.items())
    key = "e.ledger_id, e.holder_id, u.commune_id, date_trunc('month', e.\"on\")::date"
    return (
        f"SELECT {key} AS month, {sums} FROM {entries} e LEFT JOIN flux_vacancy v ON v.id = e.vacancy_id "
        f"LEFT JOIN flux_unit u ON u.id = v.unit_id GROUP BY {key} ORDER BY {key}"
    )


def counts_of(where: str = "TRUE") -> str:
    """SELECT of what fell vacant, by class; `decided`: what a recommendation has reached."""
    key = (
        "u.landlord_id, u.commune_id, date_trunc('month', v.registered_on)::date AS month, v.kind, v.exclusion, "
        "count(*) AS units, count(*) FILTER (WHERE EXISTS "
        "(SELECT 1 FROM flux_recommendation r WHERE r.vacancy_id = v.id)) AS decided"
    )
    return (
        f"SELECT {key} FROM flux_vacancy v JOIN flux_unit u ON u.id = v.unit_id "
        f"WHERE v.cancelled_at IS NULL AND {where} GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5"
    )


def upsert(table: str, key: tuple[str, ...], measures: tuple[str, ...], select: str) -> str:
    """Add what a SELECT gives to a fold; rows are taken in the order of their key, so that two writers never cross."""
    columns = ", ".join((*key, *measures))
    added = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in measures)
    return f"INSERT INTO {table} ({columns}) {select} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {added};"


def negated(select: str, key: tuple[str, ...], measures: tuple[str, ...]) -> str:
    """The opposite of a SELECT: what must leave a fold."""
    columns = ", ".join((*key, *(f"-{name} AS {name}" for name in measures)))
    return f"SELECT {columns} FROM ({select}) gone"


CELLS = ("flux_flowcell", CELL_KEY, tuple(CELL_MEASURES))
MONTHS = ("flux_accountmonth", MONTH_KEY, tuple(MONTH_MEASURES))
COUNTS = ("flux_flowcount", COUNT_KEY, ("units", "decided"))

#: After an insertion of entries, `added` (AFTER INSERT, statement).
FOLD_ENTRIES = f"{upsert(*CELLS, cells_of('added'))} {upsert(*MONTHS, months_of('added'))} RETURN NULL;"

_COUNT_ONE = (
    "SELECT u.landlord_id, u.commune_id, date_trunc('month', {row}.registered_on)::date, {row}.kind, {row}.exclusion, "
    "{sign} 1, {sign} (CASE WHEN EXISTS (SELECT 1 FROM flux_recommendation r WHERE r.vacancy_id = {row}.id) "
    "THEN 1 ELSE 0 END) FROM flux_unit u WHERE u.id = {row}.unit_id AND {row}.cancelled_at IS NULL"
)
_ADD_NEW = upsert(*COUNTS, _COUNT_ONE.format(row="NEW", sign="+"))
_TAKE_OLD = upsert(*COUNTS, _COUNT_ONE.format(row="OLD", sign="-"))

#: After a vacancy is declared, changes class, or is cancelled (row).
FOLD_VACANCY = (
    f"IF TG_OP <> 'INSERT' THEN {_TAKE_OLD} END IF; IF TG_OP <> 'DELETE' THEN {_ADD_NEW} END IF; RETURN NULL;"
)

#: After recommendations are written, `added`: their vacancies are decided, once each (AFTER INSERT, statement).
FOLD_DECIDED = (
    upsert(
        *COUNTS,
        "SELECT u.landlord_id, u.commune_id, date_trunc('month', v.registered_on)::date, v.kind, v.exclusion, 0, "
        "count(*) FROM added r JOIN flux_vacancy v ON v.id = r.vacancy_id JOIN flux_unit u ON u.id = v.unit_id "
        "WHERE r.attempt = 1 AND v.cancelled_at IS NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
    )
    + " RETURN NULL;"
)


def _moved(select: str, **columns: str) -> str:
    """A SELECT as it would be of the unit before its change."""
    for name, value in columns.items():
        select = select.replace(f"u.{name}", value)
    return select


def _of_unit(select: str) -> str:
    """The same SELECT, of the entries of one unit."""
    entries = "(SELECT f.* FROM flux_flowentry f JOIN flux_vacancy w ON w.id = f.vacancy_id WHERE w.unit_id = NEW.id)"
    return select.format(entries=entries)


_OLD_CELLS = _of_unit(_moved(cells_of("{entries}"), **{name: f"OLD.{name}" for name in UNIT_KEY}))
_NEW_CELLS = _of_unit(cells_of("{entries}"))
_OLD_MONTHS = _of_unit(_moved(months_of("{entries}"), commune_id="OLD.commune_id"))
_NEW_MONTHS = _of_unit(months_of("{entries}"))
_OLD_COUNTS = _moved(counts_of("v.unit_id = NEW.id"), commune_id="OLD.commune_id", landlord_id="OLD.landlord_id")
_NEW_COUNTS = counts_of("v.unit_id = NEW.id")

#: After a unit's description changes: its past moves to the categories of today. Its ledgers are locked first, in the
#: order of every act (first lettings before the yearly one): those it has entries in, and the one it waits in, whose
#: worker may be writing its first entries.
FOLD_UNIT = (
    "IF NOT EXISTS (SELECT 1 FROM flux_vacancy v WHERE v.unit_id = NEW.id) THEN RETURN NULL; END IF; "
    "PERFORM 1 FROM flux_ledger WHERE id IN (SELECT f.ledger_id FROM flux_flowentry f JOIN flux_vacancy w "
    "ON w.id = f.vacancy_id WHERE w.unit_id = NEW.id UNION SELECT x.ledger_id FROM flux_vacancy x "
    "WHERE x.unit_id = NEW.id) ORDER BY kind, id FOR UPDATE; "
    + upsert(*CELLS, negated(_OLD_CELLS, CELL_KEY, tuple(CELL_MEASURES)))
    + " "
    + upsert(*CELLS, _NEW_CELLS)
    + " IF NEW.commune_id <> OLD.commune_id OR NEW.landlord_id <> OLD.landlord_id THEN "
    + upsert(*MONTHS, negated(_OLD_MONTHS, MONTH_KEY, tuple(MONTH_MEASURES)))
    + " "
    + upsert(*MONTHS, _NEW_MONTHS)
    + " "
    + upsert(*COUNTS, negated(_OLD_COUNTS, COUNT_KEY, ("units", "decided")))
    + " "
    + upsert(*COUNTS, _NEW_COUNTS)
    + " END IF; RETURN NULL;"
)
