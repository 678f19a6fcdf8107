-- How long units take from one step to another is counted where and for whom they are: pages of delays read as many
-- rows as there are places, holders and lengths.

-- Easter, from 1900 to 2099 (Gauss).
CREATE FUNCTION attributions_easter(year integer) RETURNS date
LANGUAGE sql IMMUTABLE AS $$
    SELECT make_date(year, 3, 22) + late.days + (2 * (year % 4) + 4 * (year % 7) + 6 * late.days + 5) % 7
    FROM (SELECT (19 * (year % 19) + 24) % 30 AS days) first
    CROSS JOIN LATERAL (
        SELECT first.days - CASE WHEN first.days = 29 OR (first.days = 28 AND year % 19 > 10) THEN 1 ELSE 0 END AS days
    ) late
$$;

-- The holidays that are not a Saturday or a Sunday, after a day and until another, as `is_working`
-- (reservations/deadlines.py) knows them since 1982: those of the whole of France, and the `local` ones of
-- Alsace-Moselle.
CREATE FUNCTION attributions_holidays(since date, until date) RETURNS TABLE (day date, local boolean)
LANGUAGE sql IMMUTABLE AS $$
    SELECT DISTINCT h.day, h.local
    FROM generate_series(date_part('year', since)::integer, date_part('year', until)::integer) y (year)
    CROSS JOIN LATERAL (SELECT attributions_easter(y.year) AS day) easter
    CROSS JOIN LATERAL (
        VALUES
            (make_date(y.year, 1, 1), false), (easter.day + 1, false), (make_date(y.year, 5, 1), false),
            (make_date(y.year, 5, 8), false), (easter.day + 39, false),
            (CASE WHEN y.year NOT BETWEEN 2005 AND 2007 THEN easter.day + 50 END, false),
            (make_date(y.year, 7, 14), false), (make_date(y.year, 8, 15), false), (make_date(y.year, 11, 1), false),
            (make_date(y.year, 11, 11), false), (make_date(y.year, 12, 25), false),
            (easter.day - 2, true), (make_date(y.year, 12, 26), true)
    ) h (day, local)
    WHERE h.day > since AND h.day <= until AND date_part('isodow', h.day) < 6
$$;

-- From Monday to Friday, how many days there are from the beginning of 1900 to this one.
CREATE FUNCTION attributions_weekdays(day date) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT (day - date '1900-01-01') / 7 * 5 + least((day - date '1900-01-01') % 7 + 1, 5)
$$;

