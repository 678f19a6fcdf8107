-- What reached the counting point of its convention, entry by entry: what due is compared with on every page
-- (CCH, R441-5; docs/decisions/0066 and 0073).

-- When a unit counts for a holder: by the convention that its routing applied; while it waits for a confirmation, by
-- the one in force that day. At the routing for the landlord's own part, and for first lettings, agreed one by one.
CREATE FUNCTION flux_counting_point(ledger bigint, holder bigint, vacancy bigint, day date) RETURNS varchar
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM flux_ledger l WHERE l.id = $1 AND l.kind = 'FIRST_LETTING') THEN 'ROUTED'
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
                FROM reservations_convention c
                JOIN reservations_quota q ON q.convention_id = c.id
                JOIN flux_ledger l ON l.id = $1 AND l.landlord_id = c.landlord_id
                WHERE
                    q.holder_id = $2 AND $4 BETWEEN c.starts_on AND c.ends_on
                    AND c.status IN ('SIGNED', 'AMENDED', 'ENDED', 'TERMINATED')
                ORDER BY c.starts_on DESC, c.id DESC
                LIMIT 1
            ),
            'ROUTED'
        )
    END
$$;

-- How many times a unit counts for a holder in a ledger, by its entries up to one (its rank, itself left out) and what
-- this one adds: a turn that a return used counts; what a holder has counts once it reached the point since its last
-- routing there, a later step standing for the steps before it.
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
            coalesce(sum(w.quantity) FILTER (WHERE w.stage = 'RETURNED'), 0) AS returned,
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

-- Months add it up, like the other figures.
-- What entries add to the cells of a balance and to the months of an account; with an argument, what they take back.
-- Once for each statement that wrote entries; rows are taken in the order of their key, so that two writers never
-- cross.
CREATE OR REPLACE FUNCTION flux_fold_entries() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    way integer := coalesce(TG_ARGV[0]::integer, 1);
BEGIN
    -- Cells: only what a unit wrote in the account it belongs to. A first letting that a convention also counts in its
    -- share is not offered twice.
    INSERT INTO flux_flowcell (
        ledger_id, holder_id, year, commune_id, rooms, financing_code, in_qpv, construction_year,
        offered, designated, returned, lapsed, refused, allocated, leased
    )
    SELECT
        e.ledger_id, e.holder_id, date_part('year', e.acted_on)::integer AS year,
        d.commune_id, d.rooms, d.financing_code, d.in_qpv, d.construction_year,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'OFFERED'), 0) AS offered,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'DESIGNATED'), 0) AS designated,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'RETURNED'), 0) AS returned,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'LAPSED'), 0) AS lapsed,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'REFUSED'), 0) AS refused,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'ALLOCATED'), 0) AS allocated,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'LEASED'), 0) AS leased
    FROM added e
    JOIN flux_vacancy v ON v.id = e.vacancy_id AND v.ledger_id = e.ledger_id
    JOIN flux_unitdescription d ON d.id = e.description_id
    WHERE e.stage IN ('OFFERED', 'DESIGNATED', 'RETURNED', 'LAPSED', 'REFUSED', 'ALLOCATED', 'LEASED')
    GROUP BY
        e.ledger_id, e.holder_id, date_part('year', e.acted_on)::integer,
        d.commune_id, d.rooms, d.financing_code, d.in_qpv, d.construction_year
    ORDER BY
        e.ledger_id, e.holder_id, date_part('year', e.acted_on)::integer,
        d.commune_id, d.rooms, d.financing_code, d.in_qpv, d.construction_year
    ON CONFLICT (ledger_id, holder_id, year, commune_id, rooms, financing_code, in_qpv, construction_year) DO UPDATE SET
        offered = flux_flowcell.offered + excluded.offered,
        designated = flux_flowcell.designated + excluded.designated,
        returned = flux_flowcell.returned + excluded.returned,
        lapsed = flux_flowcell.lapsed + excluded.lapsed,
        refused = flux_flowcell.refused + excluded.refused,
        allocated = flux_flowcell.allocated + excluded.allocated,
        leased = flux_flowcell.leased + excluded.leased;

    -- Months: every entry. A transfer of due bears on no unit, so on no commune.
    INSERT INTO flux_accountmonth (
        ledger_id, holder_id, commune_id, month,
        due, carried, routed, awaiting, offered, designated, returned, lapsed,
        refused_applicant, refused_holder, refused_landlord, refused_committee, refused_unit, allocated, leased,
        shares, vacated, again, first_allocated, first_leased, received
    )
    SELECT
        e.ledger_id, e.holder_id, d.commune_id, date_trunc('month', e."on")::date AS month,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage IN ('DUE', 'CARRIED', 'FORFEITED', 'TRANSFERRED')), 0)
            AS due,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'CARRIED'), 0) AS carried,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'ROUTED'), 0) AS routed,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'AWAITING'), 0) AS awaiting,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'OFFERED'), 0) AS offered,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'DESIGNATED'), 0) AS designated,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'RETURNED'), 0) AS returned,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'LAPSED'), 0) AS lapsed,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'APPLICANT'), 0)
            AS refused_applicant,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'HOLDER'), 0) AS refused_holder,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'LANDLORD'), 0)
            AS refused_landlord,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'COMMITTEE'), 0)
            AS refused_committee,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'UNIT'), 0) AS refused_unit,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'ALLOCATED'), 0) AS allocated,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'LEASED'), 0) AS leased,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'DUE'), 0) AS shares,
        coalesce(sum(way * sign(e.quantity)) FILTER (WHERE e.stage = 'DUE' AND NOT e.again), 0) AS vacated,
        coalesce(sum(way * sign(e.quantity)) FILTER (WHERE e.stage = 'DUE' AND e.again), 0) AS again,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'ALLOCATED' AND e.copied), 0) AS first_allocated,
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'LEASED' AND e.copied), 0) AS first_leased,
        coalesce(sum(way * e.reached), 0) AS received
    FROM (
        SELECT
            a.*,
            a.stage = 'DUE' AND flux_credits_again(a.id, a.ledger_id, a.holder_id, a.vacancy_id, a.quantity) AS again,
            a.stage IN ('ALLOCATED', 'LEASED') AND flux_is_copied(a.ledger_id, a.vacancy_id) AS copied
        FROM added a
    ) e
    LEFT JOIN flux_unitdescription d ON d.id = e.description_id
    GROUP BY e.ledger_id, e.holder_id, d.commune_id, date_trunc('month', e."on")::date
    ORDER BY e.ledger_id, e.holder_id, d.commune_id, date_trunc('month', e."on")::date
    ON CONFLICT (ledger_id, holder_id, commune_id, month) DO UPDATE SET
        due = flux_accountmonth.due + excluded.due,
        carried = flux_accountmonth.carried + excluded.carried,
        routed = flux_accountmonth.routed + excluded.routed,
        awaiting = flux_accountmonth.awaiting + excluded.awaiting,
        offered = flux_accountmonth.offered + excluded.offered,
        designated = flux_accountmonth.designated + excluded.designated,
        returned = flux_accountmonth.returned + excluded.returned,
        lapsed = flux_accountmonth.lapsed + excluded.lapsed,
        refused_applicant = flux_accountmonth.refused_applicant + excluded.refused_applicant,
        refused_holder = flux_accountmonth.refused_holder + excluded.refused_holder,
        refused_landlord = flux_accountmonth.refused_landlord + excluded.refused_landlord,
        refused_committee = flux_accountmonth.refused_committee + excluded.refused_committee,
        refused_unit = flux_accountmonth.refused_unit + excluded.refused_unit,
        allocated = flux_accountmonth.allocated + excluded.allocated,
        leased = flux_accountmonth.leased + excluded.leased,
        shares = flux_accountmonth.shares + excluded.shares,
        vacated = flux_accountmonth.vacated + excluded.vacated,
        again = flux_accountmonth.again + excluded.again,
        first_allocated = flux_accountmonth.first_allocated + excluded.first_allocated,
        first_leased = flux_accountmonth.first_leased + excluded.first_leased,
        received = flux_accountmonth.received + excluded.received;

    RETURN NULL;
