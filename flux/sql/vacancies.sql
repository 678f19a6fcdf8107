-- A vacancy knows its landlord, so that its lists are read by an index: what others store costs nothing to who reads
-- its own.

CREATE FUNCTION flux_keep_landlord() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    SELECT u.landlord_id INTO NEW.landlord_id FROM flux_unit u WHERE u.id = NEW.unit_id;
    RETURN NEW;
END
$$;

CREATE TRIGGER landlord_told
    BEFORE INSERT ON flux_vacancy FOR EACH ROW
    EXECUTE FUNCTION flux_keep_landlord();

CREATE TRIGGER landlord_told_again
    BEFORE UPDATE ON flux_vacancy FOR EACH ROW
    WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION flux_keep_landlord();

-- A unit that passes to another landlord takes its vacancies along.
CREATE FUNCTION flux_move_vacancies() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE flux_vacancy SET landlord_id = NEW.landlord_id WHERE unit_id = NEW.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER vacancies_moved
    AFTER UPDATE OF landlord_id ON flux_unit FOR EACH ROW
    WHEN (OLD.landlord_id <> NEW.landlord_id)
    EXECUTE FUNCTION flux_move_vacancies();

-- A vacancy knows where its unit is, and each commune how many of its units fell vacant: lists of whoever oversees a
-- territory are read by an index, and counted from as many rows as there are communes.

CREATE FUNCTION flux_keep_place() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    SELECT u.commune_id INTO NEW.commune_id FROM flux_unit u WHERE u.id = NEW.unit_id;
    RETURN NEW;
END
$$;

CREATE TRIGGER place_told
    BEFORE INSERT ON flux_vacancy FOR EACH ROW
    EXECUTE FUNCTION flux_keep_place();

CREATE TRIGGER place_told_again
    BEFORE UPDATE ON flux_vacancy FOR EACH ROW
    WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION flux_keep_place();

-- A unit whose commune was an error, or became another one, takes its vacancies along.
CREATE FUNCTION flux_place_vacancies() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE flux_vacancy SET commune_id = NEW.commune_id WHERE unit_id = NEW.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER vacancies_placed
    AFTER UPDATE OF commune_id ON flux_unit FOR EACH ROW
    WHEN (OLD.commune_id <> NEW.commune_id)
    EXECUTE FUNCTION flux_place_vacancies();

-- What a vacancy adds to the count of its place, and takes back when it leaves it or is cancelled.
CREATE FUNCTION flux_count_place() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO flux_placecount (landlord_id, commune_id, year, ledger_id, units)
        SELECT OLD.landlord_id, OLD.commune_id, date_part('year', OLD.registered_on), OLD.ledger_id, - 1
        WHERE OLD.cancelled_at IS NULL
        ON CONFLICT (landlord_id, commune_id, year, ledger_id) DO UPDATE SET
            units = flux_placecount.units + excluded.units;
    END IF;

    IF TG_OP <> 'DELETE' THEN
        INSERT INTO flux_placecount (landlord_id, commune_id, year, ledger_id, units)
        SELECT NEW.landlord_id, NEW.commune_id, date_part('year', NEW.registered_on), NEW.ledger_id, + 1
        WHERE NEW.cancelled_at IS NULL
        ON CONFLICT (landlord_id, commune_id, year, ledger_id) DO UPDATE SET
            units = flux_placecount.units + excluded.units;
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER place_counted
    AFTER INSERT OR DELETE ON flux_vacancy FOR EACH ROW
    EXECUTE FUNCTION flux_count_place();

CREATE TRIGGER place_counted_again
    AFTER UPDATE ON flux_vacancy FOR EACH ROW
    WHEN (
        ROW(OLD.cancelled_at, OLD.commune_id, OLD.landlord_id, OLD.ledger_id, OLD.registered_on)
        IS DISTINCT FROM
        ROW(NEW.cancelled_at, NEW.commune_id, NEW.landlord_id, NEW.ledger_id, NEW.registered_on)
    )
    EXECUTE FUNCTION flux_count_place();

-- The life of a unit is one story: works end, it is let again, and it falls vacant once (docs/decisions/0113).

-- That works ended is written once, beside the return that began them.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_resumption FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_resumption FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();

-- So is a forecast that was made to a holder, and what changed it.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_formerforecast FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_formerforecast FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();

SELECT reservations_imprint_rows(kept) FROM unnest(ARRAY['flux_formerforecast', 'flux_resumption']) AS kept;

-- It does not fall vacant here while it is vacant anywhere, nor is what was let or cancelled before opened again.
CREATE FUNCTION flux_open_once() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1
        FROM flux_vacancy v
        WHERE
            v.unit_id IN (SELECT flux_dwelling(NEW.unit_id)) AND v.unit_id <> NEW.unit_id
            AND v.cancelled_at IS NULL AND v.closed_on IS NULL AND NOT v.is_let
            AND v.kind IN ('IN_FLOW', 'STOCK', 'FIRST_LETTING', 'TECHNICAL')
    ) AND NOT reservations_unguarded(TG_TABLE_NAME, TG_NAME) THEN
        RAISE EXCEPTION 'Unit % is vacant already, at another landlord', NEW.unit_id
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'vacancy_open_once';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER open_once
    BEFORE INSERT ON flux_vacancy FOR EACH ROW
    WHEN (NEW.kind IN ('IN_FLOW', 'STOCK', 'FIRST_LETTING', 'TECHNICAL'))
    EXECUTE FUNCTION flux_open_once();

-- One dwelling, whoever had it: a unit given to another landlord, then given on, falls vacant once
-- (docs/decisions/0114).

-- The units that one dwelling was and became, itself included: one row a transfer, found by its two keys.
CREATE FUNCTION flux_dwelling(unit bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE ROWS 2 SET search_path = public, pg_temp AS $$
    WITH RECURSIVE dwelling (id) AS (
        SELECT $1
        UNION
        SELECT CASE WHEN t.unit_id = d.id THEN t.becomes_id ELSE t.unit_id END
        FROM dwelling d
        JOIN flux_transferredunit t ON t.unit_id = d.id OR t.becomes_id = d.id
    )
    SELECT d.id FROM dwelling d
$$;

CREATE TRIGGER open_once_again
    BEFORE UPDATE OF is_let, cancelled_at, closed_on ON flux_vacancy FOR EACH ROW
    WHEN (
        NEW.kind IN ('IN_FLOW', 'STOCK', 'FIRST_LETTING', 'TECHNICAL')
        AND NEW.cancelled_at IS NULL AND NEW.closed_on IS NULL AND NOT NEW.is_let
        AND (OLD.cancelled_at IS NOT NULL OR OLD.closed_on IS NOT NULL OR OLD.is_let)
    )
    EXECUTE FUNCTION flux_open_once();
