-- Written by `manage.py make_counts` from what is declared (reservations/counting.py).

DROP TRIGGER counted ON attributions_lease;

DROP TRIGGER counted_again ON attributions_lease;

DROP TRIGGER counted_at_term ON attributions_lease;

DROP FUNCTION attributions_count_signed();

DROP TRIGGER leases_counted_again ON flux_vacancy;

DROP FUNCTION attributions_count_moved();

DROP TRIGGER leases_counted ON flux_routing;

DROP TRIGGER leases_counted_again ON flux_routing;

DROP FUNCTION attributions_count_routed();

DROP FUNCTION attributions_count_lease(flux_vacancy,attributions_lease,bigint,bigint,integer);

DROP TRIGGER readers_named ON attributions_application_organisations;

DROP TRIGGER readers_named ON attributions_proposal;

DROP TRIGGER readers_named_again ON attributions_proposal;

DROP FUNCTION attributions_follow_readers();

DROP TRIGGER readers_passed ON flux_vacancy;

DROP FUNCTION attributions_pass_readers();

DROP TRIGGER readers_forgotten ON attributions_application;

DROP FUNCTION attributions_forget_readers();

DROP TRIGGER staged ON attributions_lease;

DROP TRIGGER staged_again ON attributions_lease;

DROP TRIGGER staged ON attributions_proposal;

DROP TRIGGER staged_again ON attributions_proposal;

DROP TRIGGER staged ON flux_flowentry;

DROP TRIGGER staged ON flux_routing;

DROP TRIGGER staged_again ON flux_routing;

DROP FUNCTION attributions_follow_stage();

DROP TRIGGER staged ON attributions_casedecision;

DROP TRIGGER staged_again ON attributions_casedecision;

DROP TRIGGER staged ON attributions_conditionmet;

DROP FUNCTION attributions_follow_decision();

DROP TRIGGER staged ON flux_vacancy;

DROP TRIGGER staged_again ON flux_vacancy;

DROP FUNCTION attributions_follow_vacancy();

DROP TRIGGER staged_again ON flux_unit;

DROP FUNCTION attributions_move_stages();

DROP TRIGGER staged_again ON reservations_convention;

DROP FUNCTION attributions_follow_management();

DROP TRIGGER spanned ON attributions_agendaitem;

DROP TRIGGER spanned_again ON attributions_agendaitem;

DROP TRIGGER spanned ON attributions_casedecision;

DROP TRIGGER spanned_again ON attributions_committeesession;

DROP TRIGGER spanned ON attributions_designation;

DROP TRIGGER spanned ON attributions_lease;

DROP TRIGGER spanned_again ON attributions_lease;

DROP TRIGGER spanned ON attributions_offer;

DROP TRIGGER spanned_again ON attributions_offer;

DROP TRIGGER spanned ON attributions_proposal;

DROP TRIGGER spanned_again ON attributions_proposal;

DROP TRIGGER spanned ON flux_routing;

DROP TRIGGER spanned_again ON flux_routing;

DROP TRIGGER spanned ON flux_vacancy;

DROP TRIGGER spanned_again ON flux_vacancy;

DROP FUNCTION attributions_follow_spans();

-- What a statement on attributions_agendaitem moves of attributions_spancount.
CREATE FUNCTION attributions_counts_of_agendaitem() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM attributions_fold_spans(f.ids) FROM (SELECT array_agg(r.id ORDER BY r.id) AS ids FROM (SELECT
            DISTINCT x.vacancy_id AS id FROM added x) r) f WHERE f.ids IS NOT NULL;
    END IF;

    IF TG_OP = 'UPDATE' THEN
        PERFORM attributions_fold_spans(f.ids) FROM (SELECT array_agg(r.id ORDER BY r.id) AS ids FROM (SELECT
            DISTINCT x.vacancy_id AS id FROM ((SELECT id, "postponed_at", "vacancy_id" FROM added EXCEPT SELECT
            id, "postponed_at", "vacancy_id" FROM removed) UNION ALL (SELECT id, "postponed_at", "vacancy_id" FROM
            removed EXCEPT SELECT id, "postponed_at", "vacancy_id" FROM added)) x) r) f WHERE f.ids IS NOT NULL;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER counted_insert AFTER INSERT ON attributions_agendaitem
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_agendaitem();

CREATE TRIGGER counted_update AFTER UPDATE ON attributions_agendaitem
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_agendaitem();

-- What a statement on attributions_application moves of attributions_requestreader.
CREATE FUNCTION attributions_counts_of_application() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM attributions_name_readers(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT x.id AS id FROM ((SELECT
            id, "pseudonymised_on" FROM added EXCEPT SELECT id, "pseudonymised_on" FROM removed) UNION ALL (SELECT
            id, "pseudonymised_on" FROM removed EXCEPT SELECT id, "pseudonymised_on" FROM added)) x) r ORDER BY
            r.id) f;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER counted_update AFTER UPDATE ON attributions_application
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_application();

-- What a statement on attributions_application_organisations moves of attributions_requestreader.
CREATE FUNCTION attributions_counts_of_application_organisations() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM attributions_name_readers(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT x.application_id AS id
            FROM added x) r ORDER BY r.id) f;
    END IF;

    IF TG_OP = 'UPDATE' THEN
        PERFORM attributions_name_readers(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT x.application_id AS id
            FROM ((SELECT id, "application_id" FROM added EXCEPT SELECT id, "application_id" FROM removed) UNION
            ALL (SELECT id, "application_id" FROM removed EXCEPT SELECT id, "application_id" FROM added)) x) r
            ORDER BY r.id) f;
    END IF;

    IF TG_OP = 'DELETE' THEN
        PERFORM attributions_name_readers(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT x.application_id AS id
            FROM removed x) r ORDER BY r.id) f;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER counted_insert AFTER INSERT ON attributions_application_organisations
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_application_organisations();

CREATE TRIGGER counted_update AFTER UPDATE ON attributions_application_organisations
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_application_organisations();

CREATE TRIGGER counted_delete AFTER DELETE ON attributions_application_organisations
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_application_organisations();

-- What a statement on attributions_casedecision moves of attributions_unitstage, attributions_spancount.
CREATE FUNCTION attributions_counts_of_casedecision() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM attributions_put_at_stage(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT p.vacancy_id AS id FROM
            added x JOIN attributions_proposal p ON p.id = x.proposal_id WHERE x.kind = 'CONDITIONAL') r ORDER BY
            r.id) f;

        PERFORM attributions_fold_spans(f.ids) FROM (SELECT array_agg(r.id ORDER BY r.id) AS ids FROM (SELECT
            DISTINCT i.vacancy_id AS id FROM added x JOIN attributions_agendaitem i ON i.id = x.item_id) r) f
            WHERE f.ids IS NOT NULL;
    END IF;

    IF TG_OP = 'UPDATE' THEN
        PERFORM attributions_put_at_stage(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT p.vacancy_id AS id FROM
            ((SELECT id, "proposal_id", "superseded_at" FROM added EXCEPT SELECT id, "proposal_id",
            "superseded_at" FROM removed) UNION ALL (SELECT id, "proposal_id", "superseded_at" FROM removed EXCEPT
            SELECT id, "proposal_id", "superseded_at" FROM added)) x JOIN attributions_proposal p ON p.id =
            x.proposal_id) r ORDER BY r.id) f;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER counted_insert AFTER INSERT ON attributions_casedecision
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_casedecision();

CREATE TRIGGER counted_update AFTER UPDATE ON attributions_casedecision
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_casedecision();

-- What a statement on attributions_committeesession moves of attributions_spancount.
CREATE FUNCTION attributions_counts_of_committeesession() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM attributions_fold_spans(f.ids) FROM (SELECT array_agg(r.id ORDER BY r.id) AS ids FROM (SELECT
            DISTINCT i.vacancy_id AS id FROM ((SELECT id, "held_at", "opened_at" FROM added EXCEPT SELECT id,
            "held_at", "opened_at" FROM removed) UNION ALL (SELECT id, "held_at", "opened_at" FROM removed EXCEPT
            SELECT id, "held_at", "opened_at" FROM added)) x JOIN attributions_agendaitem i ON i.session_id =
            x.id) r) f WHERE f.ids IS NOT NULL;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER counted_update AFTER UPDATE ON attributions_committeesession
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_committeesession();

-- What a statement on attributions_conditionmet moves of attributions_unitstage.
CREATE FUNCTION attributions_counts_of_conditionmet() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM attributions_put_at_stage(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT p.vacancy_id AS id FROM
            added x JOIN attributions_casedecision d ON d.id = x.decision_id JOIN attributions_proposal p ON p.id
            = d.proposal_id) r ORDER BY r.id) f;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER counted_insert AFTER INSERT ON attributions_conditionmet
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_conditionmet();

-- What a statement on attributions_designation moves of attributions_spancount.
CREATE FUNCTION attributions_counts_of_designation() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM attributions_fold_spans(f.ids) FROM (SELECT array_agg(r.id ORDER BY r.id) AS ids FROM (SELECT
            DISTINCT x.vacancy_id AS id FROM added x) r) f WHERE f.ids IS NOT NULL;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER counted_insert AFTER INSERT ON attributions_designation
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_designation();

