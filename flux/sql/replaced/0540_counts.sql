-- Written by `manage.py make_counts` from what is declared (reservations/counting.py).

DROP TRIGGER placed ON flux_flowcell;

DROP TRIGGER placed_away ON flux_flowcell;

DROP TRIGGER placed_in ON flux_flowcell;

DROP TRIGGER placed_out ON flux_flowcell;

DROP FUNCTION flux_fold_cells();

DROP TRIGGER place_counted ON flux_vacancy;

DROP TRIGGER place_counted_again ON flux_vacancy;

DROP FUNCTION flux_count_place();

DROP TRIGGER choice_counted ON flux_routing;

DROP FUNCTION flux_count_choices();

DROP TRIGGER fold ON flux_flowentry;

DROP TRIGGER fold_in ON flux_flowentry;

DROP TRIGGER fold_out ON flux_flowentry;

DROP FUNCTION flux_fold_entries();

DROP TRIGGER fold_decided ON flux_recommendation;

DROP FUNCTION flux_fold_decided();

DROP TRIGGER fold ON flux_vacancy;

DROP TRIGGER fold_again ON flux_vacancy;

DROP FUNCTION flux_fold_vacancy();

DROP TRIGGER fold ON flux_unit;

DROP FUNCTION flux_fold_owner();

DROP TRIGGER counted ON flux_routing;

DROP TRIGGER counted_again ON flux_routing;

DROP FUNCTION flux_count_routed();

DROP TRIGGER routing_counted_again ON flux_vacancy;

DROP FUNCTION flux_count_reclassed();

DROP TRIGGER routing_counted ON flux_flowentry;

DROP FUNCTION flux_count_accounted();

DROP FUNCTION flux_count_routing(r flux_routing, v flux_vacancy, sign integer);

DROP TRIGGER awaited ON flux_recommendation;

DROP TRIGGER awaited ON flux_routing;

DROP TRIGGER awaited ON flux_vacancy;

DROP TRIGGER awaited_again ON flux_vacancy;

DROP FUNCTION flux_follow_awaited();

-- What a statement on flux_flowcell moves of flux_placecell.
CREATE FUNCTION flux_counts_of_flowcell() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO flux_placecell AS kept (ledger_id, holder_id, year, commune_id, offered, returned, lapsed,
            allocated, leased, described, outside_qpv)
        SELECT m.ledger_id, m.holder_id, m.year, m.commune_id, sum(m.offered), sum(m.returned), sum(m.lapsed),
            sum(m.allocated), sum(m.leased), sum(m.described), sum(m.outside_qpv)
        FROM (
            SELECT c.ledger_id, c.holder_id, c.year, c.commune_id, c.way * c.offered AS offered, c.way *
                c.returned AS returned, c.way * c.lapsed AS lapsed, c.way * c.allocated AS allocated, c.way
                * c.leased AS leased, c.way * (CASE WHEN c.financing_code <> '' AND c.in_qpv IS NOT NULL AND
                c.construction_year IS NOT NULL THEN c.offered ELSE 0 END) AS described, c.way * (CASE WHEN
                NOT c.in_qpv THEN c.offered ELSE 0 END) AS outside_qpv FROM (SELECT 1 AS way, n.* FROM added
                n) c
        ) m
        GROUP BY m.ledger_id, m.holder_id, m.year, m.commune_id
        HAVING sum(m.offered) <> 0 OR sum(m.returned) <> 0 OR sum(m.lapsed) <> 0 OR sum(m.allocated) <> 0 OR
            sum(m.leased) <> 0 OR sum(m.described) <> 0 OR sum(m.outside_qpv) <> 0
        ORDER BY m.ledger_id, m.holder_id, m.year, m.commune_id
        ON CONFLICT (ledger_id, holder_id, year, commune_id) DO UPDATE SET
            offered = kept.offered + excluded.offered, returned = kept.returned + excluded.returned, lapsed =
                kept.lapsed + excluded.lapsed, allocated = kept.allocated + excluded.allocated, leased =
                kept.leased + excluded.leased, described = kept.described + excluded.described, outside_qpv =
                kept.outside_qpv + excluded.outside_qpv;
    END IF;

    IF TG_OP = 'UPDATE' THEN
        IF EXISTS (SELECT id, "allocated", "commune_id", "construction_year", "financing_code", "holder_id",
            "in_qpv", "lapsed", "leased", "ledger_id", "offered", "returned", "year" FROM added EXCEPT SELECT id,
            "allocated", "commune_id", "construction_year", "financing_code", "holder_id", "in_qpv", "lapsed",
            "leased", "ledger_id", "offered", "returned", "year" FROM removed) THEN
            INSERT INTO flux_placecell AS kept (ledger_id, holder_id, year, commune_id, offered, returned, lapsed,
                allocated, leased, described, outside_qpv)
            SELECT m.ledger_id, m.holder_id, m.year, m.commune_id, sum(m.offered), sum(m.returned), sum(m.lapsed),
                sum(m.allocated), sum(m.leased), sum(m.described), sum(m.outside_qpv)
            FROM (
                SELECT c.ledger_id, c.holder_id, c.year, c.commune_id, c.way * c.offered AS offered, c.way *
                    c.returned AS returned, c.way * c.lapsed AS lapsed, c.way * c.allocated AS allocated, c.way
                    * c.leased AS leased, c.way * (CASE WHEN c.financing_code <> '' AND c.in_qpv IS NOT NULL AND
                    c.construction_year IS NOT NULL THEN c.offered ELSE 0 END) AS described, c.way * (CASE WHEN
                    NOT c.in_qpv THEN c.offered ELSE 0 END) AS outside_qpv FROM (SELECT - 1 AS way, o.* FROM
                    removed o UNION ALL SELECT 1, n.* FROM added n) c
            ) m
            GROUP BY m.ledger_id, m.holder_id, m.year, m.commune_id
            HAVING sum(m.offered) <> 0 OR sum(m.returned) <> 0 OR sum(m.lapsed) <> 0 OR sum(m.allocated) <> 0 OR
                sum(m.leased) <> 0 OR sum(m.described) <> 0 OR sum(m.outside_qpv) <> 0
            ORDER BY m.ledger_id, m.holder_id, m.year, m.commune_id
            ON CONFLICT (ledger_id, holder_id, year, commune_id) DO UPDATE SET
                offered = kept.offered + excluded.offered, returned = kept.returned + excluded.returned, lapsed =
                    kept.lapsed + excluded.lapsed, allocated = kept.allocated + excluded.allocated, leased =
                    kept.leased + excluded.leased, described = kept.described + excluded.described, outside_qpv =
                    kept.outside_qpv + excluded.outside_qpv;
        END IF;
    END IF;

    IF TG_OP = 'DELETE' THEN
        INSERT INTO flux_placecell AS kept (ledger_id, holder_id, year, commune_id, offered, returned, lapsed,
            allocated, leased, described, outside_qpv)
        SELECT m.ledger_id, m.holder_id, m.year, m.commune_id, sum(m.offered), sum(m.returned), sum(m.lapsed),
            sum(m.allocated), sum(m.leased), sum(m.described), sum(m.outside_qpv)
        FROM (
            SELECT c.ledger_id, c.holder_id, c.year, c.commune_id, c.way * c.offered AS offered, c.way *
                c.returned AS returned, c.way * c.lapsed AS lapsed, c.way * c.allocated AS allocated, c.way
                * c.leased AS leased, c.way * (CASE WHEN c.financing_code <> '' AND c.in_qpv IS NOT NULL AND
                c.construction_year IS NOT NULL THEN c.offered ELSE 0 END) AS described, c.way * (CASE WHEN
                NOT c.in_qpv THEN c.offered ELSE 0 END) AS outside_qpv FROM (SELECT - 1 AS way, o.* FROM
                removed o) c
        ) m
        GROUP BY m.ledger_id, m.holder_id, m.year, m.commune_id
        HAVING sum(m.offered) <> 0 OR sum(m.returned) <> 0 OR sum(m.lapsed) <> 0 OR sum(m.allocated) <> 0 OR
            sum(m.leased) <> 0 OR sum(m.described) <> 0 OR sum(m.outside_qpv) <> 0
        ORDER BY m.ledger_id, m.holder_id, m.year, m.commune_id
        ON CONFLICT (ledger_id, holder_id, year, commune_id) DO UPDATE SET
            offered = kept.offered + excluded.offered, returned = kept.returned + excluded.returned, lapsed =
                kept.lapsed + excluded.lapsed, allocated = kept.allocated + excluded.allocated, leased =
                kept.leased + excluded.leased, described = kept.described + excluded.described, outside_qpv =
                kept.outside_qpv + excluded.outside_qpv;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER counted_insert AFTER INSERT ON flux_flowcell
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION flux_counts_of_flowcell();

