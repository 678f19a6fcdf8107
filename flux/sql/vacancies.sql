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

SELECT reservations_imprint_rows(kept) FROM unnest(ARRAY['flux_formerforecast', 'flux_resumption']) AS kept;

-- The units of a dwelling are found once for a vacancy that comes, and not once for each that is stored: as a list,
-- they are looked for by the index of the vacancies of a unit.
CREATE FUNCTION flux_open_once() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1
        FROM flux_vacancy v
        WHERE
            v.unit_id = ANY(ARRAY(SELECT flux_dwelling(NEW.unit_id))) AND v.unit_id <> NEW.unit_id
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
