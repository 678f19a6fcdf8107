-- What entries add to the cells of a balance and to the months of an account (docs/decisions/0025).

-- Once for each statement that wrote entries; rows are taken in the order of their key, so that two writers never
-- cross.
CREATE FUNCTION flux_fold_entries() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    -- Cells: only what a unit wrote in the account it belongs to. A first letting that a convention also counts in its
    -- share is not offered twice.
    INSERT INTO flux_flowcell (
        ledger_id, holder_id, commune_id, rooms, financing_code, in_qpv, construction_year,
        offered, designated, returned, lapsed, refused, allocated, leased
    )
    SELECT
        e.ledger_id, e.holder_id, u.commune_id, u.rooms, u.financing_code, u.in_qpv, u.construction_year,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'OFFERED'), 0) AS offered,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'DESIGNATED'), 0) AS designated,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'RETURNED'), 0) AS returned,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'LAPSED'), 0) AS lapsed,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'REFUSED'), 0) AS refused,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'ALLOCATED'), 0) AS allocated,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'LEASED'), 0) AS leased
    FROM added e
    JOIN flux_vacancy v ON v.id = e.vacancy_id AND v.ledger_id = e.ledger_id
    JOIN flux_unit u ON u.id = v.unit_id
    WHERE e.stage IN ('OFFERED', 'DESIGNATED', 'RETURNED', 'LAPSED', 'REFUSED', 'ALLOCATED', 'LEASED')
    GROUP BY e.ledger_id, e.holder_id, u.commune_id, u.rooms, u.financing_code, u.in_qpv, u.construction_year
    ORDER BY e.ledger_id, e.holder_id, u.commune_id, u.rooms, u.financing_code, u.in_qpv, u.construction_year
    ON CONFLICT (ledger_id, holder_id, commune_id, rooms, financing_code, in_qpv, construction_year) DO UPDATE SET
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
        refused_applicant, refused_holder, refused_landlord, refused_committee, refused_unit, allocated, leased
    )
    SELECT
        e.ledger_id, e.holder_id, u.commune_id, date_trunc('month', e."on")::date AS month,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage IN ('DUE', 'CARRIED', 'FORFEITED', 'TRANSFERRED')), 0) AS due,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'CARRIED'), 0) AS carried,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'ROUTED'), 0) AS routed,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'AWAITING'), 0) AS awaiting,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'OFFERED'), 0) AS offered,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'DESIGNATED'), 0) AS designated,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'RETURNED'), 0) AS returned,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'LAPSED'), 0) AS lapsed,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'APPLICANT'), 0) AS refused_applicant,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'HOLDER'), 0) AS refused_holder,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'LANDLORD'), 0) AS refused_landlord,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'COMMITTEE'), 0) AS refused_committee,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'UNIT'), 0) AS refused_unit,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'ALLOCATED'), 0) AS allocated,
        coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'LEASED'), 0) AS leased
    FROM added e
    LEFT JOIN flux_vacancy v ON v.id = e.vacancy_id
    LEFT JOIN flux_unit u ON u.id = v.unit_id
    GROUP BY e.ledger_id, e.holder_id, u.commune_id, date_trunc('month', e."on")::date
    ORDER BY e.ledger_id, e.holder_id, u.commune_id, date_trunc('month', e."on")::date
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
        leased = flux_accountmonth.leased + excluded.leased;

    RETURN NULL;
END
$$;

CREATE TRIGGER fold
    AFTER INSERT ON flux_flowentry REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION flux_fold_entries();