END
$$;

-- What was written before. Imprints of the rows follow their new column (reservations_imprint_shapes).
ALTER TABLE flux_flowentry DISABLE TRIGGER USER;

DO $$
DECLARE
    written flux_flowentry;
BEGIN
    FOR written IN
        SELECT * FROM flux_flowentry
        WHERE
            vacancy_id IS NOT NULL
            AND stage IN ('AWAITING', 'ROUTED', 'RETURNED', 'DESIGNATED', 'ALLOCATED', 'LEASED')
        ORDER BY id
    LOOP
        UPDATE flux_flowentry e
        SET reached = flux_reached(
            written.ledger_id, written.holder_id, written.vacancy_id,
            flux_counting_point(written.ledger_id, written.holder_id, written.vacancy_id, written."on"),
            written.id, written.stage, written.quantity
        ) - (
            SELECT coalesce(sum(f.reached), 0)
            FROM flux_flowentry f
            WHERE
                f.ledger_id = written.ledger_id AND f.holder_id = written.holder_id
                AND f.vacancy_id = written.vacancy_id AND f.id < written.id
        )
        WHERE e.id = written.id;
    END LOOP;
END
$$;

UPDATE flux_accountmonth m SET received = s.received
FROM (
    SELECT
        e.ledger_id, e.holder_id, d.commune_id, date_trunc('month', e."on")::date AS month, sum(e.reached) AS received
    FROM flux_flowentry e
    LEFT JOIN flux_unitdescription d ON d.id = e.description_id
    GROUP BY 1, 2, 3, 4
) s
WHERE
    m.ledger_id = s.ledger_id AND m.holder_id = s.holder_id AND m.month = s.month
    AND m.commune_id IS NOT DISTINCT FROM s.commune_id AND s.received <> 0;

ALTER TABLE flux_flowentry ENABLE TRIGGER USER;
