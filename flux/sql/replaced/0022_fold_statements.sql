-- A month of an account says all that its statement tells: shares, units that credited its holder for the first time
-- or once more, first lettings that it counts beside their own account.

-- Is it a due that its unit had given this holder already, or taken back already? (docs/decisions/0010)
CREATE FUNCTION flux_credits_again(entry bigint, book bigint, holding bigint, vacated bigint, amount bigint)
RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM flux_flowentry o
        WHERE o.vacancy_id = vacated AND o.ledger_id = book AND o.holder_id = holding AND o.stage = 'DUE'
        AND o.id < entry AND (o.quantity > 0) = (amount > 0)
    )
$$;

-- Does a yearly account count there a first letting, whose own account is another?
CREATE FUNCTION flux_is_copied(book bigint, let bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM flux_ledger b JOIN flux_vacancy v ON v.id = let JOIN flux_ledger f ON f.id = v.ledger_id
        WHERE b.id = book AND b.kind = 'ORDINARY' AND f.kind = 'FIRST_LETTING'
    )
$$;

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
        shares, vacated, again, first_allocated, first_leased
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
        coalesce(sum(way * e.quantity) FILTER (WHERE e.stage = 'LEASED' AND e.copied), 0) AS first_leased
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
        first_leased = flux_accountmonth.first_leased + excluded.first_leased;

    RETURN NULL;
END
$$;

-- What was there.
UPDATE flux_accountmonth m SET
    shares = r.shares, vacated = r.vacated, again = r.again,
    first_allocated = r.first_allocated, first_leased = r.first_leased
FROM (
    SELECT
        e.ledger_id, e.holder_id, d.commune_id, date_trunc('month', e."on")::date AS month,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'DUE'), 0) AS shares,
        coalesce(sum(sign(e.quantity)) FILTER (WHERE e.stage = 'DUE' AND e.place = 1), 0) AS vacated,
        coalesce(sum(sign(e.quantity)) FILTER (WHERE e.stage = 'DUE' AND e.place > 1), 0) AS again,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'ALLOCATED' AND e.copied), 0) AS first_allocated,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'LEASED' AND e.copied), 0) AS first_leased
    FROM (
        SELECT
            a.*,
            row_number() OVER (
                PARTITION BY a.ledger_id, a.holder_id, a.vacancy_id, a.stage, a.quantity > 0 ORDER BY a.id
            ) AS place,
            b.kind = 'ORDINARY' AND coalesce(f.kind = 'FIRST_LETTING', false) AS copied
        FROM flux_flowentry a
        JOIN flux_ledger b ON b.id = a.ledger_id
        LEFT JOIN flux_vacancy v ON v.id = a.vacancy_id
        LEFT JOIN flux_ledger f ON f.id = v.ledger_id
        WHERE a.stage IN ('DUE', 'ALLOCATED', 'LEASED')
    ) e
    LEFT JOIN flux_unitdescription d ON d.id = e.description_id
    GROUP BY e.ledger_id, e.holder_id, d.commune_id, date_trunc('month', e."on")::date
) r
WHERE r.ledger_id = m.ledger_id AND r.holder_id = m.holder_id AND r.month = m.month
AND r.commune_id IS NOT DISTINCT FROM m.commune_id;
