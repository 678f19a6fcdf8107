-- When the description of a unit changes, its past moves to the cells, months and counts of today: a defect that is
-- repaired leaves « non renseigné »; what was sent stays as sent, sealed (docs/decisions/0025).

CREATE FUNCTION flux_fold_unit() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM flux_vacancy v WHERE v.unit_id = NEW.id) THEN
        RETURN NULL;
    END IF;

    -- Its ledgers are locked first, in the order of every act (first lettings before the yearly one): those it has
    -- entries in, and the one it waits in, whose worker may be writing its first entries.
    PERFORM 1 FROM flux_ledger
    WHERE id IN (
        SELECT f.ledger_id FROM flux_flowentry f JOIN flux_vacancy w ON w.id = f.vacancy_id WHERE w.unit_id = NEW.id
        UNION
        SELECT x.ledger_id FROM flux_vacancy x WHERE x.unit_id = NEW.id
    )
    ORDER BY kind, id FOR UPDATE;

    -- Cells: what it made leaves those of its old description,
    INSERT INTO flux_flowcell (
        ledger_id, holder_id, commune_id, rooms, financing_code, in_qpv, construction_year,
        offered, designated, returned, lapsed, refused, allocated, leased
    )
    SELECT
        ledger_id, holder_id, commune_id, rooms, financing_code, in_qpv, construction_year,
        -offered AS offered, -designated AS designated, -returned AS returned, -lapsed AS lapsed,
        -refused AS refused, -allocated AS allocated, -leased AS leased
    FROM (
        SELECT
            e.ledger_id, e.holder_id, OLD.commune_id, OLD.rooms, OLD.financing_code, OLD.in_qpv,
            OLD.construction_year,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'OFFERED'), 0) AS offered,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'DESIGNATED'), 0) AS designated,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'RETURNED'), 0) AS returned,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'LAPSED'), 0) AS lapsed,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'REFUSED'), 0) AS refused,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'ALLOCATED'), 0) AS allocated,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'LEASED'), 0) AS leased
        FROM (SELECT f.* FROM flux_flowentry f JOIN flux_vacancy w ON w.id = f.vacancy_id WHERE w.unit_id = NEW.id) e
        JOIN flux_vacancy v ON v.id = e.vacancy_id AND v.ledger_id = e.ledger_id
        JOIN flux_unit u ON u.id = v.unit_id
        WHERE e.stage IN ('OFFERED', 'DESIGNATED', 'RETURNED', 'LAPSED', 'REFUSED', 'ALLOCATED', 'LEASED')
        GROUP BY
            e.ledger_id, e.holder_id, OLD.commune_id, OLD.rooms,
            OLD.financing_code, OLD.in_qpv, OLD.construction_year
        ORDER BY
            e.ledger_id, e.holder_id, OLD.commune_id, OLD.rooms,
            OLD.financing_code, OLD.in_qpv, OLD.construction_year
    ) gone
    ON CONFLICT (ledger_id, holder_id, commune_id, rooms, financing_code, in_qpv, construction_year) DO UPDATE SET
        offered = flux_flowcell.offered + excluded.offered,
        designated = flux_flowcell.designated + excluded.designated,
        returned = flux_flowcell.returned + excluded.returned,
        lapsed = flux_flowcell.lapsed + excluded.lapsed,
        refused = flux_flowcell.refused + excluded.refused,
        allocated = flux_flowcell.allocated + excluded.allocated,
        leased = flux_flowcell.leased + excluded.leased;

    -- and comes into those of the new one.
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
    FROM (SELECT f.* FROM flux_flowentry f JOIN flux_vacancy w ON w.id = f.vacancy_id WHERE w.unit_id = NEW.id) e
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

    IF NEW.commune_id <> OLD.commune_id OR NEW.landlord_id <> OLD.landlord_id THEN
        -- Months: out of the old commune,
        INSERT INTO flux_accountmonth (
            ledger_id, holder_id, commune_id, month,
            due, carried, routed, awaiting, offered, designated, returned, lapsed, refused_applicant,
            refused_holder, refused_landlord, refused_committee, refused_unit, allocated, leased
        )
        SELECT
            ledger_id, holder_id, commune_id, month,
            -due AS due, -carried AS carried, -routed AS routed, -awaiting AS awaiting, -offered AS offered,
            -designated AS designated, -returned AS returned, -lapsed AS lapsed,
            -refused_applicant AS refused_applicant, -refused_holder AS refused_holder,
            -refused_landlord AS refused_landlord, -refused_committee AS refused_committee,
            -refused_unit AS refused_unit, -allocated AS allocated, -leased AS leased
        FROM (
            SELECT
                e.ledger_id, e.holder_id, OLD.commune_id, date_trunc('month', e."on")::date AS month,
                coalesce(sum(e.quantity) FILTER (WHERE e.stage IN ('DUE', 'CARRIED', 'FORFEITED', 'TRANSFERRED')), 0)
                    AS due,
                coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'CARRIED'), 0) AS carried,
                coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'ROUTED'), 0) AS routed,
                coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'AWAITING'), 0) AS awaiting,
                coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'OFFERED'), 0) AS offered,
                coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'DESIGNATED'), 0) AS designated,
                coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'RETURNED'), 0) AS returned,
                coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'LAPSED'), 0) AS lapsed,
                coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'APPLICANT'), 0)
                    AS refused_applicant,
                coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'HOLDER'), 0) AS refused_holder,
                coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'LANDLORD'), 0)
                    AS refused_landlord,
                coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'COMMITTEE'), 0)
                    AS refused_committee,
                coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'UNIT'), 0) AS refused_unit,
                coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'ALLOCATED'), 0) AS allocated,
                coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'LEASED'), 0) AS leased
            FROM (
                SELECT f.* FROM flux_flowentry f JOIN flux_vacancy w ON w.id = f.vacancy_id WHERE w.unit_id = NEW.id
            ) e
            LEFT JOIN flux_vacancy v ON v.id = e.vacancy_id
            LEFT JOIN flux_unit u ON u.id = v.unit_id
            GROUP BY e.ledger_id, e.holder_id, OLD.commune_id, date_trunc('month', e."on")::date
            ORDER BY e.ledger_id, e.holder_id, OLD.commune_id, date_trunc('month', e."on")::date
        ) gone
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

        -- into the new one.
        INSERT INTO flux_accountmonth (
            ledger_id, holder_id, commune_id, month,
            due, carried, routed, awaiting, offered, designated, returned, lapsed, refused_applicant,
            refused_holder, refused_landlord, refused_committee, refused_unit, allocated, leased
        )
        SELECT
            e.ledger_id, e.holder_id, u.commune_id, date_trunc('month', e."on")::date AS month,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage IN ('DUE', 'CARRIED', 'FORFEITED', 'TRANSFERRED')), 0)
                AS due,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'CARRIED'), 0) AS carried,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'ROUTED'), 0) AS routed,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'AWAITING'), 0) AS awaiting,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'OFFERED'), 0) AS offered,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'DESIGNATED'), 0) AS designated,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'RETURNED'), 0) AS returned,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'LAPSED'), 0) AS lapsed,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'APPLICANT'), 0)
                AS refused_applicant,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'HOLDER'), 0) AS refused_holder,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'LANDLORD'), 0) AS refused_landlord,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'COMMITTEE'), 0)
                AS refused_committee,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'REFUSED' AND e.side = 'UNIT'), 0) AS refused_unit,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'ALLOCATED'), 0) AS allocated,
            coalesce(sum(e.quantity) FILTER (WHERE e.stage = 'LEASED'), 0) AS leased
        FROM (SELECT f.* FROM flux_flowentry f JOIN flux_vacancy w ON w.id = f.vacancy_id WHERE w.unit_id = NEW.id) e
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

        -- Counts of what fell vacant: out of the old landlord and commune,
        INSERT INTO flux_flowcount (
            landlord_id, commune_id, month, kind, exclusion,
            units, decided
        )
        SELECT
            landlord_id, commune_id, month, kind, exclusion,
            -units AS units, -decided AS decided
        FROM (
            SELECT
                OLD.landlord_id, OLD.commune_id, date_trunc('month', v.registered_on)::date
                    AS month, v.kind, v.exclusion,
                count(*) AS units,
                count(*) FILTER (WHERE EXISTS (SELECT 1 FROM flux_recommendation r WHERE r.vacancy_id = v.id))
                    AS decided
            FROM flux_vacancy v
            JOIN flux_unit u ON u.id = v.unit_id
            WHERE v.cancelled_at IS NULL AND v.unit_id = NEW.id
            GROUP BY 1, 2, 3, 4, 5
            ORDER BY 1, 2, 3, 4, 5
        ) gone
        ON CONFLICT (landlord_id, commune_id, month, kind, exclusion) DO UPDATE SET
            units = flux_flowcount.units + excluded.units,
            decided = flux_flowcount.decided + excluded.decided;

        -- into the new ones.
        INSERT INTO flux_flowcount (
            landlord_id, commune_id, month, kind, exclusion,
            units, decided
        )
        SELECT
            u.landlord_id, u.commune_id, date_trunc('month', v.registered_on)::date AS month, v.kind, v.exclusion,
            count(*) AS units,
            count(*) FILTER (WHERE EXISTS (SELECT 1 FROM flux_recommendation r WHERE r.vacancy_id = v.id)) AS decided
        FROM flux_vacancy v
        JOIN flux_unit u ON u.id = v.unit_id
        WHERE v.cancelled_at IS NULL AND v.unit_id = NEW.id
        GROUP BY 1, 2, 3, 4, 5
        ORDER BY 1, 2, 3, 4, 5
        ON CONFLICT (landlord_id, commune_id, month, kind, exclusion) DO UPDATE SET
            units = flux_flowcount.units + excluded.units,
            decided = flux_flowcount.decided + excluded.decided;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER fold
    AFTER UPDATE ON flux_unit FOR EACH ROW
    WHEN (
        ROW(
            OLD.commune_id, OLD.construction_year, OLD.financing_code, OLD.in_qpv, OLD.landlord_id, OLD.rooms
        ) IS DISTINCT FROM ROW(
            NEW.commune_id, NEW.construction_year, NEW.financing_code, NEW.in_qpv, NEW.landlord_id, NEW.rooms
        )
    )
    EXECUTE FUNCTION flux_fold_unit();
