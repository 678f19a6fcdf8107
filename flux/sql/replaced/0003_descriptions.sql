-- What each act counts a unit under: the description of its day, kept with it (CCH, R441-5-1; docs/decisions/0037).

-- The one that counts on a day: the latest that began by then; of one day, the last that was written.
CREATE FUNCTION flux_described_on(unit bigint, day date) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT d.id FROM flux_unitdescription d
    WHERE d.unit_id = $1 AND d.since <= $2
    ORDER BY d.since DESC, d.id DESC
    LIMIT 1
$$;

-- A description is written once. Another takes its place, beside it.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_unitdescription FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- A unit that is recorded is described from the beginning. What is written on the unit itself, beside any act, is an
-- error corrected: its past follows, as it always did.
CREATE FUNCTION flux_describe_unit() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    last flux_unitdescription%ROWTYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT d.* INTO last FROM flux_unitdescription d WHERE d.id = flux_described_on(NEW.id, 'infinity');
        IF ROW(NEW.commune_id, NEW.rooms, NEW.financing_code, NEW.in_qpv, NEW.construction_year)
            IS NOT DISTINCT FROM
            ROW(last.commune_id, last.rooms, last.financing_code, last.in_qpv, last.construction_year)
        THEN
            RETURN NULL;  -- an act described it: this is its mirror
        END IF;
    END IF;

    INSERT INTO flux_unitdescription (
        unit_id, since, act, corrects_id, commune_id, rooms, financing_code, in_qpv, qpv_code, qpv_list,
        construction_year, attractiveness, source, recorded_at
    )
    SELECT
        NEW.id, coalesce(last.since, '0001-01-01'), CASE WHEN last.id IS NULL THEN 'RECORDED' ELSE 'ERROR' END,
        last.id, NEW.commune_id, NEW.rooms, NEW.financing_code, NEW.in_qpv,
        CASE WHEN NEW.in_qpv THEN coalesce(last.qpv_code, '') ELSE '' END, last.qpv_list,
        NEW.construction_year, coalesce(last.attractiveness, p.attractiveness), '', now()
    FROM flux_programme p
    WHERE p.id = NEW.programme_id;

    RETURN NULL;
END
$$;

CREATE TRIGGER described
    AFTER INSERT ON flux_unit FOR EACH ROW
    EXECUTE FUNCTION flux_describe_unit();

CREATE TRIGGER described_again
    AFTER UPDATE ON flux_unit FOR EACH ROW
    WHEN (
        ROW(OLD.commune_id, OLD.construction_year, OLD.financing_code, OLD.in_qpv, OLD.rooms)
        IS DISTINCT FROM
        ROW(NEW.commune_id, NEW.construction_year, NEW.financing_code, NEW.in_qpv, NEW.rooms)
    )
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

-- An entry keeps the description of the day of its act (`acted_on`, written first: 0002_acts.sql); what is owed, that
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

-- An entry is never corrected: another of the opposite sign is written beside it. No act writes over one; the database
-- alone, below, moves the description of those that an error had counted elsewhere.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_flowentry FOR EACH ROW
    WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION reservations_refuse();

-- The unit mirrors its latest description; what one corrects gives it the acts that it counted from that day on.
CREATE FUNCTION flux_follow_description() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    -- Its ledgers are locked first, in the order of every act (first lettings before the yearly one): those it has
    -- entries in, and the one it waits in, whose worker may be writing its first entries.
    IF NEW.corrects_id IS NOT NULL THEN
        PERFORM 1 FROM flux_ledger
        WHERE id IN (
            SELECT f.ledger_id FROM flux_flowentry f JOIN flux_vacancy w ON w.id = f.vacancy_id
            WHERE w.unit_id = NEW.unit_id
            UNION
            SELECT x.ledger_id FROM flux_vacancy x WHERE x.unit_id = NEW.unit_id
        )
        ORDER BY kind, id FOR UPDATE;
    END IF;

    UPDATE flux_unit SET
        commune_id = NEW.commune_id, rooms = NEW.rooms, financing_code = NEW.financing_code, in_qpv = NEW.in_qpv,
        construction_year = NEW.construction_year
    WHERE
        id = NEW.unit_id AND flux_described_on(NEW.unit_id, 'infinity') = NEW.id
        AND ROW(commune_id, rooms, financing_code, in_qpv, construction_year)
        IS DISTINCT FROM
        ROW(NEW.commune_id, NEW.rooms, NEW.financing_code, NEW.in_qpv, NEW.construction_year);

    IF NEW.corrects_id IS NOT NULL THEN
        UPDATE flux_vacancy SET description_id = NEW.id
        WHERE unit_id = NEW.unit_id AND description_id = NEW.corrects_id AND registered_on >= NEW.since;
        UPDATE flux_flowentry e SET description_id = NEW.id
        FROM flux_vacancy v
        WHERE
            v.id = e.vacancy_id AND v.unit_id = NEW.unit_id AND e.description_id = NEW.corrects_id
            AND NEW.since <= CASE
                WHEN e.stage IN ('DUE', 'CARRIED', 'FORFEITED') THEN v.registered_on ELSE e.acted_on
            END;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER followed
    AFTER INSERT ON flux_unitdescription FOR EACH ROW
    EXECUTE FUNCTION flux_follow_description();
