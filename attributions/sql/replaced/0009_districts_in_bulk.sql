-- Leases follow what corrects the description they were counted under, by statement as entries do
-- (flux/sql/0016_units_in_bulk.sql): the same rule as 0005_lease_districts.sql, after entries, by its name.

DROP TRIGGER followed_by_leases ON flux_unitdescription;

CREATE OR REPLACE FUNCTION attributions_follow_district() RETURNS trigger
LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM added WHERE corrects_id IS NOT NULL) THEN
        RETURN NULL;
    END IF;

    UPDATE attributions_lease s SET in_qpv = c.in_qpv
    FROM (
        SELECT DISTINCT ON (l.id) l.id AS lease_id, a.in_qpv
        FROM added a
        JOIN flux_unitdescription d ON d.id = a.corrects_id
        JOIN flux_vacancy v ON v.unit_id = a.unit_id
        JOIN attributions_lease l ON l.vacancy_id = v.id
        WHERE
            l.signed_on >= a.since AND l.in_qpv IS NOT DISTINCT FROM d.in_qpv
            AND CASE
                WHEN EXISTS (SELECT 1 FROM flux_flowentry e WHERE e.vacancy_id = v.id AND e.stage = 'LEASED')
                THEN EXISTS (
                    SELECT 1 FROM flux_flowentry f
                    WHERE
                        f.vacancy_id = v.id AND f.stage = 'LEASED' AND f.description_id = a.id
                        AND f.acted_on = l.signed_on
                )
                ELSE flux_described_on(a.unit_id, l.signed_on) = a.id
            END
        ORDER BY l.id, a.since DESC, a.id DESC
    ) c
    WHERE s.id = c.lease_id;

    RETURN NULL;
END
$$;

CREATE TRIGGER followed_by_leases
    AFTER INSERT ON flux_unitdescription REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION attributions_follow_district();
