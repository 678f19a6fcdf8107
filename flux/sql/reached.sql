-- What reached the counting point of its convention, entry by entry: what due is compared with on every page
-- (CCH, R441-5; docs/decisions/0066 and 0073).

-- The day is that of the entry: what decides is the day of the rights of the unit.
CREATE FUNCTION flux_counting_point(ledger bigint, holder bigint, vacancy bigint, day date) RETURNS varchar
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM flux_ledger l WHERE l.id = $1 AND l.kind IN ('FIRST_LETTING', 'TURN')) THEN 'ROUTED'
        WHEN EXISTS (SELECT 1 FROM reservations_reservationholder h WHERE h.id = $2 AND h.contingent = 7) THEN 'ROUTED'
        WHEN EXISTS (SELECT 1 FROM flux_routing r WHERE r.vacancy_id = $3 AND r.holder_id = $2) THEN coalesce(
            (
                SELECT c.counting_point
                FROM flux_routing r
                LEFT JOIN reservations_convention c ON c.id = r.convention_id
                WHERE r.vacancy_id = $3 AND r.holder_id = $2
                ORDER BY r.id DESC
                LIMIT 1
            ),
            'ROUTED'
        )
        ELSE coalesce(
            (
                SELECT c.counting_point
                FROM flux_vacancy v
                JOIN flux_unit u ON u.id = v.unit_id
                JOIN reservations_territory t ON t.id = u.commune_id
                JOIN flux_ledger l ON l.id = $1
                JOIN reservations_convention c ON c.landlord_id = l.landlord_id
                JOIN reservations_territory p ON p.id = c.perimeter_id
                JOIN reservations_quota q ON q.convention_id = c.id
                WHERE
                    v.id = $3 AND q.holder_id = $2
                    AND p.id IN (t.id, t.parent_commune_id, t.epci_id, t.ept_id, t.departement_id, t.region_id)
                    AND coalesce(v.covered_on, v.registered_on) BETWEEN c.starts_on AND c.ends_on
                    AND c.status IN ('SIGNED', 'AMENDED', 'ENDED', 'TERMINATED')
                ORDER BY
                    EXISTS (
                        SELECT 1 FROM reservations_pause s
                        WHERE
                            s.convention_id = c.id AND s.status = 'AGREED'
                            AND coalesce(v.covered_on, v.registered_on) BETWEEN s.starts_on AND s.ends_on
                    ),
                    CASE p.kind
                        WHEN 'DISTRICT' THEN 0 WHEN 'COMMUNE' THEN 1 WHEN 'EPCI' THEN 2 WHEN 'EPT' THEN 2
                        WHEN 'DEPARTEMENT' THEN 3 ELSE 4
                    END,
                    q.rank
                LIMIT 1
            ),
            'ROUTED'
        )
    END
$$;

-- A turn that a return used counts while nothing of the unit was routed there again: after works, the same holder may
-- have it a second time, and it then counts at its counting point as any unit.
CREATE FUNCTION flux_reached(
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

-- Each entry says what it adds to that count, or takes from it.
CREATE FUNCTION flux_reach() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.reached := flux_reached(
        NEW.ledger_id, NEW.holder_id, NEW.vacancy_id,
        flux_counting_point(NEW.ledger_id, NEW.holder_id, NEW.vacancy_id, NEW."on"), NEW.id, NEW.stage, NEW.quantity
    ) - (
        SELECT coalesce(sum(f.reached), 0)
        FROM flux_flowentry f
        WHERE
            f.ledger_id = NEW.ledger_id AND f.holder_id = NEW.holder_id AND f.vacancy_id = NEW.vacancy_id
            AND f.id < NEW.id
    );
    RETURN NEW;
END
$$;

CREATE TRIGGER reaches
    BEFORE INSERT ON flux_flowentry FOR EACH ROW
    WHEN (
        NEW.vacancy_id IS NOT NULL
        AND NEW.stage IN ('AWAITING', 'ROUTED', 'RETURNED', 'DESIGNATED', 'ALLOCATED', 'LEASED')
    )
    EXECUTE FUNCTION flux_reach();