CREATE TRIGGER counted_update AFTER UPDATE ON flux_flowcell
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION flux_counts_of_flowcell();

CREATE TRIGGER counted_delete AFTER DELETE ON flux_flowcell
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT
    EXECUTE FUNCTION flux_counts_of_flowcell();

-- What a statement on flux_flowentry moves of flux_flowcell, flux_accountmonth, flux_routingcount.
CREATE FUNCTION flux_counts_of_flowentry() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO flux_flowcell AS kept (ledger_id, holder_id, year, commune_id, rooms, financing_code, in_qpv,
            construction_year, offered, designated, returned, lapsed, refused, allocated, leased)
        SELECT m.ledger_id, m.holder_id, m.year, m.commune_id, m.rooms, m.financing_code, m.in_qpv,
            m.construction_year, sum(m.offered), sum(m.designated), sum(m.returned), sum(m.lapsed),
            sum(m.refused), sum(m.allocated), sum(m.leased)
        FROM (
            SELECT e.ledger_id, e.holder_id, date_part('year', e.acted_on)::smallint AS year, d.commune_id,
                d.rooms, d.financing_code, d.in_qpv, d.construction_year, e.way * (CASE WHEN e.stage =
                'OFFERED' THEN e.quantity ELSE 0 END) AS offered, e.way * (CASE WHEN e.stage = 'DESIGNATED'
                THEN e.quantity ELSE 0 END) AS designated, e.way * (CASE WHEN e.stage = 'RETURNED' THEN
                e.quantity ELSE 0 END) AS returned, e.way * (CASE WHEN e.stage = 'LAPSED' THEN e.quantity
                ELSE 0 END) AS lapsed, e.way * (CASE WHEN e.stage = 'REFUSED' THEN e.quantity ELSE 0 END) AS
                refused, e.way * (CASE WHEN e.stage = 'ALLOCATED' THEN e.quantity ELSE 0 END) AS allocated,
                e.way * (CASE WHEN e.stage = 'LEASED' THEN e.quantity ELSE 0 END) AS leased FROM (SELECT 1
                AS way, n.* FROM added n) e JOIN flux_vacancy v ON v.id = e.vacancy_id AND v.ledger_id =
                e.ledger_id JOIN flux_unitdescription d ON d.id = e.description_id WHERE e.stage IN
                ('OFFERED', 'DESIGNATED', 'RETURNED', 'LAPSED', 'REFUSED', 'ALLOCATED', 'LEASED')
        ) m
        GROUP BY m.ledger_id, m.holder_id, m.year, m.commune_id, m.rooms, m.financing_code, m.in_qpv,
            m.construction_year
        HAVING sum(m.offered) <> 0 OR sum(m.designated) <> 0 OR sum(m.returned) <> 0 OR sum(m.lapsed) <> 0 OR
            sum(m.refused) <> 0 OR sum(m.allocated) <> 0 OR sum(m.leased) <> 0
        ORDER BY m.ledger_id, m.holder_id, m.year, m.commune_id, m.rooms, m.financing_code, m.in_qpv,
            m.construction_year
        ON CONFLICT (ledger_id, holder_id, year, commune_id, rooms, financing_code, in_qpv, construction_year) DO
            UPDATE SET
            offered = kept.offered + excluded.offered, designated = kept.designated + excluded.designated,
                returned = kept.returned + excluded.returned, lapsed = kept.lapsed + excluded.lapsed, refused =
                kept.refused + excluded.refused, allocated = kept.allocated + excluded.allocated, leased =
                kept.leased + excluded.leased;

        INSERT INTO flux_accountmonth AS kept (ledger_id, holder_id, commune_id, month, due, carried, routed,
            awaiting, offered, designated, returned, lapsed, refused_applicant, refused_holder, refused_landlord,
            refused_committee, refused_unit, allocated, leased, shares, first_allocated, first_leased, vacated,
            again, received)
        SELECT m.ledger_id, m.holder_id, m.commune_id, m.month, sum(m.due), sum(m.carried), sum(m.routed),
            sum(m.awaiting), sum(m.offered), sum(m.designated), sum(m.returned), sum(m.lapsed),
            sum(m.refused_applicant), sum(m.refused_holder), sum(m.refused_landlord), sum(m.refused_committee),
            sum(m.refused_unit), sum(m.allocated), sum(m.leased), sum(m.shares), sum(m.first_allocated),
            sum(m.first_leased), sum(m.vacated), sum(m.again), sum(m.received)
        FROM (
            SELECT e.ledger_id, e.holder_id, d.commune_id, date_trunc('month', e."on")::date AS month, e.way
                * (CASE WHEN e.stage IN ('DUE', 'CARRIED', 'FORFEITED', 'TRANSFERRED') THEN e.quantity ELSE
                0 END) AS due, e.way * (CASE WHEN e.stage = 'CARRIED' THEN e.quantity ELSE 0 END) AS
                carried, e.way * (CASE WHEN e.stage = 'ROUTED' THEN e.quantity ELSE 0 END) AS routed, e.way
                * (CASE WHEN e.stage = 'AWAITING' THEN e.quantity ELSE 0 END) AS awaiting, e.way * (CASE
                WHEN e.stage = 'OFFERED' THEN e.quantity ELSE 0 END) AS offered, e.way * (CASE WHEN e.stage
                = 'DESIGNATED' THEN e.quantity ELSE 0 END) AS designated, e.way * (CASE WHEN e.stage =
                'RETURNED' THEN e.quantity ELSE 0 END) AS returned, e.way * (CASE WHEN e.stage = 'LAPSED'
                THEN e.quantity ELSE 0 END) AS lapsed, e.way * (CASE WHEN e.stage = 'REFUSED' AND e.side =
                'APPLICANT' THEN e.quantity ELSE 0 END) AS refused_applicant, e.way * (CASE WHEN e.stage =
                'REFUSED' AND e.side = 'HOLDER' THEN e.quantity ELSE 0 END) AS refused_holder, e.way * (CASE
                WHEN e.stage = 'REFUSED' AND e.side = 'LANDLORD' THEN e.quantity ELSE 0 END) AS
                refused_landlord, e.way * (CASE WHEN e.stage = 'REFUSED' AND e.side = 'COMMITTEE' THEN
                e.quantity ELSE 0 END) AS refused_committee, e.way * (CASE WHEN e.stage = 'REFUSED' AND
                e.side = 'UNIT' THEN e.quantity ELSE 0 END) AS refused_unit, e.way * (CASE WHEN e.stage =
                'ALLOCATED' THEN e.quantity ELSE 0 END) AS allocated, e.way * (CASE WHEN e.stage = 'LEASED'
                THEN e.quantity ELSE 0 END) AS leased, e.way * (CASE WHEN e.stage = 'DUE' THEN e.quantity
                ELSE 0 END) AS shares, e.way * (CASE WHEN e.stage = 'ALLOCATED' AND f.copied THEN e.quantity
                ELSE 0 END) AS first_allocated, e.way * (CASE WHEN e.stage = 'LEASED' AND f.copied THEN
                e.quantity ELSE 0 END) AS first_leased, e.way * (CASE WHEN e.stage = 'DUE' AND NOT f.again
                THEN sign(e.quantity)::integer ELSE 0 END) AS vacated, e.way * (CASE WHEN e.stage = 'DUE'
                AND f.again THEN sign(e.quantity)::integer ELSE 0 END) AS again, e.way * e.reached AS
                received FROM (SELECT 1 AS way, n.* FROM added n) e LEFT JOIN flux_unitdescription d ON d.id
                = e.description_id CROSS JOIN LATERAL (SELECT CASE e.stage WHEN 'DUE' THEN
                flux_credits_again(e.id, e.ledger_id, e.holder_id, e.vacancy_id, e.quantity) END AS again,
                CASE WHEN e.stage IN ('ALLOCATED', 'LEASED') THEN flux_is_copied(e.ledger_id, e.vacancy_id)
                END AS copied OFFSET 0) f
        ) m
        GROUP BY m.ledger_id, m.holder_id, m.commune_id, m.month
        HAVING sum(m.due) <> 0 OR sum(m.carried) <> 0 OR sum(m.routed) <> 0 OR sum(m.awaiting) <> 0 OR
            sum(m.offered) <> 0 OR sum(m.designated) <> 0 OR sum(m.returned) <> 0 OR sum(m.lapsed) <> 0 OR
            sum(m.refused_applicant) <> 0 OR sum(m.refused_holder) <> 0 OR sum(m.refused_landlord) <> 0 OR
            sum(m.refused_committee) <> 0 OR sum(m.refused_unit) <> 0 OR sum(m.allocated) <> 0 OR sum(m.leased) <>
            0 OR sum(m.shares) <> 0 OR sum(m.first_allocated) <> 0 OR sum(m.first_leased) <> 0 OR sum(m.vacated)
            <> 0 OR sum(m.again) <> 0 OR sum(m.received) <> 0
        ORDER BY m.ledger_id, m.holder_id, m.commune_id, m.month
        ON CONFLICT (ledger_id, holder_id, commune_id, month) DO UPDATE SET
            due = kept.due + excluded.due, carried = kept.carried + excluded.carried, routed = kept.routed +
                excluded.routed, awaiting = kept.awaiting + excluded.awaiting, offered = kept.offered +
                excluded.offered, designated = kept.designated + excluded.designated, returned = kept.returned +
                excluded.returned, lapsed = kept.lapsed + excluded.lapsed, refused_applicant =
                kept.refused_applicant + excluded.refused_applicant, refused_holder = kept.refused_holder +
                excluded.refused_holder, refused_landlord = kept.refused_landlord + excluded.refused_landlord,
                refused_committee = kept.refused_committee + excluded.refused_committee, refused_unit =
                kept.refused_unit + excluded.refused_unit, allocated = kept.allocated + excluded.allocated, leased
                = kept.leased + excluded.leased, shares = kept.shares + excluded.shares, first_allocated =
                kept.first_allocated + excluded.first_allocated, first_leased = kept.first_leased +
                excluded.first_leased, vacated = kept.vacated + excluded.vacated, again = kept.again +
                excluded.again, received = kept.received + excluded.received;

        INSERT INTO flux_routingcount AS kept (holder_id, month, landlord_id, ledger_id, acting_id, kind,
            exercise, units)
        SELECT m.holder_id, m.month, m.landlord_id, m.ledger_id, m.acting_id, m.kind, m.exercise, sum(m.units)
        FROM (
            SELECT r.holder_id, date_trunc('month', r.routed_at AT TIME ZONE 'Europe/Paris')::date AS month,
                v.landlord_id, v.ledger_id, r.acting_id, v.kind, b.exercise, e.way * 1 AS units FROM
                flux_routing r JOIN flux_vacancy v ON v.id = r.vacancy_id JOIN (SELECT 1 AS way, n.* FROM
                added n) e ON e.vacancy_id = v.id AND e.holder_id = r.holder_id AND e.stage = 'ROUTED' JOIN
                flux_ledger b ON b.id = e.ledger_id AND b.kind = 'ORDINARY' WHERE r.closed_at IS NULL AND
                NOT EXISTS (SELECT 1 FROM flux_flowentry o JOIN flux_ledger y ON y.id = o.ledger_id AND
                y.kind = 'ORDINARY' AND y.exercise = b.exercise WHERE o.vacancy_id = e.vacancy_id AND
                o.holder_id = e.holder_id AND o.stage = 'ROUTED' AND o.id < e.id)
        ) m
        GROUP BY m.holder_id, m.month, m.landlord_id, m.ledger_id, m.acting_id, m.kind, m.exercise
        HAVING sum(m.units) <> 0
        ORDER BY m.holder_id, m.month, m.landlord_id, m.ledger_id, m.acting_id, m.kind, m.exercise
        ON CONFLICT (holder_id, month, landlord_id, ledger_id, acting_id, kind, exercise) DO UPDATE SET
            units = kept.units + excluded.units;
    END IF;

    IF TG_OP = 'UPDATE' THEN
        IF EXISTS (SELECT id, "acted_on", "description_id", "holder_id", "ledger_id", "quantity", "stage",
            "vacancy_id" FROM added EXCEPT SELECT id, "acted_on", "description_id", "holder_id", "ledger_id",
            "quantity", "stage", "vacancy_id" FROM removed) THEN
            INSERT INTO flux_flowcell AS kept (ledger_id, holder_id, year, commune_id, rooms, financing_code, in_qpv,
                construction_year, offered, designated, returned, lapsed, refused, allocated, leased)
            SELECT m.ledger_id, m.holder_id, m.year, m.commune_id, m.rooms, m.financing_code, m.in_qpv,
                m.construction_year, sum(m.offered), sum(m.designated), sum(m.returned), sum(m.lapsed),
                sum(m.refused), sum(m.allocated), sum(m.leased)
            FROM (
                SELECT e.ledger_id, e.holder_id, date_part('year', e.acted_on)::smallint AS year, d.commune_id,
                    d.rooms, d.financing_code, d.in_qpv, d.construction_year, e.way * (CASE WHEN e.stage =
                    'OFFERED' THEN e.quantity ELSE 0 END) AS offered, e.way * (CASE WHEN e.stage = 'DESIGNATED'
                    THEN e.quantity ELSE 0 END) AS designated, e.way * (CASE WHEN e.stage = 'RETURNED' THEN
                    e.quantity ELSE 0 END) AS returned, e.way * (CASE WHEN e.stage = 'LAPSED' THEN e.quantity
                    ELSE 0 END) AS lapsed, e.way * (CASE WHEN e.stage = 'REFUSED' THEN e.quantity ELSE 0 END) AS
                    refused, e.way * (CASE WHEN e.stage = 'ALLOCATED' THEN e.quantity ELSE 0 END) AS allocated,
                    e.way * (CASE WHEN e.stage = 'LEASED' THEN e.quantity ELSE 0 END) AS leased FROM (SELECT - 1
                    AS way, o.* FROM removed o UNION ALL SELECT 1, n.* FROM added n) e JOIN flux_vacancy v ON
                    v.id = e.vacancy_id AND v.ledger_id = e.ledger_id JOIN flux_unitdescription d ON d.id =
                    e.description_id WHERE e.stage IN ('OFFERED', 'DESIGNATED', 'RETURNED', 'LAPSED', 'REFUSED',
                    'ALLOCATED', 'LEASED')
            ) m
            GROUP BY m.ledger_id, m.holder_id, m.year, m.commune_id, m.rooms, m.financing_code, m.in_qpv,
                m.construction_year
            HAVING sum(m.offered) <> 0 OR sum(m.designated) <> 0 OR sum(m.returned) <> 0 OR sum(m.lapsed) <> 0 OR
                sum(m.refused) <> 0 OR sum(m.allocated) <> 0 OR sum(m.leased) <> 0
            ORDER BY m.ledger_id, m.holder_id, m.year, m.commune_id, m.rooms, m.financing_code, m.in_qpv,
                m.construction_year
            ON CONFLICT (ledger_id, holder_id, year, commune_id, rooms, financing_code, in_qpv, construction_year) DO
                UPDATE SET
                offered = kept.offered + excluded.offered, designated = kept.designated + excluded.designated,
                    returned = kept.returned + excluded.returned, lapsed = kept.lapsed + excluded.lapsed, refused =
                    kept.refused + excluded.refused, allocated = kept.allocated + excluded.allocated, leased =
                    kept.leased + excluded.leased;
        END IF;

        IF EXISTS (SELECT id, "description_id", "holder_id", "ledger_id", "on", "quantity", "reached", "side",
            "stage", "vacancy_id" FROM added EXCEPT SELECT id, "description_id", "holder_id", "ledger_id", "on",
            "quantity", "reached", "side", "stage", "vacancy_id" FROM removed) THEN
            INSERT INTO flux_accountmonth AS kept (ledger_id, holder_id, commune_id, month, due, carried, routed,
                awaiting, offered, designated, returned, lapsed, refused_applicant, refused_holder, refused_landlord,
                refused_committee, refused_unit, allocated, leased, shares, first_allocated, first_leased, vacated,
                again, received)
            SELECT m.ledger_id, m.holder_id, m.commune_id, m.month, sum(m.due), sum(m.carried), sum(m.routed),
                sum(m.awaiting), sum(m.offered), sum(m.designated), sum(m.returned), sum(m.lapsed),
                sum(m.refused_applicant), sum(m.refused_holder), sum(m.refused_landlord), sum(m.refused_committee),
                sum(m.refused_unit), sum(m.allocated), sum(m.leased), sum(m.shares), sum(m.first_allocated),
                sum(m.first_leased), sum(m.vacated), sum(m.again), sum(m.received)
            FROM (
                SELECT e.ledger_id, e.holder_id, d.commune_id, date_trunc('month', e."on")::date AS month, e.way
                    * (CASE WHEN e.stage IN ('DUE', 'CARRIED', 'FORFEITED', 'TRANSFERRED') THEN e.quantity ELSE
                    0 END) AS due, e.way * (CASE WHEN e.stage = 'CARRIED' THEN e.quantity ELSE 0 END) AS
                    carried, e.way * (CASE WHEN e.stage = 'ROUTED' THEN e.quantity ELSE 0 END) AS routed, e.way
                    * (CASE WHEN e.stage = 'AWAITING' THEN e.quantity ELSE 0 END) AS awaiting, e.way * (CASE
                    WHEN e.stage = 'OFFERED' THEN e.quantity ELSE 0 END) AS offered, e.way * (CASE WHEN e.stage
                    = 'DESIGNATED' THEN e.quantity ELSE 0 END) AS designated, e.way * (CASE WHEN e.stage =
                    'RETURNED' THEN e.quantity ELSE 0 END) AS returned, e.way * (CASE WHEN e.stage = 'LAPSED'
                    THEN e.quantity ELSE 0 END) AS lapsed, e.way * (CASE WHEN e.stage = 'REFUSED' AND e.side =
                    'APPLICANT' THEN e.quantity ELSE 0 END) AS refused_applicant, e.way * (CASE WHEN e.stage =
                    'REFUSED' AND e.side = 'HOLDER' THEN e.quantity ELSE 0 END) AS refused_holder, e.way * (CASE
                    WHEN e.stage = 'REFUSED' AND e.side = 'LANDLORD' THEN e.quantity ELSE 0 END) AS
                    refused_landlord, e.way * (CASE WHEN e.stage = 'REFUSED' AND e.side = 'COMMITTEE' THEN
                    e.quantity ELSE 0 END) AS refused_committee, e.way * (CASE WHEN e.stage = 'REFUSED' AND
                    e.side = 'UNIT' THEN e.quantity ELSE 0 END) AS refused_unit, e.way * (CASE WHEN e.stage =
                    'ALLOCATED' THEN e.quantity ELSE 0 END) AS allocated, e.way * (CASE WHEN e.stage = 'LEASED'
                    THEN e.quantity ELSE 0 END) AS leased, e.way * (CASE WHEN e.stage = 'DUE' THEN e.quantity
                    ELSE 0 END) AS shares, e.way * (CASE WHEN e.stage = 'ALLOCATED' AND f.copied THEN e.quantity
                    ELSE 0 END) AS first_allocated, e.way * (CASE WHEN e.stage = 'LEASED' AND f.copied THEN
                    e.quantity ELSE 0 END) AS first_leased, e.way * (CASE WHEN e.stage = 'DUE' AND NOT f.again
                    THEN sign(e.quantity)::integer ELSE 0 END) AS vacated, e.way * (CASE WHEN e.stage = 'DUE'
                    AND f.again THEN sign(e.quantity)::integer ELSE 0 END) AS again, e.way * e.reached AS
                    received FROM (SELECT - 1 AS way, o.* FROM removed o UNION ALL SELECT 1, n.* FROM added n) e
                    LEFT JOIN flux_unitdescription d ON d.id = e.description_id CROSS JOIN LATERAL (SELECT CASE
                    e.stage WHEN 'DUE' THEN flux_credits_again(e.id, e.ledger_id, e.holder_id, e.vacancy_id,
                    e.quantity) END AS again, CASE WHEN e.stage IN ('ALLOCATED', 'LEASED') THEN
                    flux_is_copied(e.ledger_id, e.vacancy_id) END AS copied OFFSET 0) f
            ) m
            GROUP BY m.ledger_id, m.holder_id, m.commune_id, m.month
            HAVING sum(m.due) <> 0 OR sum(m.carried) <> 0 OR sum(m.routed) <> 0 OR sum(m.awaiting) <> 0 OR
                sum(m.offered) <> 0 OR sum(m.designated) <> 0 OR sum(m.returned) <> 0 OR sum(m.lapsed) <> 0 OR
                sum(m.refused_applicant) <> 0 OR sum(m.refused_holder) <> 0 OR sum(m.refused_landlord) <> 0 OR
                sum(m.refused_committee) <> 0 OR sum(m.refused_unit) <> 0 OR sum(m.allocated) <> 0 OR sum(m.leased) <>
                0 OR sum(m.shares) <> 0 OR sum(m.first_allocated) <> 0 OR sum(m.first_leased) <> 0 OR sum(m.vacated)
                <> 0 OR sum(m.again) <> 0 OR sum(m.received) <> 0
            ORDER BY m.ledger_id, m.holder_id, m.commune_id, m.month
            ON CONFLICT (ledger_id, holder_id, commune_id, month) DO UPDATE SET
                due = kept.due + excluded.due, carried = kept.carried + excluded.carried, routed = kept.routed +
                    excluded.routed, awaiting = kept.awaiting + excluded.awaiting, offered = kept.offered +
                    excluded.offered, designated = kept.designated + excluded.designated, returned = kept.returned +
                    excluded.returned, lapsed = kept.lapsed + excluded.lapsed, refused_applicant =
                    kept.refused_applicant + excluded.refused_applicant, refused_holder = kept.refused_holder +
                    excluded.refused_holder, refused_landlord = kept.refused_landlord + excluded.refused_landlord,
                    refused_committee = kept.refused_committee + excluded.refused_committee, refused_unit =
                    kept.refused_unit + excluded.refused_unit, allocated = kept.allocated + excluded.allocated, leased
                    = kept.leased + excluded.leased, shares = kept.shares + excluded.shares, first_allocated =
                    kept.first_allocated + excluded.first_allocated, first_leased = kept.first_leased +
                    excluded.first_leased, vacated = kept.vacated + excluded.vacated, again = kept.again +
                    excluded.again, received = kept.received + excluded.received;
        END IF;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER counted_insert AFTER INSERT ON flux_flowentry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION flux_counts_of_flowentry();