-- What units (ids) count for: each span between two steps, from the first of the unit, or of one of its routings, to
-- the first of the other kind that follows it there; then candidates sent, and leases of candidates. The steps are
-- those that `steps` (attributions/households/queries/steps.py) tells of each, in order. Nothing of what was cancelled.
CREATE FUNCTION attributions_spans_of(followed bigint[])
RETURNS TABLE (
    vacancy_id bigint, landlord_id bigint, fell smallint, start text, reached text, place_id bigint, commune_id bigint,
    days integer, holder_id bigint, acting_id bigint, open_holder_id bigint, open_acting_id bigint, units integer
)
LANGUAGE sql STABLE AS $$
    WITH units AS MATERIALIZED (
        SELECT
            v.id, v.landlord_id, date_part('year', v.registered_on)::smallint AS fell, v.commune_id AS place_id,
            d.commune_id, v.notice_on, v.registered_on, o.holder_id AS open_holder_id, o.acting_id AS open_acting_id
        FROM flux_vacancy v
        JOIN flux_unitdescription d ON d.id = v.description_id
        LEFT JOIN flux_routing o ON o.vacancy_id = v.id AND o.closed_at IS NULL
        WHERE v.id = ANY (followed) AND v.cancelled_at IS NULL
    ),
    steps (vacancy, routing, place, day) AS MATERIALIZED (
        SELECT u.id, NULL::bigint, 1, u.notice_on FROM units u
        UNION ALL
        SELECT u.id, NULL, 2, u.registered_on FROM units u
        UNION ALL
        SELECT r.vacancy_id, r.id, 3, (r.routed_at AT TIME ZONE 'Europe/Paris')::date
        FROM flux_routing r WHERE r.vacancy_id = ANY (followed)
        UNION ALL
        SELECT d.vacancy_id, d.routing_id, 4, (d.sent_at AT TIME ZONE 'Europe/Paris')::date
        FROM attributions_designation d
        WHERE
            d.vacancy_id = ANY (followed)
            AND EXISTS (SELECT 1 FROM attributions_proposal p WHERE p.designation_id = d.id)
        UNION ALL
        SELECT p.vacancy_id, p.routing_id, 5, (max(p.ready_at) AT TIME ZONE 'Europe/Paris')::date
        FROM attributions_proposal p
        WHERE p.vacancy_id = ANY (followed) AND p.designation_id IS NOT NULL
        GROUP BY p.vacancy_id, p.routing_id
        HAVING max(p.ready_at) IS NOT NULL AND NOT bool_or(p.ready_at IS NULL AND p.status = 'SENT')
        UNION ALL
        SELECT i.vacancy_id, i.routing_id, 6, (s.held_at AT TIME ZONE 'Europe/Paris')::date
        FROM attributions_agendaitem i
        JOIN attributions_committeesession s ON s.id = i.session_id
        WHERE i.vacancy_id = ANY (followed) AND s.opened_at IS NOT NULL AND i.postponed_at IS NULL
        UNION ALL
        SELECT i.vacancy_id, i.routing_id, 7, min(d.decided_on)
        FROM attributions_agendaitem i
        JOIN attributions_casedecision d ON d.item_id = i.id
        WHERE i.vacancy_id = ANY (followed)
        GROUP BY i.id
        UNION ALL
        SELECT p.vacancy_id, p.routing_id, 8, f.sent_on
        FROM attributions_proposal p
        JOIN attributions_offer f ON f.proposal_id = p.id
        WHERE p.vacancy_id = ANY (followed)
        UNION ALL
        SELECT p.vacancy_id, p.routing_id, 9, f.answered_on
        FROM attributions_proposal p
        JOIN attributions_offer f ON f.proposal_id = p.id
        WHERE p.vacancy_id = ANY (followed) AND f.answered_on IS NOT NULL AND f.answer <> 'CANCELLED'
        UNION ALL
        SELECT l.vacancy_id, l.routing_id, 10, l.signed_on
        FROM attributions_lease l WHERE l.vacancy_id = ANY (followed) AND l.cancelled_at IS NULL
    ),
    begun AS (
        SELECT s.vacancy, s.place, CASE WHEN s.place > 2 THEN coalesce(s.routing, 0) END AS part, min(s.day) AS day
        FROM steps s
        GROUP BY 1, 2, 3
    ),
    spans AS (
        SELECT DISTINCT ON (b.vacancy, b.place, b.part, e.place)
            b.vacancy, e.routing, b.place AS start, e.place AS reached, b.day AS since, e.day AS until
        FROM begun b
        JOIN steps e ON
            e.vacancy = b.vacancy AND e.place > b.place AND e.day >= b.day
            AND (b.part IS NULL OR coalesce(e.routing, 0) = b.part)
        ORDER BY b.vacancy, b.place, b.part, e.place, e.day, coalesce(e.routing, 0)
    ),
    told (vacancy, routing, start, reached, since, until) AS (
        SELECT s.vacancy, s.routing, s.start, s.reached, s.since, s.until FROM spans s
        UNION ALL
        SELECT p.vacancy_id, p.routing_id, NULL, 4, NULL, NULL
        FROM attributions_proposal p WHERE p.vacancy_id = ANY (followed) AND p.designation_id IS NOT NULL
        UNION ALL
        SELECT l.vacancy_id, l.routing_id, NULL, 10, NULL, NULL
        FROM attributions_lease l
        WHERE l.vacancy_id = ANY (followed) AND l.cancelled_at IS NULL AND l.proposal_id IS NOT NULL
    ),
    holidays AS MATERIALIZED (
        SELECT h.day, h.local
        FROM (SELECT min(s.since) AS since, max(s.until) AS until FROM spans s) s
        CROSS JOIN LATERAL attributions_holidays(s.since, s.until) h
    ),
    named (names) AS (
        SELECT ARRAY[
            'NOTICE', 'REGISTERED', 'ROUTED', 'SENT', 'READY', 'COMMITTEE', 'DECIDED', 'OFFERED', 'ANSWERED', 'LEASED'
        ]
    )
    SELECT
        u.id, u.landlord_id, u.fell, coalesce(n.names[t.start], ''), n.names[t.reached], u.place_id, u.commune_id,
        coalesce(
            attributions_weekdays(t.until) - attributions_weekdays(t.since)
            - (
                SELECT count(*)::integer FROM holidays h
                WHERE h.day > t.since AND h.day <= t.until AND (NOT h.local OR coalesce(c.local_holidays, false))
            ),
            0
        ) AS days,
        r.holder_id, r.acting_id, u.open_holder_id, u.open_acting_id, count(*)::integer
    FROM told t
    JOIN units u ON u.id = t.vacancy
    CROSS JOIN named n
    LEFT JOIN flux_routing r ON r.id = t.routing
    LEFT JOIN reservations_convention c ON c.id = r.convention_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
$$;

