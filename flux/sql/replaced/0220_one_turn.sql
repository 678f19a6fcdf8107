-- A unit that is handed on for one turn counts at its routing, in the account of these units: what becomes of it is
-- counted in the yearly one, where the turn of who gave it back stands (docs/decisions/0103).

CREATE OR REPLACE FUNCTION flux_counting_point(ledger bigint, holder bigint, vacancy bigint, day date) RETURNS varchar
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

-- Whether a unit is handed on for one turn is decided with its routing.
CREATE TRIGGER one_turn_kept
    BEFORE UPDATE ON flux_routing FOR EACH ROW
    WHEN (OLD.one_turn <> NEW.one_turn)
    EXECUTE FUNCTION reservations_refuse();

-- An account ends under the rule of accounting that it was opened under.
CREATE TRIGGER accounting_kept
    BEFORE UPDATE ON flux_ledger FOR EACH ROW
    WHEN (OLD.accounting <> NEW.accounting)
    EXECUTE FUNCTION reservations_refuse();
