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

-- Those that were there.
UPDATE flux_vacancy v SET landlord_id = u.landlord_id FROM flux_unit u WHERE u.id = v.unit_id;
