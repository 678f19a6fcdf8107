-- What each holder has now is counted by month: a home shows how many units it has, and how many its accounts count,
-- without a reading of each.

-- An open routing, added to its count (`sign` 1) or taken back (-1), its unit being as `v` says: once for itself, once
-- more for each exercise whose yearly account counts it.
CREATE FUNCTION flux_count_routing(r flux_routing, v flux_vacancy, sign integer) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO flux_routingcount AS c (holder_id, month, landlord_id, ledger_id, acting_id, kind, exercise, units)
    SELECT
        r.holder_id, date_trunc('month', r.routed_at AT TIME ZONE 'Europe/Paris')::date, v.landlord_id, v.ledger_id,
        r.acting_id, v.kind, x.exercise, sign
    FROM (
        SELECT NULL::smallint AS exercise
        UNION
        SELECT l.exercise
        FROM flux_flowentry e
        JOIN flux_ledger l ON l.id = e.ledger_id
        WHERE
            e.vacancy_id = r.vacancy_id AND e.holder_id = r.holder_id AND e.stage = 'ROUTED' AND l.kind = 'ORDINARY'
    ) x
    ON CONFLICT (holder_id, month, landlord_id, ledger_id, acting_id, kind, exercise) DO UPDATE SET
        units = c.units + excluded.units
$$;

-- A unit is routed, or its routing is closed.
CREATE FUNCTION flux_count_routed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.closed_at IS NULL THEN
        PERFORM flux_count_routing(OLD, v, - 1) FROM flux_vacancy v WHERE v.id = OLD.vacancy_id;
    END IF;
    IF NEW.closed_at IS NULL THEN
        PERFORM flux_count_routing(NEW, v, + 1) FROM flux_vacancy v WHERE v.id = NEW.vacancy_id;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER counted AFTER INSERT ON flux_routing FOR EACH ROW
    WHEN (NEW.closed_at IS NULL)
    EXECUTE FUNCTION flux_count_routed();
CREATE TRIGGER counted_again AFTER UPDATE ON flux_routing FOR EACH ROW
    WHEN (OLD.closed_at IS DISTINCT FROM NEW.closed_at)
    EXECUTE FUNCTION flux_count_routed();

-- The unit of an open routing changes class, account or landlord.
CREATE FUNCTION flux_count_reclassed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM
        flux_count_routing(r, OLD, - 1),
        flux_count_routing(r, NEW, + 1)
    FROM flux_routing r
    WHERE r.vacancy_id = NEW.id AND r.closed_at IS NULL;
    RETURN NULL;
END
$$;

CREATE TRIGGER routing_counted_again AFTER UPDATE ON flux_vacancy FOR EACH ROW
    WHEN (
        ROW(OLD.kind, OLD.landlord_id, OLD.ledger_id) IS DISTINCT FROM ROW(NEW.kind, NEW.landlord_id, NEW.ledger_id)
    )
    EXECUTE FUNCTION flux_count_reclassed();

-- A yearly account counts for the first time, in its exercise, a unit that its holder has.
CREATE FUNCTION flux_count_accounted() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO flux_routingcount AS c (holder_id, month, landlord_id, ledger_id, acting_id, kind, exercise, units)
    SELECT
        r.holder_id, date_trunc('month', r.routed_at AT TIME ZONE 'Europe/Paris')::date, v.landlord_id, v.ledger_id,
        r.acting_id, v.kind, l.exercise, 1
    FROM flux_routing r
    JOIN flux_vacancy v ON v.id = r.vacancy_id
    JOIN flux_ledger l ON l.id = NEW.ledger_id
    WHERE
        r.vacancy_id = NEW.vacancy_id AND r.holder_id = NEW.holder_id AND r.closed_at IS NULL
        AND l.kind = 'ORDINARY'
        AND NOT EXISTS (
            SELECT 1
            FROM flux_flowentry e
            JOIN flux_ledger o ON o.id = e.ledger_id
            WHERE
                e.vacancy_id = NEW.vacancy_id AND e.holder_id = NEW.holder_id AND e.stage = 'ROUTED' AND e.id < NEW.id
                AND o.kind = 'ORDINARY' AND o.exercise = l.exercise
        )
    ON CONFLICT (holder_id, month, landlord_id, ledger_id, acting_id, kind, exercise) DO UPDATE SET
        units = c.units + excluded.units;
    RETURN NULL;
END
$$;

CREATE TRIGGER routing_counted AFTER INSERT ON flux_flowentry FOR EACH ROW
    WHEN (NEW.stage = 'ROUTED' AND NEW.vacancy_id IS NOT NULL)
    EXECUTE FUNCTION flux_count_accounted();

-- Those that were there.
INSERT INTO flux_routingcount (holder_id, month, landlord_id, ledger_id, acting_id, kind, exercise, units)
SELECT
    r.holder_id, date_trunc('month', r.routed_at AT TIME ZONE 'Europe/Paris')::date, v.landlord_id, v.ledger_id,
    r.acting_id, v.kind, x.exercise, count(*)
FROM flux_routing r
JOIN flux_vacancy v ON v.id = r.vacancy_id
CROSS JOIN LATERAL (
    SELECT NULL::smallint AS exercise
    UNION
    SELECT l.exercise
    FROM flux_flowentry e
    JOIN flux_ledger l ON l.id = e.ledger_id
    WHERE e.vacancy_id = r.vacancy_id AND e.holder_id = r.holder_id AND e.stage = 'ROUTED' AND l.kind = 'ORDINARY'
) x
WHERE r.closed_at IS NULL
GROUP BY 1, 2, 3, 4, 5, 6, 7
ORDER BY 1, 2, 3, 4, 5, 6, 7;