-- Units (ids) leave the counts where they were, and enter those where they are: in the order of their ids, then of the
-- keys of the counts. What is read of a unit is read once its row is held: of two acts, the second sees the first.
CREATE FUNCTION attributions_fold_spans(followed bigint[]) RETURNS void
LANGUAGE plpgsql
-- Planned once: planning costs ten times what one unit does.
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    before bigint[];
BEGIN
    INSERT INTO attributions_unitspan (vacancy_id, counts)
    SELECT v.id, '{}' FROM flux_vacancy v WHERE v.id = ANY (followed) ORDER BY v.id
    ON CONFLICT DO NOTHING;
    SELECT array_agg(DISTINCT c.id) INTO before
    FROM (
        SELECT h.counts
        FROM attributions_unitspan h
        WHERE h.vacancy_id = ANY (followed)
        ORDER BY h.vacancy_id
        FOR UPDATE
    ) h
    CROSS JOIN LATERAL unnest(h.counts) c (id);

    WITH said AS MATERIALIZED (
        SELECT s.* FROM attributions_spans_of(followed) s
    ),
    moved AS (
        INSERT INTO attributions_spancount AS c (
            landlord_id, fell, start, reached, place_id, commune_id, days, holder_id, acting_id, open_holder_id,
            open_acting_id, units
        )
        SELECT
            m.landlord_id, m.fell, m.start, m.reached, m.place_id, m.commune_id, m.days, m.holder_id, m.acting_id,
            m.open_holder_id, m.open_acting_id, sum(m.units)
        FROM (
            SELECT
                s.landlord_id, s.fell, s.start, s.reached, s.place_id, s.commune_id, s.days, s.holder_id,
                s.acting_id, s.open_holder_id, s.open_acting_id, s.units
            FROM said s
            UNION ALL
            SELECT
                k.landlord_id, k.fell, k.start, k.reached, k.place_id, k.commune_id, k.days, k.holder_id,
                k.acting_id, k.open_holder_id, k.open_acting_id, - 1
            FROM attributions_unitspan h
            CROSS JOIN LATERAL unnest(h.counts) i (id)
            JOIN attributions_spancount k ON k.id = i.id
            WHERE h.vacancy_id = ANY (followed)
        ) m
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
        HAVING sum(m.units) <> 0
        ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
        ON CONFLICT (
            landlord_id, fell, start, reached, place_id, commune_id, days, holder_id, acting_id, open_holder_id,
            open_acting_id
        ) DO UPDATE SET units = c.units + excluded.units
        RETURNING
            c.id,
            c.landlord_id, c.fell, c.start, c.reached, c.place_id, c.commune_id, c.days, c.holder_id, c.acting_id,
            c.open_holder_id, c.open_acting_id
    ),
    keys AS MATERIALIZED (
        SELECT DISTINCT
            s.landlord_id, s.fell, s.start, s.reached, s.place_id, s.commune_id, s.days, s.holder_id, s.acting_id,
            s.open_holder_id, s.open_acting_id
        FROM said s
    ),
    found AS MATERIALIZED (
        SELECT
            coalesce(m.id, c.id) AS id,
            k.landlord_id, k.fell, k.start, k.reached, k.place_id, k.commune_id, k.days, k.holder_id, k.acting_id,
            k.open_holder_id, k.open_acting_id
        FROM keys k
        LEFT JOIN moved m ON
            m.landlord_id = k.landlord_id AND m.fell = k.fell AND m.start = k.start AND m.reached = k.reached AND
            m.place_id = k.place_id AND m.commune_id = k.commune_id AND m.days = k.days AND coalesce(m.holder_id,
            0) = coalesce(k.holder_id, 0) AND coalesce(m.acting_id, 0) = coalesce(k.acting_id, 0) AND
            coalesce(m.open_holder_id, 0) = coalesce(k.open_holder_id, 0) AND coalesce(m.open_acting_id, 0) =
            coalesce(k.open_acting_id, 0)
        LEFT JOIN attributions_spancount c ON
            m.id IS NULL AND
            c.landlord_id = k.landlord_id AND c.fell = k.fell AND c.start = k.start AND c.reached = k.reached AND
            c.place_id = k.place_id AND c.commune_id = k.commune_id AND c.days = k.days AND coalesce(c.holder_id,
            0) = coalesce(k.holder_id, 0) AND coalesce(c.acting_id, 0) = coalesce(k.acting_id, 0) AND
            coalesce(c.open_holder_id, 0) = coalesce(k.open_holder_id, 0) AND coalesce(c.open_acting_id, 0) =
            coalesce(k.open_acting_id, 0)
    ),
    held AS (
        SELECT s.vacancy_id, array_agg(f.id ORDER BY f.id) AS counts
        FROM said s
        JOIN found f ON
            f.landlord_id = s.landlord_id AND f.fell = s.fell AND f.start = s.start AND f.reached = s.reached AND
            f.place_id = s.place_id AND f.commune_id = s.commune_id AND f.days = s.days AND coalesce(f.holder_id,
            0) = coalesce(s.holder_id, 0) AND coalesce(f.acting_id, 0) = coalesce(s.acting_id, 0) AND
            coalesce(f.open_holder_id, 0) = coalesce(s.open_holder_id, 0) AND coalesce(f.open_acting_id, 0) =
            coalesce(s.open_acting_id, 0)
        CROSS JOIN LATERAL generate_series(1, s.units)
        GROUP BY s.vacancy_id
    )
    UPDATE attributions_unitspan h
    SET counts = n.counts
    FROM (
        SELECT o.vacancy_id, coalesce(e.counts, '{}') AS counts
        FROM attributions_unitspan o
        LEFT JOIN held e ON e.vacancy_id = o.vacancy_id
        WHERE o.vacancy_id = ANY (followed)
    ) n
    WHERE h.vacancy_id = n.vacancy_id AND h.counts <> n.counts;

    DELETE FROM attributions_spancount c WHERE c.id = ANY (before) AND c.units = 0;
END
$$;
