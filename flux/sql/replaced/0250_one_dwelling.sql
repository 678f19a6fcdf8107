-- One dwelling, whoever had it: a unit given to another landlord, then given on, falls vacant once
-- (docs/decisions/0114).

-- The units that one dwelling was and became, itself included: one row a transfer, found by its two keys.
CREATE FUNCTION flux_dwelling(unit bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE ROWS 2 SET search_path = public, pg_temp AS $$
    WITH RECURSIVE dwelling (id) AS (
        SELECT $1
        UNION
        SELECT CASE WHEN t.unit_id = d.id THEN t.becomes_id ELSE t.unit_id END
        FROM dwelling d
        JOIN flux_transferredunit t ON t.unit_id = d.id OR t.becomes_id = d.id
    )
    SELECT d.id FROM dwelling d
$$;

-- What fell vacant again at another landlord before its lease is closed by what followed it, as in one stock (0230).
UPDATE flux_vacancy v SET closed_on = f.registered_on
FROM (
    SELECT DISTINCT ON (w.id) w.id, later.registered_on
    FROM flux_transferredunit t
    JOIN flux_vacancy w ON w.unit_id = t.unit_id
    JOIN flux_vacancy later ON later.unit_id IN (SELECT flux_dwelling(t.unit_id)) AND later.id > w.id
    WHERE
        w.cancelled_at IS NULL AND w.closed_on IS NULL AND NOT w.is_let
        AND w.kind IN ('IN_FLOW', 'STOCK', 'FIRST_LETTING', 'TECHNICAL')
        AND later.cancelled_at IS NULL
        AND later.kind IN ('IN_FLOW', 'STOCK', 'FIRST_LETTING', 'TECHNICAL')
    ORDER BY w.id, later.id
) f
WHERE f.id = v.id;

-- It does not fall vacant here while it is vacant anywhere, nor is what was let or cancelled before opened again.
CREATE OR REPLACE FUNCTION flux_open_once() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1
        FROM flux_vacancy v
        WHERE
            v.unit_id IN (SELECT flux_dwelling(NEW.unit_id)) AND v.unit_id <> NEW.unit_id
            AND v.cancelled_at IS NULL AND v.closed_on IS NULL AND NOT v.is_let
            AND v.kind IN ('IN_FLOW', 'STOCK', 'FIRST_LETTING', 'TECHNICAL')
    ) AND NOT reservations_unguarded(TG_TABLE_NAME, TG_NAME) THEN
        RAISE EXCEPTION 'Unit % is vacant already, at another landlord', NEW.unit_id
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'vacancy_open_once';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER open_once_again
    BEFORE UPDATE OF is_let, cancelled_at, closed_on ON flux_vacancy FOR EACH ROW
    WHEN (
        NEW.kind IN ('IN_FLOW', 'STOCK', 'FIRST_LETTING', 'TECHNICAL')
        AND NEW.cancelled_at IS NULL AND NEW.closed_on IS NULL AND NOT NEW.is_let
        AND (OLD.cancelled_at IS NOT NULL OR OLD.closed_on IS NOT NULL OR OLD.is_let)
    )
    EXECUTE FUNCTION flux_open_once();
