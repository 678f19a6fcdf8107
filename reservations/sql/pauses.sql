-- A suspension is written as it was proposed, and never rewritten: it is agreed by each party, withdrawn before that,
-- or shortened by another row once all agreed to it.

-- It suspends something once each party to the convention has agreed.
CREATE FUNCTION reservations_wait_for_accords() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM reservations_signatory s
        WHERE s.convention_id = NEW.convention_id AND NOT EXISTS (
            SELECT 1 FROM reservations_pauseaccord a
            WHERE a.pause_id = NEW.id AND a.organisation_id = s.organisation_id
        )
    ) AND NOT reservations_unguarded(TG_TABLE_NAME, TG_NAME) THEN
        RAISE EXCEPTION 'A suspension is agreed once each party to its convention has agreed';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER agreed_by_each
    BEFORE UPDATE ON reservations_pause FOR EACH ROW
    WHEN (NEW.status = 'AGREED')
    EXECUTE FUNCTION reservations_wait_for_accords();
SELECT reservations_imprint_rows('reservations_pause');
SELECT reservations_imprint_rows('reservations_pauseaccord');
