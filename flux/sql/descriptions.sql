-- What each act counts a unit under: the description of its day, kept with it (CCH, R441-5-1; docs/decisions/0037).

-- The one that counts on a day: the latest that began by then; of one day, the last that was written.
CREATE FUNCTION flux_described_on(unit bigint, day date) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT d.id FROM flux_unitdescription d
    WHERE d.unit_id = $1 AND d.since <= $2
    ORDER BY d.since DESC, d.id DESC
    LIMIT 1
$$;

-- A unit that is recorded is described from the beginning.
CREATE FUNCTION flux_describe_unit() RETURNS trigger
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

-- A vacancy keeps the description of the day it was registered; only what corrects this one changes it.
CREATE FUNCTION flux_describe_vacancy() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.unit_id <> OLD.unit_id OR NEW.registered_on <> OLD.registered_on THEN
        NEW.description_id := flux_described_on(NEW.unit_id, NEW.registered_on);
    ELSE
        NEW.description_id := OLD.description_id;  -- a row read before, and saved whole
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER described
    BEFORE INSERT ON flux_vacancy FOR EACH ROW
    EXECUTE FUNCTION flux_describe_vacancy();

CREATE TRIGGER described_again
    BEFORE UPDATE ON flux_vacancy FOR EACH ROW
    WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION flux_describe_vacancy();

-- An entry keeps the description of the day of its act (`acted_on`, written first: acts.sql); what is owed, that
-- of its vacancy. What takes an act back has the very one of that act, even where a change that was learnt later begins
-- before its day: nothing is ever less than nothing in a cell.
CREATE FUNCTION flux_describe_entry() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.description_id := NULL;
    IF NEW.stage IN ('DUE', 'CARRIED', 'FORFEITED') THEN
        SELECT v.description_id INTO NEW.description_id FROM flux_vacancy v WHERE v.id = NEW.vacancy_id;
    ELSIF NEW.quantity < 0 THEN
        SELECT p.description_id INTO NEW.description_id FROM flux_flowentry p
        WHERE
            p.vacancy_id = NEW.vacancy_id AND p.ledger_id = NEW.ledger_id AND p.holder_id = NEW.holder_id
            AND p.stage = NEW.stage AND p.side = NEW.side AND p.quantity > 0 AND p."on" = NEW.acted_on
            AND p.id < NEW.id
        ORDER BY p.id DESC
        LIMIT 1;
    END IF;
    IF NEW.description_id IS NULL THEN
        SELECT flux_described_on(v.unit_id, NEW.acted_on) INTO NEW.description_id
        FROM flux_vacancy v WHERE v.id = NEW.vacancy_id;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER described
    BEFORE INSERT ON flux_flowentry FOR EACH ROW
    WHEN (NEW.vacancy_id IS NOT NULL)
    EXECUTE FUNCTION flux_describe_entry();

-- Each unit mirrors its latest description; what one corrects gives it the acts that it counted from that day on. Of
-- two that correct the same in one statement, the latest that began by the day of the act has it.
CREATE FUNCTION flux_follow_description() RETURNS trigger
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
