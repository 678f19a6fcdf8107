-- At its term nothing that is left singles out a household (docs/personal-data.md). A request and its candidacies keep
-- their acts and no fact; the facts of leases that objectives count are dealt among those whose term is over too, at
-- least as many as the least count that is published, so that none is any longer that of its own dwelling.

-- What a household looks for goes at its term with its facts: where it wants to live, that it needs an accessible home.
CREATE FUNCTION attributions_erase_facts(requests bigint[]) RETURNS void
LANGUAGE sql VOLATILE SET search_path = public, pg_temp AS $$
    UPDATE attributions_application SET
        adults = NULL, children = NULL, income = NULL, income_units = NULL, income_quartile = NULL,
        has_priority = NULL, priority_id = NULL, labelled_on = NULL, urban_renewal = false, state_agent = false,
        essential_worker = NULL, score = NULL, requested_on = NULL, wanted_communes = '{}', least_rooms = NULL,
        needs_accessible = NULL, labelled_until = NULL, documents = ''
    WHERE id = ANY (requests);
    UPDATE attributions_proposal SET
        adults = NULL, children = NULL, income = NULL, income_units = NULL, income_quartile = NULL,
        has_priority = NULL, priority_id = NULL, labelled_on = NULL, urban_renewal = false, state_agent = false,
        essential_worker = NULL, score = NULL, dalo_designated = false, effort_rate = NULL, living_rest = NULL
    WHERE application_id = ANY (requests);
$$;

-- Leases whose term is over on that day: their request was erased; without a request here, the day of the signature is
-- that of the closure. `due`: their facts are still their own. Out of the flow: as the landlord's own part (7).
CREATE FUNCTION attributions_past_leases(today date) RETURNS TABLE (
    lease bigint, due boolean, counts boolean, year integer, landlord bigint, commune bigint, epci bigint,
    departement bigint, holder bigint, contingent integer, acting bigint, in_qpv boolean, in_mix boolean
)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT
        l.id, l.facts_among IS NULL, l.cancelled_at IS NULL AND v.cancelled_at IS NULL,
        date_part('year', l.signed_on)::integer, v.landlord_id, d.commune_id, coalesce(t.epci_id, d.commune_id),
        t.departement_id, l.holder_id, coalesce(h.contingent, 7)::integer, r.acting_id, l.in_qpv, l.in_mix_residence
    FROM attributions_lease l
    JOIN flux_vacancy v ON v.id = l.vacancy_id
    JOIN flux_unitdescription d ON d.id = v.description_id
    JOIN reservations_territory t ON t.id = d.commune_id
    LEFT JOIN reservations_reservationholder h ON h.id = l.holder_id
    LEFT JOIN flux_routing r ON r.id = l.routing_id
    LEFT JOIN attributions_proposal p ON p.id = l.proposal_id
    LEFT JOIN attributions_application a ON a.id = p.application_id
    WHERE l.facts_among > 0
    OR l.facts_among IS NULL AND (
        a.pseudonymised_on <= today OR l.proposal_id IS NULL AND attributions_kept_until(l.signed_on) < today
    )
$$;

-- Deal the facts of the leases whose term is over: how many were. In the narrowest class that has enough of them, since
-- counts of the class stay exact: of a landlord in a commune and its holder, then in the EPCI, then of all landlords by
-- contingent, then of the département. Where there are never enough, and of what was cancelled, the facts are erased.
CREATE FUNCTION attributions_deal_facts(today date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    rules CONSTANT text[] := ARRAY['attributions_lease.dealt_at_term', 'attributions_lease.kept'];
    least integer;
    dealt bigint;
BEGIN
    PERFORM reservations_refuse_days_to_come(today);
    PERFORM pg_advisory_xact_lock(5897, -2);  -- two that deal together would take from each other what neither has
    SELECT greatest(5, coalesce(max(p.value), 5)::integer) INTO least FROM reservations_legalparameter p
    WHERE p.code = 'SMALL_CELL' AND today BETWEEN p.starts_on AND coalesce(p.ends_on, 'infinity');
    SELECT count(*) INTO dealt FROM attributions_past_leases(today) l WHERE l.due;
    IF dealt = 0 THEN
        RETURN 0;
    END IF;

    PERFORM reservations_set_aside(rules);
    FOR width IN 1..4 LOOP
        WITH classed AS (
            SELECT l.lease, l.due, format(
                '%s|%s|%s|%s',
                CASE width
                    WHEN 1 THEN format('%s|%s|%s|%s', l.landlord, l.commune, l.holder, l.acting)
                    WHEN 2 THEN format('%s|%s|%s|%s', l.landlord, l.epci, l.holder, l.acting)
                    WHEN 3 THEN format('%s|%s', l.epci, l.contingent)
                    ELSE format('%s', l.departement)
                END, l.year, l.in_qpv, l.in_mix
            ) AS class
            FROM attributions_past_leases(today) l WHERE l.counts
        ), ranked AS (
            -- Those that are due; with them, of those that were dealt before, no more than it takes.
            SELECT
                c.lease, c.class,
                row_number() OVER (PARTITION BY c.class ORDER BY NOT c.due, random()) AS place,
                count(*) FILTER (WHERE c.due) OVER (PARTITION BY c.class) AS dues,
                count(*) OVER (PARTITION BY c.class) AS size
            FROM classed c
        ), pool AS (
            SELECT
                r.lease, r.class,
                row_number() OVER (PARTITION BY r.class ORDER BY r.lease) AS seat,
                row_number() OVER (PARTITION BY r.class ORDER BY random()) AS card,
                count(*) OVER (PARTITION BY r.class) AS among
            FROM ranked r WHERE r.dues > 0 AND r.size >= least AND r.place <= greatest(least, r.dues)
        )
        UPDATE attributions_lease l SET
            income_quartile = o.income_quartile, has_priority = o.has_priority, priority_id = o.priority_id,
            urban_renewal = o.urban_renewal, state_agent = o.state_agent, essential_worker = o.essential_worker,
            persons = o.persons, facts_among = p.among
        FROM pool p
        JOIN pool c ON c.class = p.class AND c.card = p.seat
        JOIN attributions_lease o ON o.id = c.lease
        WHERE l.id = p.lease;
    END LOOP;

    UPDATE attributions_lease SET
        income_quartile = NULL, has_priority = NULL, priority_id = NULL, urban_renewal = NULL, state_agent = NULL,
        essential_worker = NULL, persons = NULL, facts_among = 0
    WHERE id IN (SELECT l.lease FROM attributions_past_leases(today) l WHERE l.due);
    PERFORM reservations_give_back(rules);
    RETURN dealt;
END
$$;
