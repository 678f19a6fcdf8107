-- Who opens each unit of others, a row for each: the holder to which it is routed now, and who acts for it. Its list is
-- read by an index, in the order of its references; what it lets one choose, by as many seeks as there are choices.

-- An open routing of a unit, added to what its readers have of it (`sign` 1) or taken back (-1).
CREATE FUNCTION flux_read_unit(r flux_routing, unit bigint, sign integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO flux_unitreader AS o (organisation_id, unit_id, commune_id, programme_id, reference, routings)
    SELECT p.id, u.id, u.commune_id, u.programme_id, u.reference, sign
    FROM flux_unit u
    CROSS JOIN (
        SELECT h.organisation_id AS id FROM reservations_reservationholder h WHERE h.id = r.holder_id
        UNION
        SELECT r.acting_id WHERE r.acting_id IS NOT NULL
    ) p
    WHERE u.id = unit
    ORDER BY p.id
    ON CONFLICT (organisation_id, unit_id) DO UPDATE SET routings = o.routings + excluded.routings;

    IF sign < 0 THEN
        DELETE FROM flux_unitreader o WHERE o.unit_id = unit AND o.routings = 0;
    END IF;
END
$$;

-- A unit is routed, or its routing is closed.
CREATE FUNCTION flux_follow_readers() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    unit bigint := (SELECT v.unit_id FROM flux_vacancy v WHERE v.id = NEW.vacancy_id);
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.closed_at IS NULL THEN
        PERFORM flux_read_unit(OLD, unit, - 1);
    END IF;

    IF NEW.closed_at IS NULL THEN
        PERFORM flux_read_unit(NEW, unit, + 1);
    END IF;

    RETURN NULL;
END
$$;

-- The vacancy of an open routing is of another unit.
CREATE FUNCTION flux_pass_readers() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM
        flux_read_unit(r, OLD.unit_id, - 1),
        flux_read_unit(r, NEW.unit_id, + 1)
    FROM flux_routing r
    WHERE r.vacancy_id = NEW.id AND r.closed_at IS NULL;

    RETURN NULL;
END
$$;

-- A unit is called otherwise, or lies elsewhere: whoever routes it at the same time is waited for, by the account that
-- such an act holds first, or by the vacancy where it has none. Nothing that routes waits for a unit in return.
CREATE FUNCTION flux_tell_readers() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM flux_ledger
    WHERE id IN (SELECT v.ledger_id FROM flux_vacancy v WHERE v.unit_id = NEW.id)
    ORDER BY kind, id FOR UPDATE;
    PERFORM 1 FROM flux_vacancy w WHERE w.unit_id = NEW.id AND w.ledger_id IS NULL ORDER BY w.id FOR UPDATE;

    UPDATE flux_unitreader SET
        commune_id = NEW.commune_id, programme_id = NEW.programme_id, reference = NEW.reference
    WHERE unit_id = NEW.id;

    RETURN NULL;
END
$$;

CREATE TRIGGER readers_told AFTER INSERT ON flux_routing FOR EACH ROW
    WHEN (NEW.closed_at IS NULL)
    EXECUTE FUNCTION flux_follow_readers();

CREATE TRIGGER readers_told_again AFTER UPDATE ON flux_routing FOR EACH ROW
    WHEN (
        ROW(OLD.closed_at, OLD.holder_id, OLD.acting_id)
        IS DISTINCT FROM ROW(NEW.closed_at, NEW.holder_id, NEW.acting_id)
    )
    EXECUTE FUNCTION flux_follow_readers();

CREATE TRIGGER unit_readers_passed AFTER UPDATE ON flux_vacancy FOR EACH ROW
    WHEN (OLD.unit_id <> NEW.unit_id)
    EXECUTE FUNCTION flux_pass_readers();

CREATE TRIGGER readers_told_again AFTER UPDATE ON flux_unit FOR EACH ROW
    WHEN (
        ROW(OLD.commune_id, OLD.programme_id, OLD.reference)
        IS DISTINCT FROM ROW(NEW.commune_id, NEW.programme_id, NEW.reference)
    )
    EXECUTE FUNCTION flux_tell_readers();