CREATE TRIGGER counted_update AFTER UPDATE ON flux_flowentry
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION flux_counts_of_flowentry();

-- What a statement on flux_recommendation moves of flux_flowcount, flux_awaiteddecision.
CREATE FUNCTION flux_counts_of_recommendation() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO flux_flowcount AS kept (landlord_id, commune_id, month, kind, exclusion, units, decided)
        SELECT m.landlord_id, m.commune_id, m.month, m.kind, m.exclusion, sum(m.units), sum(m.decided)
        FROM (
            SELECT v.landlord_id, d.commune_id, date_trunc('month', v.registered_on)::date AS month, v.kind,
                v.exclusion, 0 AS units, r.way * 1 AS decided FROM flux_vacancy v JOIN flux_unitdescription
                d ON d.id = v.description_id JOIN (SELECT 1 AS way, n.* FROM added n) r ON r.vacancy_id =
                v.id AND r.attempt = 1 WHERE v.cancelled_at IS NULL
        ) m
        GROUP BY m.landlord_id, m.commune_id, m.month, m.kind, m.exclusion
        HAVING sum(m.units) <> 0 OR sum(m.decided) <> 0
        ORDER BY m.landlord_id, m.commune_id, m.month, m.kind, m.exclusion
        ON CONFLICT (landlord_id, commune_id, month, kind, exclusion) DO UPDATE SET
            units = kept.units + excluded.units, decided = kept.decided + excluded.decided;

        PERFORM flux_name_awaited(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT x.vacancy_id AS id FROM added x) r
            ORDER BY r.id) f;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER counted_insert AFTER INSERT ON flux_recommendation
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION flux_counts_of_recommendation();