-- What a statement on attributions_lease moves of attributions_leasecount, attributions_unitstage,
-- attributions_spancount.
CREATE FUNCTION attributions_counts_of_lease() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO attributions_leasecount AS kept (landlord_id, year, commune_id, place_id, fell, holder_id,
            acting_id, open_holder_id, open_acting_id, leases, outside_qpv, in_qpv, first_quartile, first_unknown,
            others, others_unknown, priority, priority_unknown, essential, essential_unknown, mobility, in_flow,
            in_mix, mix_others, mix_unknown, mix_unplaced)
        SELECT m.landlord_id, m.year, m.commune_id, m.place_id, m.fell, m.holder_id, m.acting_id,
            m.open_holder_id, m.open_acting_id, sum(m.leases), sum(m.outside_qpv), sum(m.in_qpv),
            sum(m.first_quartile), sum(m.first_unknown), sum(m.others), sum(m.others_unknown), sum(m.priority),
            sum(m.priority_unknown), sum(m.essential), sum(m.essential_unknown), sum(m.mobility), sum(m.in_flow),
            sum(m.in_mix), sum(m.mix_others), sum(m.mix_unknown), sum(m.mix_unplaced)
        FROM (
            SELECT v.landlord_id, date_part('year', l.signed_on)::smallint AS year, d.commune_id,
                v.commune_id AS place_id, date_part('year', v.registered_on)::smallint AS fell, l.holder_id,
                r.acting_id, NULL::bigint AS open_holder_id, NULL::bigint AS open_acting_id, l.way * (CASE
                WHEN true THEN 1 ELSE 0 END) AS leases, l.way * (CASE WHEN NOT l.in_qpv THEN 1 ELSE 0 END)
                AS outside_qpv, l.way * (CASE WHEN l.in_qpv THEN 1 ELSE 0 END) AS in_qpv, l.way * (CASE WHEN
                NOT l.in_qpv AND (l.income_quartile = 1 OR l.urban_renewal) THEN 1 ELSE 0 END) AS
                first_quartile, l.way * (CASE WHEN NOT l.in_qpv AND coalesce(l.income_quartile, 2) > 1 AND
                l.urban_renewal IS NOT TRUE AND (l.income_quartile IS NULL OR l.urban_renewal IS NULL) THEN
                1 ELSE 0 END) AS first_unknown, l.way * (CASE WHEN l.in_qpv AND l.income_quartile > 1 THEN 1
                ELSE 0 END) AS others, l.way * (CASE WHEN l.in_qpv AND l.income_quartile IS NULL THEN 1 ELSE
                0 END) AS others_unknown, l.way * (CASE WHEN l.has_priority THEN 1 ELSE 0 END) AS priority,
                l.way * (CASE WHEN l.has_priority IS NULL THEN 1 ELSE 0 END) AS priority_unknown, l.way *
                (CASE WHEN l.essential_worker THEN 1 ELSE 0 END) AS essential, l.way * (CASE WHEN
                l.essential_worker IS NULL THEN 1 ELSE 0 END) AS essential_unknown, l.way * (CASE WHEN
                v.exclusion = 'INTERNAL_TRANSFER' THEN 1 ELSE 0 END) AS mobility, l.way * (CASE WHEN v.kind
                = 'IN_FLOW' THEN 1 ELSE 0 END) AS in_flow, l.way * (CASE WHEN l.in_mix_residence THEN 1 ELSE
                0 END) AS in_mix, l.way * (CASE WHEN l.in_mix_residence AND l.income_quartile > 1 THEN 1
                ELSE 0 END) AS mix_others, l.way * (CASE WHEN l.in_mix_residence AND l.income_quartile IS
                NULL THEN 1 ELSE 0 END) AS mix_unknown, l.way * (CASE WHEN l.in_mix_residence IS NULL THEN 1
                ELSE 0 END) AS mix_unplaced FROM (SELECT 1 AS way, n.* FROM added n) l JOIN flux_vacancy v
                ON v.id = l.vacancy_id JOIN flux_unitdescription d ON d.id = v.description_id LEFT JOIN
                flux_routing r ON r.id = l.routing_id WHERE l.cancelled_at IS NULL AND v.cancelled_at IS
                NULL
            UNION ALL
            SELECT v.landlord_id, date_part('year', l.signed_on)::smallint AS year, d.commune_id,
                v.commune_id AS place_id, date_part('year', v.registered_on)::smallint AS fell, l.holder_id,
                r.acting_id, CASE s.side WHEN 1 THEN o.holder_id END AS open_holder_id, CASE s.side WHEN 1
                THEN o.acting_id END AS open_acting_id, l.way * (CASE WHEN true THEN s.side ELSE 0 END) AS
                leases, l.way * (CASE WHEN NOT l.in_qpv THEN s.side ELSE 0 END) AS outside_qpv, l.way *
                (CASE WHEN l.in_qpv THEN s.side ELSE 0 END) AS in_qpv, l.way * (CASE WHEN NOT l.in_qpv AND
                (l.income_quartile = 1 OR l.urban_renewal) THEN s.side ELSE 0 END) AS first_quartile, l.way
                * (CASE WHEN NOT l.in_qpv AND coalesce(l.income_quartile, 2) > 1 AND l.urban_renewal IS NOT
                TRUE AND (l.income_quartile IS NULL OR l.urban_renewal IS NULL) THEN s.side ELSE 0 END) AS
                first_unknown, l.way * (CASE WHEN l.in_qpv AND l.income_quartile > 1 THEN s.side ELSE 0 END)
                AS others, l.way * (CASE WHEN l.in_qpv AND l.income_quartile IS NULL THEN s.side ELSE 0 END)
                AS others_unknown, l.way * (CASE WHEN l.has_priority THEN s.side ELSE 0 END) AS priority,
                l.way * (CASE WHEN l.has_priority IS NULL THEN s.side ELSE 0 END) AS priority_unknown, l.way
                * (CASE WHEN l.essential_worker THEN s.side ELSE 0 END) AS essential, l.way * (CASE WHEN
                l.essential_worker IS NULL THEN s.side ELSE 0 END) AS essential_unknown, l.way * (CASE WHEN
                v.exclusion = 'INTERNAL_TRANSFER' THEN s.side ELSE 0 END) AS mobility, l.way * (CASE WHEN
                v.kind = 'IN_FLOW' THEN s.side ELSE 0 END) AS in_flow, l.way * (CASE WHEN l.in_mix_residence
                THEN s.side ELSE 0 END) AS in_mix, l.way * (CASE WHEN l.in_mix_residence AND
                l.income_quartile > 1 THEN s.side ELSE 0 END) AS mix_others, l.way * (CASE WHEN
                l.in_mix_residence AND l.income_quartile IS NULL THEN s.side ELSE 0 END) AS mix_unknown,
                l.way * (CASE WHEN l.in_mix_residence IS NULL THEN s.side ELSE 0 END) AS mix_unplaced FROM
                (SELECT 1 AS way, n.* FROM added n) l JOIN flux_vacancy v ON v.id = l.vacancy_id JOIN
                flux_unitdescription d ON d.id = v.description_id LEFT JOIN flux_routing r ON r.id =
                l.routing_id JOIN flux_routing o ON o.vacancy_id = v.id AND o.closed_at IS NULL CROSS JOIN
                (VALUES (-1), (1)) s (side) WHERE l.cancelled_at IS NULL AND v.cancelled_at IS NULL
        ) m
        GROUP BY m.landlord_id, m.year, m.commune_id, m.place_id, m.fell, m.holder_id, m.acting_id,
            m.open_holder_id, m.open_acting_id
        HAVING sum(m.leases) <> 0 OR sum(m.outside_qpv) <> 0 OR sum(m.in_qpv) <> 0 OR sum(m.first_quartile) <> 0
            OR sum(m.first_unknown) <> 0 OR sum(m.others) <> 0 OR sum(m.others_unknown) <> 0 OR sum(m.priority) <>
            0 OR sum(m.priority_unknown) <> 0 OR sum(m.essential) <> 0 OR sum(m.essential_unknown) <> 0 OR
            sum(m.mobility) <> 0 OR sum(m.in_flow) <> 0 OR sum(m.in_mix) <> 0 OR sum(m.mix_others) <> 0 OR
            sum(m.mix_unknown) <> 0 OR sum(m.mix_unplaced) <> 0
        ORDER BY m.landlord_id, m.year, m.commune_id, m.place_id, m.fell, m.holder_id, m.acting_id,
            m.open_holder_id, m.open_acting_id
        ON CONFLICT (landlord_id, year, commune_id, place_id, fell, holder_id, acting_id, open_holder_id,
            open_acting_id) DO UPDATE SET
            leases = kept.leases + excluded.leases, outside_qpv = kept.outside_qpv + excluded.outside_qpv, in_qpv
                = kept.in_qpv + excluded.in_qpv, first_quartile = kept.first_quartile + excluded.first_quartile,
                first_unknown = kept.first_unknown + excluded.first_unknown, others = kept.others +
                excluded.others, others_unknown = kept.others_unknown + excluded.others_unknown, priority =
                kept.priority + excluded.priority, priority_unknown = kept.priority_unknown +
                excluded.priority_unknown, essential = kept.essential + excluded.essential, essential_unknown =
                kept.essential_unknown + excluded.essential_unknown, mobility = kept.mobility + excluded.mobility,
                in_flow = kept.in_flow + excluded.in_flow, in_mix = kept.in_mix + excluded.in_mix, mix_others =
                kept.mix_others + excluded.mix_others, mix_unknown = kept.mix_unknown + excluded.mix_unknown,
                mix_unplaced = kept.mix_unplaced + excluded.mix_unplaced;

        PERFORM attributions_put_at_stage(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT x.vacancy_id AS id FROM
            added x) r ORDER BY r.id) f;

        PERFORM attributions_fold_spans(f.ids) FROM (SELECT array_agg(r.id ORDER BY r.id) AS ids FROM (SELECT
            DISTINCT x.vacancy_id AS id FROM added x) r) f WHERE f.ids IS NOT NULL;
    END IF;

    IF TG_OP = 'UPDATE' THEN
        IF EXISTS (SELECT id, "cancelled_at", "essential_worker", "has_priority", "holder_id", "in_mix_residence",
            "in_qpv", "income_quartile", "routing_id", "signed_on", "urban_renewal", "vacancy_id" FROM added
            EXCEPT SELECT id, "cancelled_at", "essential_worker", "has_priority", "holder_id", "in_mix_residence",
            "in_qpv", "income_quartile", "routing_id", "signed_on", "urban_renewal", "vacancy_id" FROM removed)
            THEN
            INSERT INTO attributions_leasecount AS kept (landlord_id, year, commune_id, place_id, fell, holder_id,
                acting_id, open_holder_id, open_acting_id, leases, outside_qpv, in_qpv, first_quartile, first_unknown,
                others, others_unknown, priority, priority_unknown, essential, essential_unknown, mobility, in_flow,
                in_mix, mix_others, mix_unknown, mix_unplaced)
            SELECT m.landlord_id, m.year, m.commune_id, m.place_id, m.fell, m.holder_id, m.acting_id,
                m.open_holder_id, m.open_acting_id, sum(m.leases), sum(m.outside_qpv), sum(m.in_qpv),
                sum(m.first_quartile), sum(m.first_unknown), sum(m.others), sum(m.others_unknown), sum(m.priority),
                sum(m.priority_unknown), sum(m.essential), sum(m.essential_unknown), sum(m.mobility), sum(m.in_flow),
                sum(m.in_mix), sum(m.mix_others), sum(m.mix_unknown), sum(m.mix_unplaced)
            FROM (
                SELECT v.landlord_id, date_part('year', l.signed_on)::smallint AS year, d.commune_id,
                    v.commune_id AS place_id, date_part('year', v.registered_on)::smallint AS fell, l.holder_id,
                    r.acting_id, NULL::bigint AS open_holder_id, NULL::bigint AS open_acting_id, l.way * (CASE
                    WHEN true THEN 1 ELSE 0 END) AS leases, l.way * (CASE WHEN NOT l.in_qpv THEN 1 ELSE 0 END)
                    AS outside_qpv, l.way * (CASE WHEN l.in_qpv THEN 1 ELSE 0 END) AS in_qpv, l.way * (CASE WHEN
                    NOT l.in_qpv AND (l.income_quartile = 1 OR l.urban_renewal) THEN 1 ELSE 0 END) AS
                    first_quartile, l.way * (CASE WHEN NOT l.in_qpv AND coalesce(l.income_quartile, 2) > 1 AND
                    l.urban_renewal IS NOT TRUE AND (l.income_quartile IS NULL OR l.urban_renewal IS NULL) THEN
                    1 ELSE 0 END) AS first_unknown, l.way * (CASE WHEN l.in_qpv AND l.income_quartile > 1 THEN 1
                    ELSE 0 END) AS others, l.way * (CASE WHEN l.in_qpv AND l.income_quartile IS NULL THEN 1 ELSE
                    0 END) AS others_unknown, l.way * (CASE WHEN l.has_priority THEN 1 ELSE 0 END) AS priority,
                    l.way * (CASE WHEN l.has_priority IS NULL THEN 1 ELSE 0 END) AS priority_unknown, l.way *
                    (CASE WHEN l.essential_worker THEN 1 ELSE 0 END) AS essential, l.way * (CASE WHEN
                    l.essential_worker IS NULL THEN 1 ELSE 0 END) AS essential_unknown, l.way * (CASE WHEN
                    v.exclusion = 'INTERNAL_TRANSFER' THEN 1 ELSE 0 END) AS mobility, l.way * (CASE WHEN v.kind
                    = 'IN_FLOW' THEN 1 ELSE 0 END) AS in_flow, l.way * (CASE WHEN l.in_mix_residence THEN 1 ELSE
                    0 END) AS in_mix, l.way * (CASE WHEN l.in_mix_residence AND l.income_quartile > 1 THEN 1
                    ELSE 0 END) AS mix_others, l.way * (CASE WHEN l.in_mix_residence AND l.income_quartile IS
                    NULL THEN 1 ELSE 0 END) AS mix_unknown, l.way * (CASE WHEN l.in_mix_residence IS NULL THEN 1
                    ELSE 0 END) AS mix_unplaced FROM (SELECT - 1 AS way, o.* FROM removed o UNION ALL SELECT 1,
                    n.* FROM added n) l JOIN flux_vacancy v ON v.id = l.vacancy_id JOIN flux_unitdescription d
                    ON d.id = v.description_id LEFT JOIN flux_routing r ON r.id = l.routing_id WHERE
                    l.cancelled_at IS NULL AND v.cancelled_at IS NULL
                UNION ALL
                SELECT v.landlord_id, date_part('year', l.signed_on)::smallint AS year, d.commune_id,
                    v.commune_id AS place_id, date_part('year', v.registered_on)::smallint AS fell, l.holder_id,
                    r.acting_id, CASE s.side WHEN 1 THEN o.holder_id END AS open_holder_id, CASE s.side WHEN 1
                    THEN o.acting_id END AS open_acting_id, l.way * (CASE WHEN true THEN s.side ELSE 0 END) AS
                    leases, l.way * (CASE WHEN NOT l.in_qpv THEN s.side ELSE 0 END) AS outside_qpv, l.way *
                    (CASE WHEN l.in_qpv THEN s.side ELSE 0 END) AS in_qpv, l.way * (CASE WHEN NOT l.in_qpv AND
                    (l.income_quartile = 1 OR l.urban_renewal) THEN s.side ELSE 0 END) AS first_quartile, l.way
                    * (CASE WHEN NOT l.in_qpv AND coalesce(l.income_quartile, 2) > 1 AND l.urban_renewal IS NOT
                    TRUE AND (l.income_quartile IS NULL OR l.urban_renewal IS NULL) THEN s.side ELSE 0 END) AS
                    first_unknown, l.way * (CASE WHEN l.in_qpv AND l.income_quartile > 1 THEN s.side ELSE 0 END)
                    AS others, l.way * (CASE WHEN l.in_qpv AND l.income_quartile IS NULL THEN s.side ELSE 0 END)
                    AS others_unknown, l.way * (CASE WHEN l.has_priority THEN s.side ELSE 0 END) AS priority,
                    l.way * (CASE WHEN l.has_priority IS NULL THEN s.side ELSE 0 END) AS priority_unknown, l.way
                    * (CASE WHEN l.essential_worker THEN s.side ELSE 0 END) AS essential, l.way * (CASE WHEN
                    l.essential_worker IS NULL THEN s.side ELSE 0 END) AS essential_unknown, l.way * (CASE WHEN
                    v.exclusion = 'INTERNAL_TRANSFER' THEN s.side ELSE 0 END) AS mobility, l.way * (CASE WHEN
                    v.kind = 'IN_FLOW' THEN s.side ELSE 0 END) AS in_flow, l.way * (CASE WHEN l.in_mix_residence
                    THEN s.side ELSE 0 END) AS in_mix, l.way * (CASE WHEN l.in_mix_residence AND
                    l.income_quartile > 1 THEN s.side ELSE 0 END) AS mix_others, l.way * (CASE WHEN
                    l.in_mix_residence AND l.income_quartile IS NULL THEN s.side ELSE 0 END) AS mix_unknown,
                    l.way * (CASE WHEN l.in_mix_residence IS NULL THEN s.side ELSE 0 END) AS mix_unplaced FROM
                    (SELECT - 1 AS way, o.* FROM removed o UNION ALL SELECT 1, n.* FROM added n) l JOIN
                    flux_vacancy v ON v.id = l.vacancy_id JOIN flux_unitdescription d ON d.id = v.description_id
                    LEFT JOIN flux_routing r ON r.id = l.routing_id JOIN flux_routing o ON o.vacancy_id = v.id
                    AND o.closed_at IS NULL CROSS JOIN (VALUES (-1), (1)) s (side) WHERE l.cancelled_at IS NULL
                    AND v.cancelled_at IS NULL
            ) m
            GROUP BY m.landlord_id, m.year, m.commune_id, m.place_id, m.fell, m.holder_id, m.acting_id,
                m.open_holder_id, m.open_acting_id
            HAVING sum(m.leases) <> 0 OR sum(m.outside_qpv) <> 0 OR sum(m.in_qpv) <> 0 OR sum(m.first_quartile) <> 0
                OR sum(m.first_unknown) <> 0 OR sum(m.others) <> 0 OR sum(m.others_unknown) <> 0 OR sum(m.priority) <>
                0 OR sum(m.priority_unknown) <> 0 OR sum(m.essential) <> 0 OR sum(m.essential_unknown) <> 0 OR
                sum(m.mobility) <> 0 OR sum(m.in_flow) <> 0 OR sum(m.in_mix) <> 0 OR sum(m.mix_others) <> 0 OR
                sum(m.mix_unknown) <> 0 OR sum(m.mix_unplaced) <> 0
            ORDER BY m.landlord_id, m.year, m.commune_id, m.place_id, m.fell, m.holder_id, m.acting_id,
                m.open_holder_id, m.open_acting_id
            ON CONFLICT (landlord_id, year, commune_id, place_id, fell, holder_id, acting_id, open_holder_id,
                open_acting_id) DO UPDATE SET
                leases = kept.leases + excluded.leases, outside_qpv = kept.outside_qpv + excluded.outside_qpv, in_qpv
                    = kept.in_qpv + excluded.in_qpv, first_quartile = kept.first_quartile + excluded.first_quartile,
                    first_unknown = kept.first_unknown + excluded.first_unknown, others = kept.others +
                    excluded.others, others_unknown = kept.others_unknown + excluded.others_unknown, priority =
                    kept.priority + excluded.priority, priority_unknown = kept.priority_unknown +
                    excluded.priority_unknown, essential = kept.essential + excluded.essential, essential_unknown =
                    kept.essential_unknown + excluded.essential_unknown, mobility = kept.mobility + excluded.mobility,
                    in_flow = kept.in_flow + excluded.in_flow, in_mix = kept.in_mix + excluded.in_mix, mix_others =
                    kept.mix_others + excluded.mix_others, mix_unknown = kept.mix_unknown + excluded.mix_unknown,
                    mix_unplaced = kept.mix_unplaced + excluded.mix_unplaced;
        END IF;

        PERFORM attributions_put_at_stage(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT x.vacancy_id AS id FROM
            ((SELECT id, "cancelled_at", "vacancy_id" FROM added EXCEPT SELECT id, "cancelled_at", "vacancy_id"
            FROM removed) UNION ALL (SELECT id, "cancelled_at", "vacancy_id" FROM removed EXCEPT SELECT id,
            "cancelled_at", "vacancy_id" FROM added)) x) r ORDER BY r.id) f;

        PERFORM attributions_fold_spans(f.ids) FROM (SELECT array_agg(r.id ORDER BY r.id) AS ids FROM (SELECT
            DISTINCT x.vacancy_id AS id FROM ((SELECT id, "cancelled_at", "vacancy_id" FROM added EXCEPT SELECT
            id, "cancelled_at", "vacancy_id" FROM removed) UNION ALL (SELECT id, "cancelled_at", "vacancy_id" FROM
            removed EXCEPT SELECT id, "cancelled_at", "vacancy_id" FROM added)) x) r) f WHERE f.ids IS NOT NULL;
    END IF;

    IF TG_OP = 'DELETE' THEN
        INSERT INTO attributions_leasecount AS kept (landlord_id, year, commune_id, place_id, fell, holder_id,
            acting_id, open_holder_id, open_acting_id, leases, outside_qpv, in_qpv, first_quartile, first_unknown,
            others, others_unknown, priority, priority_unknown, essential, essential_unknown, mobility, in_flow,
            in_mix, mix_others, mix_unknown, mix_unplaced)
        SELECT m.landlord_id, m.year, m.commune_id, m.place_id, m.fell, m.holder_id, m.acting_id,
            m.open_holder_id, m.open_acting_id, sum(m.leases), sum(m.outside_qpv), sum(m.in_qpv),
            sum(m.first_quartile), sum(m.first_unknown), sum(m.others), sum(m.others_unknown), sum(m.priority),
            sum(m.priority_unknown), sum(m.essential), sum(m.essential_unknown), sum(m.mobility), sum(m.in_flow),
            sum(m.in_mix), sum(m.mix_others), sum(m.mix_unknown), sum(m.mix_unplaced)
        FROM (
            SELECT v.landlord_id, date_part('year', l.signed_on)::smallint AS year, d.commune_id,
                v.commune_id AS place_id, date_part('year', v.registered_on)::smallint AS fell, l.holder_id,
                r.acting_id, NULL::bigint AS open_holder_id, NULL::bigint AS open_acting_id, l.way * (CASE
                WHEN true THEN 1 ELSE 0 END) AS leases, l.way * (CASE WHEN NOT l.in_qpv THEN 1 ELSE 0 END)
                AS outside_qpv, l.way * (CASE WHEN l.in_qpv THEN 1 ELSE 0 END) AS in_qpv, l.way * (CASE WHEN
                NOT l.in_qpv AND (l.income_quartile = 1 OR l.urban_renewal) THEN 1 ELSE 0 END) AS
                first_quartile, l.way * (CASE WHEN NOT l.in_qpv AND coalesce(l.income_quartile, 2) > 1 AND
                l.urban_renewal IS NOT TRUE AND (l.income_quartile IS NULL OR l.urban_renewal IS NULL) THEN
                1 ELSE 0 END) AS first_unknown, l.way * (CASE WHEN l.in_qpv AND l.income_quartile > 1 THEN 1
                ELSE 0 END) AS others, l.way * (CASE WHEN l.in_qpv AND l.income_quartile IS NULL THEN 1 ELSE
                0 END) AS others_unknown, l.way * (CASE WHEN l.has_priority THEN 1 ELSE 0 END) AS priority,
                l.way * (CASE WHEN l.has_priority IS NULL THEN 1 ELSE 0 END) AS priority_unknown, l.way *
                (CASE WHEN l.essential_worker THEN 1 ELSE 0 END) AS essential, l.way * (CASE WHEN
                l.essential_worker IS NULL THEN 1 ELSE 0 END) AS essential_unknown, l.way * (CASE WHEN
                v.exclusion = 'INTERNAL_TRANSFER' THEN 1 ELSE 0 END) AS mobility, l.way * (CASE WHEN v.kind
                = 'IN_FLOW' THEN 1 ELSE 0 END) AS in_flow, l.way * (CASE WHEN l.in_mix_residence THEN 1 ELSE
                0 END) AS in_mix, l.way * (CASE WHEN l.in_mix_residence AND l.income_quartile > 1 THEN 1
                ELSE 0 END) AS mix_others, l.way * (CASE WHEN l.in_mix_residence AND l.income_quartile IS
                NULL THEN 1 ELSE 0 END) AS mix_unknown, l.way * (CASE WHEN l.in_mix_residence IS NULL THEN 1
                ELSE 0 END) AS mix_unplaced FROM (SELECT - 1 AS way, o.* FROM removed o) l JOIN flux_vacancy
                v ON v.id = l.vacancy_id JOIN flux_unitdescription d ON d.id = v.description_id LEFT JOIN
                flux_routing r ON r.id = l.routing_id WHERE l.cancelled_at IS NULL AND v.cancelled_at IS
                NULL
            UNION ALL
            SELECT v.landlord_id, date_part('year', l.signed_on)::smallint AS year, d.commune_id,
                v.commune_id AS place_id, date_part('year', v.registered_on)::smallint AS fell, l.holder_id,
                r.acting_id, CASE s.side WHEN 1 THEN o.holder_id END AS open_holder_id, CASE s.side WHEN 1
                THEN o.acting_id END AS open_acting_id, l.way * (CASE WHEN true THEN s.side ELSE 0 END) AS
                leases, l.way * (CASE WHEN NOT l.in_qpv THEN s.side ELSE 0 END) AS outside_qpv, l.way *
                (CASE WHEN l.in_qpv THEN s.side ELSE 0 END) AS in_qpv, l.way * (CASE WHEN NOT l.in_qpv AND
                (l.income_quartile = 1 OR l.urban_renewal) THEN s.side ELSE 0 END) AS first_quartile, l.way
                * (CASE WHEN NOT l.in_qpv AND coalesce(l.income_quartile, 2) > 1 AND l.urban_renewal IS NOT
                TRUE AND (l.income_quartile IS NULL OR l.urban_renewal IS NULL) THEN s.side ELSE 0 END) AS
                first_unknown, l.way * (CASE WHEN l.in_qpv AND l.income_quartile > 1 THEN s.side ELSE 0 END)
                AS others, l.way * (CASE WHEN l.in_qpv AND l.income_quartile IS NULL THEN s.side ELSE 0 END)
                AS others_unknown, l.way * (CASE WHEN l.has_priority THEN s.side ELSE 0 END) AS priority,
                l.way * (CASE WHEN l.has_priority IS NULL THEN s.side ELSE 0 END) AS priority_unknown, l.way
                * (CASE WHEN l.essential_worker THEN s.side ELSE 0 END) AS essential, l.way * (CASE WHEN
                l.essential_worker IS NULL THEN s.side ELSE 0 END) AS essential_unknown, l.way * (CASE WHEN
                v.exclusion = 'INTERNAL_TRANSFER' THEN s.side ELSE 0 END) AS mobility, l.way * (CASE WHEN
                v.kind = 'IN_FLOW' THEN s.side ELSE 0 END) AS in_flow, l.way * (CASE WHEN l.in_mix_residence
                THEN s.side ELSE 0 END) AS in_mix, l.way * (CASE WHEN l.in_mix_residence AND
                l.income_quartile > 1 THEN s.side ELSE 0 END) AS mix_others, l.way * (CASE WHEN
                l.in_mix_residence AND l.income_quartile IS NULL THEN s.side ELSE 0 END) AS mix_unknown,
                l.way * (CASE WHEN l.in_mix_residence IS NULL THEN s.side ELSE 0 END) AS mix_unplaced FROM
                (SELECT - 1 AS way, o.* FROM removed o) l JOIN flux_vacancy v ON v.id = l.vacancy_id JOIN
                flux_unitdescription d ON d.id = v.description_id LEFT JOIN flux_routing r ON r.id =
                l.routing_id JOIN flux_routing o ON o.vacancy_id = v.id AND o.closed_at IS NULL CROSS JOIN
                (VALUES (-1), (1)) s (side) WHERE l.cancelled_at IS NULL AND v.cancelled_at IS NULL
        ) m
        GROUP BY m.landlord_id, m.year, m.commune_id, m.place_id, m.fell, m.holder_id, m.acting_id,
            m.open_holder_id, m.open_acting_id
        HAVING sum(m.leases) <> 0 OR sum(m.outside_qpv) <> 0 OR sum(m.in_qpv) <> 0 OR sum(m.first_quartile) <> 0
            OR sum(m.first_unknown) <> 0 OR sum(m.others) <> 0 OR sum(m.others_unknown) <> 0 OR sum(m.priority) <>
            0 OR sum(m.priority_unknown) <> 0 OR sum(m.essential) <> 0 OR sum(m.essential_unknown) <> 0 OR
            sum(m.mobility) <> 0 OR sum(m.in_flow) <> 0 OR sum(m.in_mix) <> 0 OR sum(m.mix_others) <> 0 OR
            sum(m.mix_unknown) <> 0 OR sum(m.mix_unplaced) <> 0
        ORDER BY m.landlord_id, m.year, m.commune_id, m.place_id, m.fell, m.holder_id, m.acting_id,
            m.open_holder_id, m.open_acting_id
        ON CONFLICT (landlord_id, year, commune_id, place_id, fell, holder_id, acting_id, open_holder_id,
            open_acting_id) DO UPDATE SET
            leases = kept.leases + excluded.leases, outside_qpv = kept.outside_qpv + excluded.outside_qpv, in_qpv
                = kept.in_qpv + excluded.in_qpv, first_quartile = kept.first_quartile + excluded.first_quartile,
                first_unknown = kept.first_unknown + excluded.first_unknown, others = kept.others +
                excluded.others, others_unknown = kept.others_unknown + excluded.others_unknown, priority =
                kept.priority + excluded.priority, priority_unknown = kept.priority_unknown +
                excluded.priority_unknown, essential = kept.essential + excluded.essential, essential_unknown =
                kept.essential_unknown + excluded.essential_unknown, mobility = kept.mobility + excluded.mobility,
                in_flow = kept.in_flow + excluded.in_flow, in_mix = kept.in_mix + excluded.in_mix, mix_others =
                kept.mix_others + excluded.mix_others, mix_unknown = kept.mix_unknown + excluded.mix_unknown,
                mix_unplaced = kept.mix_unplaced + excluded.mix_unplaced;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER counted_insert AFTER INSERT ON attributions_lease
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_lease();

