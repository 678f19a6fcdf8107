-- The life of a unit is one story: works end, it is let again, and it falls vacant once (docs/decisions/0113).

-- A turn that a return used counts while nothing of the unit was routed there again: after works, the same holder may
-- have it a second time, and it then counts at its counting point as any unit.
CREATE OR REPLACE FUNCTION flux_reached(
    ledger bigint, holder bigint, vacancy bigint, point varchar, before bigint, stage varchar, quantity bigint
)
RETURNS integer
LANGUAGE sql STABLE AS $$
    WITH written AS (
        SELECT f.id, f.stage, f.quantity
        FROM flux_flowentry f
        WHERE
            f.ledger_id = $1 AND f.holder_id = $2 AND f.vacancy_id = $3 AND f.id < $5
            AND f.stage IN ('AWAITING', 'ROUTED', 'RETURNED', 'DESIGNATED', 'ALLOCATED', 'LEASED')
        UNION ALL
        SELECT $5, $6, $7
    ), steps AS (
        SELECT
            coalesce(sum(w.quantity) FILTER (WHERE w.stage = 'ROUTED'), 0) AS routed,
            coalesce(sum(w.quantity) FILTER (WHERE w.stage = 'AWAITING'), 0) AS awaiting,
            coalesce(sum(w.quantity) FILTER (WHERE w.stage = 'RETURNED' AND w.id > last.id), 0) AS returned,
            coalesce(sum(w.quantity) FILTER (WHERE w.stage = 'DESIGNATED' AND w.id > last.id), 0) AS proposed,
            coalesce(sum(w.quantity) FILTER (WHERE w.stage = 'ALLOCATED'), 0) AS allocated,
            coalesce(sum(w.quantity) FILTER (WHERE w.stage = 'LEASED'), 0) AS leased
        FROM written w
        CROSS JOIN (
            SELECT coalesce(max(r.id), 0) AS id FROM written r WHERE r.stage = 'ROUTED' AND r.quantity > 0
        ) last
    )
    SELECT CASE
        WHEN $4 = 'ROUTED' THEN s.routed + s.awaiting
        WHEN s.routed <= 0 THEN 0
        WHEN s.returned > 0 THEN s.routed
        ELSE least(
            s.routed,
            greatest(
                s.leased,
                CASE WHEN $4 IN ('PROPOSED', 'ALLOCATED') THEN s.allocated ELSE 0 END,
                CASE WHEN $4 = 'PROPOSED' THEN s.proposed ELSE 0 END,
                0
            )
        )
    END::integer
    FROM steps s
$$;

-- That works ended is written once, beside the return that began them.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_resumption FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_resumption FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();

-- So is a forecast that was made to a holder, and what changed it.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_formerforecast FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_formerforecast FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();

SELECT reservations_imprint_rows(kept) FROM unnest(ARRAY['flux_formerforecast', 'flux_resumption']) AS kept;

-- What was declared again before units fell vacant once is closed by what followed it: nothing of it is awaited. Its
-- figures stay.
UPDATE flux_vacancy v SET closed_on = f.registered_on
FROM (
    SELECT w.id, lead(w.registered_on) OVER (PARTITION BY w.unit_id ORDER BY w.available_on, w.id) AS registered_on
    FROM flux_vacancy w
    WHERE w.cancelled_at IS NULL AND NOT w.is_let AND w.kind IN ('IN_FLOW', 'STOCK', 'FIRST_LETTING', 'TECHNICAL')
) f
WHERE f.id = v.id AND f.registered_on IS NOT NULL;

-- A unit that another landlord gave is the same dwelling: it does not fall vacant here while it is there.
CREATE FUNCTION flux_open_once() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1
        FROM flux_transferredunit t
        JOIN flux_vacancy v ON v.unit_id = t.unit_id
        WHERE
            t.becomes_id = NEW.unit_id AND v.cancelled_at IS NULL AND v.closed_on IS NULL AND NOT v.is_let
            AND v.kind IN ('IN_FLOW', 'STOCK', 'FIRST_LETTING', 'TECHNICAL')
    ) THEN
        RAISE EXCEPTION 'Unit % is vacant already, where it was before', NEW.unit_id
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'vacancy_open_once';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER open_once
    BEFORE INSERT ON flux_vacancy FOR EACH ROW
    WHEN (NEW.kind IN ('IN_FLOW', 'STOCK', 'FIRST_LETTING', 'TECHNICAL'))
    EXECUTE FUNCTION flux_open_once();