-- What a statement on flux_routing moves of flux_routingcount, flux_choicecount, flux_awaiteddecision.
CREATE FUNCTION flux_counts_of_routing() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO flux_routingcount AS kept (holder_id, month, landlord_id, ledger_id, acting_id, kind,
            exercise, units)
        SELECT m.holder_id, m.month, m.landlord_id, m.ledger_id, m.acting_id, m.kind, m.exercise, sum(m.units)
        FROM (
            SELECT r.holder_id, date_trunc('month', r.routed_at AT TIME ZONE 'Europe/Paris')::date AS month,
                v.landlord_id, v.ledger_id, r.acting_id, v.kind, NULL::smallint AS exercise, r.way * 1 AS
                units FROM (SELECT 1 AS way, n.* FROM added n) r JOIN flux_vacancy v ON v.id = r.vacancy_id
                WHERE r.closed_at IS NULL
            UNION ALL
            SELECT r.holder_id, date_trunc('month', r.routed_at AT TIME ZONE 'Europe/Paris')::date AS month,
                v.landlord_id, v.ledger_id, r.acting_id, v.kind, b.exercise, r.way * 1 AS units FROM (SELECT
                1 AS way, n.* FROM added n) r JOIN flux_vacancy v ON v.id = r.vacancy_id JOIN flux_flowentry
                e ON e.vacancy_id = v.id AND e.holder_id = r.holder_id AND e.stage = 'ROUTED' JOIN
                flux_ledger b ON b.id = e.ledger_id AND b.kind = 'ORDINARY' WHERE r.closed_at IS NULL AND
                NOT EXISTS (SELECT 1 FROM flux_flowentry o JOIN flux_ledger y ON y.id = o.ledger_id AND
                y.kind = 'ORDINARY' AND y.exercise = b.exercise WHERE o.vacancy_id = e.vacancy_id AND
                o.holder_id = e.holder_id AND o.stage = 'ROUTED' AND o.id < e.id)
        ) m
        GROUP BY m.holder_id, m.month, m.landlord_id, m.ledger_id, m.acting_id, m.kind, m.exercise
        HAVING sum(m.units) <> 0
        ORDER BY m.holder_id, m.month, m.landlord_id, m.ledger_id, m.acting_id, m.kind, m.exercise
        ON CONFLICT (holder_id, month, landlord_id, ledger_id, acting_id, kind, exercise) DO UPDATE SET
            units = kept.units + excluded.units;

        INSERT INTO flux_choicecount AS kept (ledger_id, holder_id, motive, routed_by_id, routings)
        SELECT m.ledger_id, m.holder_id, m.motive, m.routed_by_id, sum(m.routings)
        FROM (
            SELECT n.ledger_id, r.holder_id, r.motive, r.routed_by_id, r.way * 1 AS routings, r.id AS
                first_written FROM (SELECT 1 AS way, n.* FROM added n) r JOIN flux_recommendation n ON n.id
                = r.recommendation_id
        ) m
        GROUP BY m.ledger_id, m.holder_id, m.motive, m.routed_by_id
        HAVING sum(m.routings) <> 0
        ORDER BY m.ledger_id, min(m.first_written), m.ledger_id, m.holder_id, m.motive, m.routed_by_id
        ON CONFLICT (ledger_id, holder_id, motive, routed_by_id) DO UPDATE SET
            routings = kept.routings + excluded.routings;

        PERFORM flux_name_awaited(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT x.vacancy_id AS id FROM added x
            WHERE x.recommendation_id IS NOT NULL) r ORDER BY r.id) f;
    END IF;

    IF TG_OP = 'UPDATE' THEN
        IF EXISTS (SELECT id, "acting_id", "closed_at", "holder_id", "routed_at", "vacancy_id" FROM added EXCEPT
            SELECT id, "acting_id", "closed_at", "holder_id", "routed_at", "vacancy_id" FROM removed) THEN
            INSERT INTO flux_routingcount AS kept (holder_id, month, landlord_id, ledger_id, acting_id, kind,
                exercise, units)
            SELECT m.holder_id, m.month, m.landlord_id, m.ledger_id, m.acting_id, m.kind, m.exercise, sum(m.units)
            FROM (
                SELECT r.holder_id, date_trunc('month', r.routed_at AT TIME ZONE 'Europe/Paris')::date AS month,
                    v.landlord_id, v.ledger_id, r.acting_id, v.kind, NULL::smallint AS exercise, r.way * 1 AS
                    units FROM (SELECT - 1 AS way, o.* FROM removed o UNION ALL SELECT 1, n.* FROM added n) r
                    JOIN flux_vacancy v ON v.id = r.vacancy_id WHERE r.closed_at IS NULL
                UNION ALL
                SELECT r.holder_id, date_trunc('month', r.routed_at AT TIME ZONE 'Europe/Paris')::date AS month,
                    v.landlord_id, v.ledger_id, r.acting_id, v.kind, b.exercise, r.way * 1 AS units FROM (SELECT
                    - 1 AS way, o.* FROM removed o UNION ALL SELECT 1, n.* FROM added n) r JOIN flux_vacancy v
                    ON v.id = r.vacancy_id JOIN flux_flowentry e ON e.vacancy_id = v.id AND e.holder_id =
                    r.holder_id AND e.stage = 'ROUTED' JOIN flux_ledger b ON b.id = e.ledger_id AND b.kind =
                    'ORDINARY' WHERE r.closed_at IS NULL AND NOT EXISTS (SELECT 1 FROM flux_flowentry o JOIN
                    flux_ledger y ON y.id = o.ledger_id AND y.kind = 'ORDINARY' AND y.exercise = b.exercise
                    WHERE o.vacancy_id = e.vacancy_id AND o.holder_id = e.holder_id AND o.stage = 'ROUTED' AND
                    o.id < e.id)
            ) m
            GROUP BY m.holder_id, m.month, m.landlord_id, m.ledger_id, m.acting_id, m.kind, m.exercise
            HAVING sum(m.units) <> 0
            ORDER BY m.holder_id, m.month, m.landlord_id, m.ledger_id, m.acting_id, m.kind, m.exercise
            ON CONFLICT (holder_id, month, landlord_id, ledger_id, acting_id, kind, exercise) DO UPDATE SET
                units = kept.units + excluded.units;
        END IF;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER counted_insert AFTER INSERT ON flux_routing
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION flux_counts_of_routing();