CREATE TRIGGER counted_update AFTER UPDATE ON attributions_lease
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_lease();

CREATE TRIGGER counted_delete AFTER DELETE ON attributions_lease
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_lease();

-- What a statement on attributions_offer moves of attributions_spancount.
CREATE FUNCTION attributions_counts_of_offer() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM attributions_fold_spans(f.ids) FROM (SELECT array_agg(r.id ORDER BY r.id) AS ids FROM (SELECT
            DISTINCT p.vacancy_id AS id FROM added x JOIN attributions_proposal p ON p.id = x.proposal_id) r) f
            WHERE f.ids IS NOT NULL;
    END IF;

    IF TG_OP = 'UPDATE' THEN
        PERFORM attributions_fold_spans(f.ids) FROM (SELECT array_agg(r.id ORDER BY r.id) AS ids FROM (SELECT
            DISTINCT p.vacancy_id AS id FROM ((SELECT id, "answer", "answered_on", "proposal_id" FROM added EXCEPT
            SELECT id, "answer", "answered_on", "proposal_id" FROM removed) UNION ALL (SELECT id, "answer",
            "answered_on", "proposal_id" FROM removed EXCEPT SELECT id, "answer", "answered_on", "proposal_id"
            FROM added)) x JOIN attributions_proposal p ON p.id = x.proposal_id) r) f WHERE f.ids IS NOT NULL;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER counted_insert AFTER INSERT ON attributions_offer
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_offer();

