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
