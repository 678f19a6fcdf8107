-- A file of two hundred thousand units is described by statement, no longer unit by unit: the same rules as
-- 0003_descriptions.sql, said once for all the rows that a statement wrote (docs/decisions/0045).

-- A plan is kept for as long as a connection, and the first may be made when tables are empty: rows are always found by
-- their index. A statement that wrote no row says so to its triggers too: it ends there.

DROP TRIGGER described ON flux_unit;
DROP TRIGGER described_again ON flux_unit;
DROP TRIGGER followed ON flux_unitdescription;

-- A unit that is recorded is described from the beginning.
CREATE OR REPLACE FUNCTION flux_describe_unit() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO flux_unitdescription (
        unit_id, since, act, corrects_id, commune_id, rooms, financing_code, in_qpv, qpv_code, qpv_list,
        construction_year, attractiveness, source, recorded_at
    )
    SELECT
        u.id, '0001-01-01', 'RECORDED', NULL, u.commune_id, u.rooms, u.financing_code, u.in_qpv, '', NULL,
        u.construction_year, p.attractiveness, '', now()
    FROM added u
    JOIN flux_programme p ON p.id = u.programme_id
    ORDER BY u.id;

    RETURN NULL;
END
$$;

CREATE TRIGGER described
    AFTER INSERT ON flux_unit REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION flux_describe_unit();

-- What is written on the unit itself, beside any act, is an error corrected: its past follows, as it always did. What
-- an act described is already its latest description: this is its mirror, and says nothing.
CREATE FUNCTION flux_describe_unit_again() RETURNS trigger
LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM added) THEN
        RETURN NULL;
    END IF;

    INSERT INTO flux_unitdescription (
        unit_id, since, act, corrects_id, commune_id, rooms, financing_code, in_qpv, qpv_code, qpv_list,
        construction_year, attractiveness, source, recorded_at
    )
    SELECT
        u.id, d.since, 'ERROR', d.id, u.commune_id, u.rooms, u.financing_code, u.in_qpv,
        CASE WHEN u.in_qpv THEN d.qpv_code ELSE '' END, d.qpv_list, u.construction_year, d.attractiveness, '', now()
    FROM added u
    JOIN removed o ON o.id = u.id
    JOIN flux_unitdescription d ON d.id = flux_described_on(u.id, 'infinity')
    WHERE
        ROW(o.commune_id, o.rooms, o.financing_code, o.in_qpv, o.construction_year)
        IS DISTINCT FROM
        ROW(u.commune_id, u.rooms, u.financing_code, u.in_qpv, u.construction_year)
        AND ROW(u.commune_id, u.rooms, u.financing_code, u.in_qpv, u.construction_year)
        IS DISTINCT FROM
        ROW(d.commune_id, d.rooms, d.financing_code, d.in_qpv, d.construction_year)
    ORDER BY u.id;

    RETURN NULL;
END
$$;

CREATE TRIGGER described_again
    AFTER UPDATE ON flux_unit REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION flux_describe_unit_again();

-- Each unit mirrors its latest description; what one corrects gives it the acts that it counted from that day on. Of
-- two that correct the same in one statement, the latest that began by the day of the act has it.
CREATE OR REPLACE FUNCTION flux_follow_description() RETURNS trigger
LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    corrected boolean := EXISTS (SELECT 1 FROM added WHERE corrects_id IS NOT NULL);
BEGIN
    IF NOT EXISTS (SELECT 1 FROM added) THEN
        RETURN NULL;
    END IF;

    -- Ledgers are locked first, in the order of every act (first lettings before the yearly one): those that the units
    -- have entries in, and the one each waits in, whose worker may be writing its first entries.
    IF corrected THEN
        PERFORM 1 FROM flux_ledger
        WHERE id IN (
            SELECT f.ledger_id
            FROM added a
            JOIN flux_vacancy w ON w.unit_id = a.unit_id
            JOIN flux_flowentry f ON f.vacancy_id = w.id
            WHERE a.corrects_id IS NOT NULL
            UNION
            SELECT x.ledger_id FROM added b JOIN flux_vacancy x ON x.unit_id = b.unit_id WHERE b.corrects_id IS NOT NULL
        )
        ORDER BY kind, id FOR UPDATE;
    END IF;

    UPDATE flux_unit u SET
        commune_id = a.commune_id, rooms = a.rooms, financing_code = a.financing_code, in_qpv = a.in_qpv,
        construction_year = a.construction_year
    FROM added a
    WHERE
        u.id = a.unit_id
        AND ROW(u.commune_id, u.rooms, u.financing_code, u.in_qpv, u.construction_year)
        IS DISTINCT FROM
        ROW(a.commune_id, a.rooms, a.financing_code, a.in_qpv, a.construction_year)
        AND flux_described_on(u.id, 'infinity') = a.id;

    IF corrected THEN
        UPDATE flux_vacancy v SET description_id = c.id
        FROM (
            SELECT DISTINCT ON (w.id) w.id AS vacancy_id, a.id
            FROM added a
            JOIN flux_vacancy w ON w.unit_id = a.unit_id AND w.description_id = a.corrects_id
            WHERE w.registered_on >= a.since
            ORDER BY w.id, a.since DESC, a.id DESC
        ) c
        WHERE v.id = c.vacancy_id;

        UPDATE flux_flowentry e SET description_id = c.id
        FROM (
            SELECT DISTINCT ON (f.id) f.id AS entry_id, a.id
            FROM added a
            JOIN flux_vacancy w ON w.unit_id = a.unit_id
            JOIN flux_flowentry f ON f.vacancy_id = w.id AND f.description_id = a.corrects_id
            WHERE a.since <= CASE
                WHEN f.stage IN ('DUE', 'CARRIED', 'FORFEITED') THEN w.registered_on ELSE f.acted_on
            END
            ORDER BY f.id, a.since DESC, a.id DESC
        ) c
        WHERE e.id = c.entry_id;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER followed
    AFTER INSERT ON flux_unitdescription REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION flux_follow_description();