CREATE TRIGGER counted_update AFTER UPDATE ON attributions_offer
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_offer();

-- What a statement on attributions_proposal moves of attributions_requestreader, attributions_unitstage,
-- attributions_spancount.
CREATE FUNCTION attributions_counts_of_proposal() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM attributions_name_readers(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT x.application_id AS id
            FROM added x WHERE x.designation_id IS NOT NULL) r ORDER BY r.id) f;

        PERFORM attributions_put_at_stage(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT x.vacancy_id AS id FROM
            added x WHERE x.designation_id IS NOT NULL) r ORDER BY r.id) f;

        PERFORM attributions_fold_spans(f.ids) FROM (SELECT array_agg(r.id ORDER BY r.id) AS ids FROM (SELECT
            DISTINCT x.vacancy_id AS id FROM added x) r) f WHERE f.ids IS NOT NULL;
    END IF;

    IF TG_OP = 'UPDATE' THEN
        PERFORM attributions_name_readers(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT x.application_id AS id
            FROM ((SELECT id, "application_id", "designation_id", "vacancy_id" FROM added EXCEPT SELECT id,
            "application_id", "designation_id", "vacancy_id" FROM removed) UNION ALL (SELECT id, "application_id",
            "designation_id", "vacancy_id" FROM removed EXCEPT SELECT id, "application_id", "designation_id",
            "vacancy_id" FROM added)) x) r ORDER BY r.id) f;

        PERFORM attributions_put_at_stage(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT x.vacancy_id AS id FROM
            ((SELECT id, "designation_id", "status", "vacancy_id" FROM added EXCEPT SELECT id, "designation_id",
            "status", "vacancy_id" FROM removed) UNION ALL (SELECT id, "designation_id", "status", "vacancy_id"
            FROM removed EXCEPT SELECT id, "designation_id", "status", "vacancy_id" FROM added)) x) r ORDER BY
            r.id) f;

        PERFORM attributions_fold_spans(f.ids) FROM (SELECT array_agg(r.id ORDER BY r.id) AS ids FROM (SELECT
            DISTINCT x.vacancy_id AS id FROM ((SELECT id, "designation_id", "ready_at", "status", "vacancy_id"
            FROM added EXCEPT SELECT id, "designation_id", "ready_at", "status", "vacancy_id" FROM removed) UNION
            ALL (SELECT id, "designation_id", "ready_at", "status", "vacancy_id" FROM removed EXCEPT SELECT id,
            "designation_id", "ready_at", "status", "vacancy_id" FROM added)) x) r) f WHERE f.ids IS NOT NULL;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER counted_insert AFTER INSERT ON attributions_proposal
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_proposal();