CREATE TRIGGER counted_update AFTER UPDATE ON flux_routing
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION flux_counts_of_routing();

-- What a statement on flux_vacancy moves of flux_flowcount, flux_placecount, flux_routingcount, flux_awaiteddecision.
CREATE FUNCTION flux_counts_of_vacancy() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO flux_flowcount AS kept (landlord_id, commune_id, month, kind, exclusion, units, decided)
        SELECT m.landlord_id, m.commune_id, m.month, m.kind, m.exclusion, sum(m.units), sum(m.decided)
        FROM (
            SELECT v.landlord_id, d.commune_id, date_trunc('month', v.registered_on)::date AS month, v.kind,
                v.exclusion, v.way * 1 AS units, 0 AS decided FROM (SELECT 1 AS way, n.* FROM added n) v
                JOIN flux_unitdescription d ON d.id = v.description_id WHERE v.cancelled_at IS NULL
        ) m
        GROUP BY m.landlord_id, m.commune_id, m.month, m.kind, m.exclusion
        HAVING sum(m.units) <> 0 OR sum(m.decided) <> 0
        ORDER BY m.landlord_id, m.commune_id, m.month, m.kind, m.exclusion
        ON CONFLICT (landlord_id, commune_id, month, kind, exclusion) DO UPDATE SET
            units = kept.units + excluded.units, decided = kept.decided + excluded.decided;

        INSERT INTO flux_placecount AS kept (landlord_id, commune_id, year, ledger_id, units)
        SELECT m.landlord_id, m.commune_id, m.year, m.ledger_id, sum(m.units)
        FROM (
            SELECT v.landlord_id, v.commune_id, date_part('year', v.registered_on)::smallint AS year,
                v.ledger_id, v.way * 1 AS units FROM (SELECT 1 AS way, n.* FROM added n) v WHERE
                v.cancelled_at IS NULL
        ) m
        GROUP BY m.landlord_id, m.commune_id, m.year, m.ledger_id
        HAVING sum(m.units) <> 0
        ORDER BY m.landlord_id, m.commune_id, m.year, m.ledger_id
        ON CONFLICT (landlord_id, commune_id, year, ledger_id) DO UPDATE SET
            units = kept.units + excluded.units;

        PERFORM flux_name_awaited(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT x.id AS id FROM added x WHERE
            x.kind = 'IN_FLOW' AND x.cancelled_at IS NULL) r ORDER BY r.id) f;
    END IF;

    IF TG_OP = 'UPDATE' THEN
        IF EXISTS (SELECT id, "cancelled_at", "description_id", "exclusion", "kind", "landlord_id",
            "registered_on" FROM added EXCEPT SELECT id, "cancelled_at", "description_id", "exclusion", "kind",
            "landlord_id", "registered_on" FROM removed) THEN
            INSERT INTO flux_flowcount AS kept (landlord_id, commune_id, month, kind, exclusion, units, decided)
            SELECT m.landlord_id, m.commune_id, m.month, m.kind, m.exclusion, sum(m.units), sum(m.decided)
            FROM (
                SELECT v.landlord_id, d.commune_id, date_trunc('month', v.registered_on)::date AS month, v.kind,
                    v.exclusion, v.way * 1 AS units, 0 AS decided FROM (SELECT - 1 AS way, o.* FROM removed o
                    UNION ALL SELECT 1, n.* FROM added n) v JOIN flux_unitdescription d ON d.id =
                    v.description_id WHERE v.cancelled_at IS NULL
                UNION ALL
                SELECT v.landlord_id, d.commune_id, date_trunc('month', v.registered_on)::date AS month, v.kind,
                    v.exclusion, 0 AS units, v.way * 1 AS decided FROM (SELECT - 1 AS way, o.* FROM removed o
                    UNION ALL SELECT 1, n.* FROM added n) v JOIN flux_unitdescription d ON d.id =
                    v.description_id JOIN flux_recommendation r ON r.vacancy_id = v.id AND r.attempt = 1 WHERE
                    v.cancelled_at IS NULL
            ) m
            GROUP BY m.landlord_id, m.commune_id, m.month, m.kind, m.exclusion
            HAVING sum(m.units) <> 0 OR sum(m.decided) <> 0
            ORDER BY m.landlord_id, m.commune_id, m.month, m.kind, m.exclusion
            ON CONFLICT (landlord_id, commune_id, month, kind, exclusion) DO UPDATE SET
                units = kept.units + excluded.units, decided = kept.decided + excluded.decided;
        END IF;

        IF EXISTS (SELECT id, "cancelled_at", "commune_id", "landlord_id", "ledger_id", "registered_on" FROM added
            EXCEPT SELECT id, "cancelled_at", "commune_id", "landlord_id", "ledger_id", "registered_on" FROM
            removed) THEN
            INSERT INTO flux_placecount AS kept (landlord_id, commune_id, year, ledger_id, units)
            SELECT m.landlord_id, m.commune_id, m.year, m.ledger_id, sum(m.units)
            FROM (
                SELECT v.landlord_id, v.commune_id, date_part('year', v.registered_on)::smallint AS year,
                    v.ledger_id, v.way * 1 AS units FROM (SELECT - 1 AS way, o.* FROM removed o UNION ALL SELECT
                    1, n.* FROM added n) v WHERE v.cancelled_at IS NULL
            ) m
            GROUP BY m.landlord_id, m.commune_id, m.year, m.ledger_id
            HAVING sum(m.units) <> 0
            ORDER BY m.landlord_id, m.commune_id, m.year, m.ledger_id
            ON CONFLICT (landlord_id, commune_id, year, ledger_id) DO UPDATE SET
                units = kept.units + excluded.units;
        END IF;

        IF EXISTS (SELECT id, "kind", "landlord_id", "ledger_id" FROM added EXCEPT SELECT id, "kind",
            "landlord_id", "ledger_id" FROM removed) THEN
            INSERT INTO flux_routingcount AS kept (holder_id, month, landlord_id, ledger_id, acting_id, kind,
                exercise, units)
            SELECT m.holder_id, m.month, m.landlord_id, m.ledger_id, m.acting_id, m.kind, m.exercise, sum(m.units)
            FROM (
                SELECT r.holder_id, date_trunc('month', r.routed_at AT TIME ZONE 'Europe/Paris')::date AS month,
                    v.landlord_id, v.ledger_id, r.acting_id, v.kind, NULL::smallint AS exercise, v.way * 1 AS
                    units FROM flux_routing r JOIN (SELECT - 1 AS way, o.* FROM removed o UNION ALL SELECT 1,
                    n.* FROM added n) v ON v.id = r.vacancy_id WHERE r.closed_at IS NULL
                UNION ALL
                SELECT r.holder_id, date_trunc('month', r.routed_at AT TIME ZONE 'Europe/Paris')::date AS month,
                    v.landlord_id, v.ledger_id, r.acting_id, v.kind, b.exercise, v.way * 1 AS units FROM
                    flux_routing r JOIN (SELECT - 1 AS way, o.* FROM removed o UNION ALL SELECT 1, n.* FROM
                    added n) v ON v.id = r.vacancy_id JOIN flux_flowentry e ON e.vacancy_id = v.id AND
                    e.holder_id = r.holder_id AND e.stage = 'ROUTED' JOIN flux_ledger b ON b.id = e.ledger_id
                    AND b.kind = 'ORDINARY' WHERE r.closed_at IS NULL AND NOT EXISTS (SELECT 1 FROM
                    flux_flowentry o JOIN flux_ledger y ON y.id = o.ledger_id AND y.kind = 'ORDINARY' AND
                    y.exercise = b.exercise WHERE o.vacancy_id = e.vacancy_id AND o.holder_id = e.holder_id AND
                    o.stage = 'ROUTED' AND o.id < e.id)
            ) m
            GROUP BY m.holder_id, m.month, m.landlord_id, m.ledger_id, m.acting_id, m.kind, m.exercise
            HAVING sum(m.units) <> 0
            ORDER BY m.holder_id, m.month, m.landlord_id, m.ledger_id, m.acting_id, m.kind, m.exercise
            ON CONFLICT (holder_id, month, landlord_id, ledger_id, acting_id, kind, exercise) DO UPDATE SET
                units = kept.units + excluded.units;
        END IF;

        PERFORM flux_name_awaited(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT x.id AS id FROM ((SELECT id,
            "cancelled_at", "kind" FROM added EXCEPT SELECT id, "cancelled_at", "kind" FROM removed) UNION ALL
            (SELECT id, "cancelled_at", "kind" FROM removed EXCEPT SELECT id, "cancelled_at", "kind" FROM added))
            x) r ORDER BY r.id) f;
    END IF;

    IF TG_OP = 'DELETE' THEN
        INSERT INTO flux_flowcount AS kept (landlord_id, commune_id, month, kind, exclusion, units, decided)
        SELECT m.landlord_id, m.commune_id, m.month, m.kind, m.exclusion, sum(m.units), sum(m.decided)
        FROM (
            SELECT v.landlord_id, d.commune_id, date_trunc('month', v.registered_on)::date AS month, v.kind,
                v.exclusion, v.way * 1 AS units, 0 AS decided FROM (SELECT - 1 AS way, o.* FROM removed o) v
                JOIN flux_unitdescription d ON d.id = v.description_id WHERE v.cancelled_at IS NULL
        ) m
        GROUP BY m.landlord_id, m.commune_id, m.month, m.kind, m.exclusion
        HAVING sum(m.units) <> 0 OR sum(m.decided) <> 0
        ORDER BY m.landlord_id, m.commune_id, m.month, m.kind, m.exclusion
        ON CONFLICT (landlord_id, commune_id, month, kind, exclusion) DO UPDATE SET
            units = kept.units + excluded.units, decided = kept.decided + excluded.decided;

        INSERT INTO flux_placecount AS kept (landlord_id, commune_id, year, ledger_id, units)
        SELECT m.landlord_id, m.commune_id, m.year, m.ledger_id, sum(m.units)
        FROM (
            SELECT v.landlord_id, v.commune_id, date_part('year', v.registered_on)::smallint AS year,
                v.ledger_id, v.way * 1 AS units FROM (SELECT - 1 AS way, o.* FROM removed o) v WHERE
                v.cancelled_at IS NULL
        ) m
        GROUP BY m.landlord_id, m.commune_id, m.year, m.ledger_id
        HAVING sum(m.units) <> 0
        ORDER BY m.landlord_id, m.commune_id, m.year, m.ledger_id
        ON CONFLICT (landlord_id, commune_id, year, ledger_id) DO UPDATE SET
            units = kept.units + excluded.units;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER counted_insert AFTER INSERT ON flux_vacancy
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION flux_counts_of_vacancy();

CREATE TRIGGER counted_update AFTER UPDATE ON flux_vacancy
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION flux_counts_of_vacancy();

CREATE TRIGGER counted_delete AFTER DELETE ON flux_vacancy
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT
    EXECUTE FUNCTION flux_counts_of_vacancy();