CREATE TRIGGER counted_update AFTER UPDATE ON attributions_proposal
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_proposal();

-- What a statement on flux_flowentry moves of attributions_unitstage.
CREATE FUNCTION attributions_counts_of_flowentry() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM attributions_put_at_stage(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT x.vacancy_id AS id FROM
            added x WHERE x.stage IN ('LEASED', 'ALLOCATED')) r ORDER BY r.id) f;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER counted_insert_attributions AFTER INSERT ON flux_flowentry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_flowentry();

-- What a statement on flux_routing moves of attributions_leasecount, attributions_unitstage, attributions_spancount.
CREATE FUNCTION attributions_counts_of_routing() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO attributions_leasecount AS kept (landlord_id, year, commune_id, place_id, fell, holder_id,
            acting_id, open_holder_id, open_acting_id, leases, outside_qpv, in_qpv, first_quartile, first_unknown,
            others, others_unknown, priority, priority_unknown, essential, essential_unknown, mobility, in_flow,
            in_mix, mix_others, mix_unknown, mix_unplaced)
        SELECT m.landlord_id, m.year, m.commune_id, m.place_id, m.fell, m.holder_id, m.acting_id,
            m.open_holder_id, m.open_acting_id, sum(m.leases), sum(m.outside_qpv), sum(m.in_qpv),
            sum(m.first_quartile), sum(m.first_unknown), sum(m.others), sum(m.others_unknown), sum(m.priority),
            sum(m.priority_unknown), sum(m.essential), sum(m.essential_unknown), sum(m.mobility), sum(m.in_flow),
            sum(m.in_mix), sum(m.mix_others), sum(m.mix_unknown), sum(m.mix_unplaced)
        FROM (
            SELECT v.landlord_id, date_part('year', l.signed_on)::smallint AS year, d.commune_id,
                v.commune_id AS place_id, date_part('year', v.registered_on)::smallint AS fell, l.holder_id,
                r.acting_id, CASE s.side WHEN 1 THEN o.holder_id END AS open_holder_id, CASE s.side WHEN 1
                THEN o.acting_id END AS open_acting_id, o.way * (CASE WHEN true THEN s.side ELSE 0 END) AS
                leases, o.way * (CASE WHEN NOT l.in_qpv THEN s.side ELSE 0 END) AS outside_qpv, o.way *
                (CASE WHEN l.in_qpv THEN s.side ELSE 0 END) AS in_qpv, o.way * (CASE WHEN NOT l.in_qpv AND
                (l.income_quartile = 1 OR l.urban_renewal) THEN s.side ELSE 0 END) AS first_quartile, o.way
                * (CASE WHEN NOT l.in_qpv AND coalesce(l.income_quartile, 2) > 1 AND l.urban_renewal IS NOT
                TRUE AND (l.income_quartile IS NULL OR l.urban_renewal IS NULL) THEN s.side ELSE 0 END) AS
                first_unknown, o.way * (CASE WHEN l.in_qpv AND l.income_quartile > 1 THEN s.side ELSE 0 END)
                AS others, o.way * (CASE WHEN l.in_qpv AND l.income_quartile IS NULL THEN s.side ELSE 0 END)
                AS others_unknown, o.way * (CASE WHEN l.has_priority THEN s.side ELSE 0 END) AS priority,
                o.way * (CASE WHEN l.has_priority IS NULL THEN s.side ELSE 0 END) AS priority_unknown, o.way
                * (CASE WHEN l.essential_worker THEN s.side ELSE 0 END) AS essential, o.way * (CASE WHEN
                l.essential_worker IS NULL THEN s.side ELSE 0 END) AS essential_unknown, o.way * (CASE WHEN
                v.exclusion = 'INTERNAL_TRANSFER' THEN s.side ELSE 0 END) AS mobility, o.way * (CASE WHEN
                v.kind = 'IN_FLOW' THEN s.side ELSE 0 END) AS in_flow, o.way * (CASE WHEN l.in_mix_residence
                THEN s.side ELSE 0 END) AS in_mix, o.way * (CASE WHEN l.in_mix_residence AND
                l.income_quartile > 1 THEN s.side ELSE 0 END) AS mix_others, o.way * (CASE WHEN
                l.in_mix_residence AND l.income_quartile IS NULL THEN s.side ELSE 0 END) AS mix_unknown,
                o.way * (CASE WHEN l.in_mix_residence IS NULL THEN s.side ELSE 0 END) AS mix_unplaced FROM
                attributions_lease l JOIN flux_vacancy v ON v.id = l.vacancy_id JOIN flux_unitdescription d
                ON d.id = v.description_id LEFT JOIN flux_routing r ON r.id = l.routing_id JOIN (SELECT 1 AS
                way, n.* FROM added n) o ON o.vacancy_id = v.id AND o.closed_at IS NULL CROSS JOIN (VALUES
                (-1), (1)) s (side) WHERE l.cancelled_at IS NULL AND v.cancelled_at IS NULL
        ) m
        GROUP BY m.landlord_id, m.year, m.commune_id, m.place_id, m.fell, m.holder_id, m.acting_id,
            m.open_holder_id, m.open_acting_id
        HAVING sum(m.leases) <> 0 OR sum(m.outside_qpv) <> 0 OR sum(m.in_qpv) <> 0 OR sum(m.first_quartile) <> 0
            OR sum(m.first_unknown) <> 0 OR sum(m.others) <> 0 OR sum(m.others_unknown) <> 0 OR sum(m.priority) <>
            0 OR sum(m.priority_unknown) <> 0 OR sum(m.essential) <> 0 OR sum(m.essential_unknown) <> 0 OR
            sum(m.mobility) <> 0 OR sum(m.in_flow) <> 0 OR sum(m.in_mix) <> 0 OR sum(m.mix_others) <> 0 OR
            sum(m.mix_unknown) <> 0 OR sum(m.mix_unplaced) <> 0
        ORDER BY m.landlord_id, m.year, m.commune_id, m.place_id, m.fell, m.holder_id, m.acting_id,
            m.open_holder_id, m.open_acting_id
        ON CONFLICT (landlord_id, year, commune_id, place_id, fell, holder_id, acting_id, open_holder_id,
            open_acting_id) DO UPDATE SET
            leases = kept.leases + excluded.leases, outside_qpv = kept.outside_qpv + excluded.outside_qpv, in_qpv
                = kept.in_qpv + excluded.in_qpv, first_quartile = kept.first_quartile + excluded.first_quartile,
                first_unknown = kept.first_unknown + excluded.first_unknown, others = kept.others +
                excluded.others, others_unknown = kept.others_unknown + excluded.others_unknown, priority =
                kept.priority + excluded.priority, priority_unknown = kept.priority_unknown +
                excluded.priority_unknown, essential = kept.essential + excluded.essential, essential_unknown =
                kept.essential_unknown + excluded.essential_unknown, mobility = kept.mobility + excluded.mobility,
                in_flow = kept.in_flow + excluded.in_flow, in_mix = kept.in_mix + excluded.in_mix, mix_others =
                kept.mix_others + excluded.mix_others, mix_unknown = kept.mix_unknown + excluded.mix_unknown,
                mix_unplaced = kept.mix_unplaced + excluded.mix_unplaced;

        PERFORM attributions_put_at_stage(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT x.vacancy_id AS id FROM
            added x) r ORDER BY r.id) f;

        PERFORM attributions_fold_spans(f.ids) FROM (SELECT array_agg(r.id ORDER BY r.id) AS ids FROM (SELECT
            DISTINCT x.vacancy_id AS id FROM added x) r) f WHERE f.ids IS NOT NULL;
    END IF;

    IF TG_OP = 'UPDATE' THEN
        IF EXISTS (SELECT id, "acting_id", "closed_at", "holder_id", "vacancy_id" FROM added EXCEPT SELECT id,
            "acting_id", "closed_at", "holder_id", "vacancy_id" FROM removed) THEN
            INSERT INTO attributions_leasecount AS kept (landlord_id, year, commune_id, place_id, fell, holder_id,
                acting_id, open_holder_id, open_acting_id, leases, outside_qpv, in_qpv, first_quartile, first_unknown,
                others, others_unknown, priority, priority_unknown, essential, essential_unknown, mobility, in_flow,
                in_mix, mix_others, mix_unknown, mix_unplaced)
            SELECT m.landlord_id, m.year, m.commune_id, m.place_id, m.fell, m.holder_id, m.acting_id,
                m.open_holder_id, m.open_acting_id, sum(m.leases), sum(m.outside_qpv), sum(m.in_qpv),
                sum(m.first_quartile), sum(m.first_unknown), sum(m.others), sum(m.others_unknown), sum(m.priority),
                sum(m.priority_unknown), sum(m.essential), sum(m.essential_unknown), sum(m.mobility), sum(m.in_flow),
                sum(m.in_mix), sum(m.mix_others), sum(m.mix_unknown), sum(m.mix_unplaced)
            FROM (
                SELECT v.landlord_id, date_part('year', l.signed_on)::smallint AS year, d.commune_id,
                    v.commune_id AS place_id, date_part('year', v.registered_on)::smallint AS fell, l.holder_id,
                    r.acting_id, CASE s.side WHEN 1 THEN o.holder_id END AS open_holder_id, CASE s.side WHEN 1
                    THEN o.acting_id END AS open_acting_id, o.way * (CASE WHEN true THEN s.side ELSE 0 END) AS
                    leases, o.way * (CASE WHEN NOT l.in_qpv THEN s.side ELSE 0 END) AS outside_qpv, o.way *
                    (CASE WHEN l.in_qpv THEN s.side ELSE 0 END) AS in_qpv, o.way * (CASE WHEN NOT l.in_qpv AND
                    (l.income_quartile = 1 OR l.urban_renewal) THEN s.side ELSE 0 END) AS first_quartile, o.way
                    * (CASE WHEN NOT l.in_qpv AND coalesce(l.income_quartile, 2) > 1 AND l.urban_renewal IS NOT
                    TRUE AND (l.income_quartile IS NULL OR l.urban_renewal IS NULL) THEN s.side ELSE 0 END) AS
                    first_unknown, o.way * (CASE WHEN l.in_qpv AND l.income_quartile > 1 THEN s.side ELSE 0 END)
                    AS others, o.way * (CASE WHEN l.in_qpv AND l.income_quartile IS NULL THEN s.side ELSE 0 END)
                    AS others_unknown, o.way * (CASE WHEN l.has_priority THEN s.side ELSE 0 END) AS priority,
                    o.way * (CASE WHEN l.has_priority IS NULL THEN s.side ELSE 0 END) AS priority_unknown, o.way
                    * (CASE WHEN l.essential_worker THEN s.side ELSE 0 END) AS essential, o.way * (CASE WHEN
                    l.essential_worker IS NULL THEN s.side ELSE 0 END) AS essential_unknown, o.way * (CASE WHEN
                    v.exclusion = 'INTERNAL_TRANSFER' THEN s.side ELSE 0 END) AS mobility, o.way * (CASE WHEN
                    v.kind = 'IN_FLOW' THEN s.side ELSE 0 END) AS in_flow, o.way * (CASE WHEN l.in_mix_residence
                    THEN s.side ELSE 0 END) AS in_mix, o.way * (CASE WHEN l.in_mix_residence AND
                    l.income_quartile > 1 THEN s.side ELSE 0 END) AS mix_others, o.way * (CASE WHEN
                    l.in_mix_residence AND l.income_quartile IS NULL THEN s.side ELSE 0 END) AS mix_unknown,
                    o.way * (CASE WHEN l.in_mix_residence IS NULL THEN s.side ELSE 0 END) AS mix_unplaced FROM
                    attributions_lease l JOIN flux_vacancy v ON v.id = l.vacancy_id JOIN flux_unitdescription d
                    ON d.id = v.description_id LEFT JOIN flux_routing r ON r.id = l.routing_id JOIN (SELECT - 1
                    AS way, o.* FROM removed o UNION ALL SELECT 1, n.* FROM added n) o ON o.vacancy_id = v.id
                    AND o.closed_at IS NULL CROSS JOIN (VALUES (-1), (1)) s (side) WHERE l.cancelled_at IS NULL
                    AND v.cancelled_at IS NULL
            ) m
            GROUP BY m.landlord_id, m.year, m.commune_id, m.place_id, m.fell, m.holder_id, m.acting_id,
                m.open_holder_id, m.open_acting_id
            HAVING sum(m.leases) <> 0 OR sum(m.outside_qpv) <> 0 OR sum(m.in_qpv) <> 0 OR sum(m.first_quartile) <> 0
                OR sum(m.first_unknown) <> 0 OR sum(m.others) <> 0 OR sum(m.others_unknown) <> 0 OR sum(m.priority) <>
                0 OR sum(m.priority_unknown) <> 0 OR sum(m.essential) <> 0 OR sum(m.essential_unknown) <> 0 OR
                sum(m.mobility) <> 0 OR sum(m.in_flow) <> 0 OR sum(m.in_mix) <> 0 OR sum(m.mix_others) <> 0 OR
                sum(m.mix_unknown) <> 0 OR sum(m.mix_unplaced) <> 0
            ORDER BY m.landlord_id, m.year, m.commune_id, m.place_id, m.fell, m.holder_id, m.acting_id,
                m.open_holder_id, m.open_acting_id
            ON CONFLICT (landlord_id, year, commune_id, place_id, fell, holder_id, acting_id, open_holder_id,
                open_acting_id) DO UPDATE SET
                leases = kept.leases + excluded.leases, outside_qpv = kept.outside_qpv + excluded.outside_qpv, in_qpv
                    = kept.in_qpv + excluded.in_qpv, first_quartile = kept.first_quartile + excluded.first_quartile,
                    first_unknown = kept.first_unknown + excluded.first_unknown, others = kept.others +
                    excluded.others, others_unknown = kept.others_unknown + excluded.others_unknown, priority =
                    kept.priority + excluded.priority, priority_unknown = kept.priority_unknown +
                    excluded.priority_unknown, essential = kept.essential + excluded.essential, essential_unknown =
                    kept.essential_unknown + excluded.essential_unknown, mobility = kept.mobility + excluded.mobility,
                    in_flow = kept.in_flow + excluded.in_flow, in_mix = kept.in_mix + excluded.in_mix, mix_others =
                    kept.mix_others + excluded.mix_others, mix_unknown = kept.mix_unknown + excluded.mix_unknown,
                    mix_unplaced = kept.mix_unplaced + excluded.mix_unplaced;
        END IF;

        PERFORM attributions_put_at_stage(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT x.vacancy_id AS id FROM
            ((SELECT id, "answered_on", "closed_at", "vacancy_id" FROM added EXCEPT SELECT id, "answered_on",
            "closed_at", "vacancy_id" FROM removed) UNION ALL (SELECT id, "answered_on", "closed_at", "vacancy_id"
            FROM removed EXCEPT SELECT id, "answered_on", "closed_at", "vacancy_id" FROM added)) x) r ORDER BY
            r.id) f;

        PERFORM attributions_fold_spans(f.ids) FROM (SELECT array_agg(r.id ORDER BY r.id) AS ids FROM (SELECT
            DISTINCT x.vacancy_id AS id FROM ((SELECT id, "closed_at", "vacancy_id" FROM added EXCEPT SELECT id,
            "closed_at", "vacancy_id" FROM removed) UNION ALL (SELECT id, "closed_at", "vacancy_id" FROM removed
            EXCEPT SELECT id, "closed_at", "vacancy_id" FROM added)) x) r) f WHERE f.ids IS NOT NULL;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER counted_insert_attributions AFTER INSERT ON flux_routing
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_routing();

CREATE TRIGGER counted_update_attributions AFTER UPDATE ON flux_routing
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_routing();

-- What a statement on flux_vacancy moves of attributions_leasecount, attributions_requestreader,
-- attributions_unitstage, attributions_spancount.
CREATE FUNCTION attributions_counts_of_vacancy() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM attributions_put_at_stage(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT x.id AS id FROM added x
            WHERE x.kind = 'EXCLUDED') r ORDER BY r.id) f;

        PERFORM attributions_fold_spans(f.ids) FROM (SELECT array_agg(r.id ORDER BY r.id) AS ids FROM (SELECT
            DISTINCT x.id AS id FROM added x) r) f WHERE f.ids IS NOT NULL;
    END IF;

    IF TG_OP = 'UPDATE' THEN
        IF EXISTS (SELECT id, "cancelled_at", "commune_id", "description_id", "exclusion", "kind", "landlord_id",
            "registered_on" FROM added EXCEPT SELECT id, "cancelled_at", "commune_id", "description_id",
            "exclusion", "kind", "landlord_id", "registered_on" FROM removed) THEN
            INSERT INTO attributions_leasecount AS kept (landlord_id, year, commune_id, place_id, fell, holder_id,
                acting_id, open_holder_id, open_acting_id, leases, outside_qpv, in_qpv, first_quartile, first_unknown,
                others, others_unknown, priority, priority_unknown, essential, essential_unknown, mobility, in_flow,
                in_mix, mix_others, mix_unknown, mix_unplaced)
            SELECT m.landlord_id, m.year, m.commune_id, m.place_id, m.fell, m.holder_id, m.acting_id,
                m.open_holder_id, m.open_acting_id, sum(m.leases), sum(m.outside_qpv), sum(m.in_qpv),
                sum(m.first_quartile), sum(m.first_unknown), sum(m.others), sum(m.others_unknown), sum(m.priority),
                sum(m.priority_unknown), sum(m.essential), sum(m.essential_unknown), sum(m.mobility), sum(m.in_flow),
                sum(m.in_mix), sum(m.mix_others), sum(m.mix_unknown), sum(m.mix_unplaced)
            FROM (
                SELECT v.landlord_id, date_part('year', l.signed_on)::smallint AS year, d.commune_id,
                    v.commune_id AS place_id, date_part('year', v.registered_on)::smallint AS fell, l.holder_id,
                    r.acting_id, NULL::bigint AS open_holder_id, NULL::bigint AS open_acting_id, v.way * (CASE
                    WHEN true THEN 1 ELSE 0 END) AS leases, v.way * (CASE WHEN NOT l.in_qpv THEN 1 ELSE 0 END)
                    AS outside_qpv, v.way * (CASE WHEN l.in_qpv THEN 1 ELSE 0 END) AS in_qpv, v.way * (CASE WHEN
                    NOT l.in_qpv AND (l.income_quartile = 1 OR l.urban_renewal) THEN 1 ELSE 0 END) AS
                    first_quartile, v.way * (CASE WHEN NOT l.in_qpv AND coalesce(l.income_quartile, 2) > 1 AND
                    l.urban_renewal IS NOT TRUE AND (l.income_quartile IS NULL OR l.urban_renewal IS NULL) THEN
                    1 ELSE 0 END) AS first_unknown, v.way * (CASE WHEN l.in_qpv AND l.income_quartile > 1 THEN 1
                    ELSE 0 END) AS others, v.way * (CASE WHEN l.in_qpv AND l.income_quartile IS NULL THEN 1 ELSE
                    0 END) AS others_unknown, v.way * (CASE WHEN l.has_priority THEN 1 ELSE 0 END) AS priority,
                    v.way * (CASE WHEN l.has_priority IS NULL THEN 1 ELSE 0 END) AS priority_unknown, v.way *
                    (CASE WHEN l.essential_worker THEN 1 ELSE 0 END) AS essential, v.way * (CASE WHEN
                    l.essential_worker IS NULL THEN 1 ELSE 0 END) AS essential_unknown, v.way * (CASE WHEN
                    v.exclusion = 'INTERNAL_TRANSFER' THEN 1 ELSE 0 END) AS mobility, v.way * (CASE WHEN v.kind
                    = 'IN_FLOW' THEN 1 ELSE 0 END) AS in_flow, v.way * (CASE WHEN l.in_mix_residence THEN 1 ELSE
                    0 END) AS in_mix, v.way * (CASE WHEN l.in_mix_residence AND l.income_quartile > 1 THEN 1
                    ELSE 0 END) AS mix_others, v.way * (CASE WHEN l.in_mix_residence AND l.income_quartile IS
                    NULL THEN 1 ELSE 0 END) AS mix_unknown, v.way * (CASE WHEN l.in_mix_residence IS NULL THEN 1
                    ELSE 0 END) AS mix_unplaced FROM attributions_lease l JOIN (SELECT - 1 AS way, o.* FROM
                    removed o UNION ALL SELECT 1, n.* FROM added n) v ON v.id = l.vacancy_id JOIN
                    flux_unitdescription d ON d.id = v.description_id LEFT JOIN flux_routing r ON r.id =
                    l.routing_id WHERE l.cancelled_at IS NULL AND v.cancelled_at IS NULL
                UNION ALL
                SELECT v.landlord_id, date_part('year', l.signed_on)::smallint AS year, d.commune_id,
                    v.commune_id AS place_id, date_part('year', v.registered_on)::smallint AS fell, l.holder_id,
                    r.acting_id, CASE s.side WHEN 1 THEN o.holder_id END AS open_holder_id, CASE s.side WHEN 1
                    THEN o.acting_id END AS open_acting_id, v.way * (CASE WHEN true THEN s.side ELSE 0 END) AS
                    leases, v.way * (CASE WHEN NOT l.in_qpv THEN s.side ELSE 0 END) AS outside_qpv, v.way *
                    (CASE WHEN l.in_qpv THEN s.side ELSE 0 END) AS in_qpv, v.way * (CASE WHEN NOT l.in_qpv AND
                    (l.income_quartile = 1 OR l.urban_renewal) THEN s.side ELSE 0 END) AS first_quartile, v.way
                    * (CASE WHEN NOT l.in_qpv AND coalesce(l.income_quartile, 2) > 1 AND l.urban_renewal IS NOT
                    TRUE AND (l.income_quartile IS NULL OR l.urban_renewal IS NULL) THEN s.side ELSE 0 END) AS
                    first_unknown, v.way * (CASE WHEN l.in_qpv AND l.income_quartile > 1 THEN s.side ELSE 0 END)
                    AS others, v.way * (CASE WHEN l.in_qpv AND l.income_quartile IS NULL THEN s.side ELSE 0 END)
                    AS others_unknown, v.way * (CASE WHEN l.has_priority THEN s.side ELSE 0 END) AS priority,
                    v.way * (CASE WHEN l.has_priority IS NULL THEN s.side ELSE 0 END) AS priority_unknown, v.way
                    * (CASE WHEN l.essential_worker THEN s.side ELSE 0 END) AS essential, v.way * (CASE WHEN
                    l.essential_worker IS NULL THEN s.side ELSE 0 END) AS essential_unknown, v.way * (CASE WHEN
                    v.exclusion = 'INTERNAL_TRANSFER' THEN s.side ELSE 0 END) AS mobility, v.way * (CASE WHEN
                    v.kind = 'IN_FLOW' THEN s.side ELSE 0 END) AS in_flow, v.way * (CASE WHEN l.in_mix_residence
                    THEN s.side ELSE 0 END) AS in_mix, v.way * (CASE WHEN l.in_mix_residence AND
                    l.income_quartile > 1 THEN s.side ELSE 0 END) AS mix_others, v.way * (CASE WHEN
                    l.in_mix_residence AND l.income_quartile IS NULL THEN s.side ELSE 0 END) AS mix_unknown,
                    v.way * (CASE WHEN l.in_mix_residence IS NULL THEN s.side ELSE 0 END) AS mix_unplaced FROM
                    attributions_lease l JOIN (SELECT - 1 AS way, o.* FROM removed o UNION ALL SELECT 1, n.*
                    FROM added n) v ON v.id = l.vacancy_id JOIN flux_unitdescription d ON d.id =
                    v.description_id LEFT JOIN flux_routing r ON r.id = l.routing_id JOIN flux_routing o ON
                    o.vacancy_id = v.id AND o.closed_at IS NULL CROSS JOIN (VALUES (-1), (1)) s (side) WHERE
                    l.cancelled_at IS NULL AND v.cancelled_at IS NULL
            ) m
            GROUP BY m.landlord_id, m.year, m.commune_id, m.place_id, m.fell, m.holder_id, m.acting_id,
                m.open_holder_id, m.open_acting_id
            HAVING sum(m.leases) <> 0 OR sum(m.outside_qpv) <> 0 OR sum(m.in_qpv) <> 0 OR sum(m.first_quartile) <> 0
                OR sum(m.first_unknown) <> 0 OR sum(m.others) <> 0 OR sum(m.others_unknown) <> 0 OR sum(m.priority) <>
                0 OR sum(m.priority_unknown) <> 0 OR sum(m.essential) <> 0 OR sum(m.essential_unknown) <> 0 OR
                sum(m.mobility) <> 0 OR sum(m.in_flow) <> 0 OR sum(m.in_mix) <> 0 OR sum(m.mix_others) <> 0 OR
                sum(m.mix_unknown) <> 0 OR sum(m.mix_unplaced) <> 0
            ORDER BY m.landlord_id, m.year, m.commune_id, m.place_id, m.fell, m.holder_id, m.acting_id,
                m.open_holder_id, m.open_acting_id
            ON CONFLICT (landlord_id, year, commune_id, place_id, fell, holder_id, acting_id, open_holder_id,
                open_acting_id) DO UPDATE SET
                leases = kept.leases + excluded.leases, outside_qpv = kept.outside_qpv + excluded.outside_qpv, in_qpv
                    = kept.in_qpv + excluded.in_qpv, first_quartile = kept.first_quartile + excluded.first_quartile,
                    first_unknown = kept.first_unknown + excluded.first_unknown, others = kept.others +
                    excluded.others, others_unknown = kept.others_unknown + excluded.others_unknown, priority =
                    kept.priority + excluded.priority, priority_unknown = kept.priority_unknown +
                    excluded.priority_unknown, essential = kept.essential + excluded.essential, essential_unknown =
                    kept.essential_unknown + excluded.essential_unknown, mobility = kept.mobility + excluded.mobility,
                    in_flow = kept.in_flow + excluded.in_flow, in_mix = kept.in_mix + excluded.in_mix, mix_others =
                    kept.mix_others + excluded.mix_others, mix_unknown = kept.mix_unknown + excluded.mix_unknown,
                    mix_unplaced = kept.mix_unplaced + excluded.mix_unplaced;
        END IF;

        PERFORM attributions_name_readers(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT p.application_id AS id
            FROM ((SELECT id, "landlord_id" FROM added EXCEPT SELECT id, "landlord_id" FROM removed) UNION ALL
            (SELECT id, "landlord_id" FROM removed EXCEPT SELECT id, "landlord_id" FROM added)) x JOIN
            attributions_proposal p ON p.vacancy_id = x.id AND p.designation_id IS NOT NULL) r ORDER BY r.id) f;

        PERFORM attributions_put_at_stage(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT x.id AS id FROM ((SELECT
            id, "cancelled_at", "commune_id", "kind", "landlord_id", "unit_id" FROM added EXCEPT SELECT id,
            "cancelled_at", "commune_id", "kind", "landlord_id", "unit_id" FROM removed) UNION ALL (SELECT id,
            "cancelled_at", "commune_id", "kind", "landlord_id", "unit_id" FROM removed EXCEPT SELECT id,
            "cancelled_at", "commune_id", "kind", "landlord_id", "unit_id" FROM added)) x) r ORDER BY r.id) f;

        PERFORM attributions_fold_spans(f.ids) FROM (SELECT array_agg(r.id ORDER BY r.id) AS ids FROM (SELECT
            DISTINCT x.id AS id FROM ((SELECT id, "cancelled_at", "commune_id", "description_id", "landlord_id",
            "notice_on", "registered_on" FROM added EXCEPT SELECT id, "cancelled_at", "commune_id",
            "description_id", "landlord_id", "notice_on", "registered_on" FROM removed) UNION ALL (SELECT id,
            "cancelled_at", "commune_id", "description_id", "landlord_id", "notice_on", "registered_on" FROM
            removed EXCEPT SELECT id, "cancelled_at", "commune_id", "description_id", "landlord_id", "notice_on",
            "registered_on" FROM added)) x) r) f WHERE f.ids IS NOT NULL;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER counted_insert_attributions AFTER INSERT ON flux_vacancy
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_vacancy();

CREATE TRIGGER counted_update_attributions AFTER UPDATE ON flux_vacancy
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_vacancy();

-- What a statement on reservations_convention moves of attributions_unitstage.
CREATE FUNCTION attributions_counts_of_convention() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM attributions_put_at_stage(f.id) FROM (SELECT r.id FROM (SELECT DISTINCT r.vacancy_id AS id FROM
            ((SELECT id, "management" FROM added EXCEPT SELECT id, "management" FROM removed) UNION ALL (SELECT
            id, "management" FROM removed EXCEPT SELECT id, "management" FROM added)) x JOIN flux_routing r ON
            r.convention_id = x.id AND r.closed_at IS NULL) r ORDER BY r.id) f;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER counted_update_attributions AFTER UPDATE ON reservations_convention
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_counts_of_convention();
