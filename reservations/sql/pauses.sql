-- A suspension is written as it was proposed, and never rewritten: it is agreed by each party, withdrawn before that,
-- or shortened by another row once all agreed to it.
CREATE TRIGGER kept
    BEFORE UPDATE ON reservations_pause FOR EACH ROW
    WHEN (
        ROW(
            OLD.id, OLD.convention_id, OLD.starts_on, OLD.ends_on, OLD.why, OLD.proposed_on, OLD.proposed_by_id,
            OLD.shortens_id, OLD.carried_from_id
        ) IS DISTINCT FROM ROW(
            NEW.id, NEW.convention_id, NEW.starts_on, NEW.ends_on, NEW.why, NEW.proposed_on, NEW.proposed_by_id,
            NEW.shortens_id, NEW.carried_from_id
        )
    )
    EXECUTE FUNCTION reservations_refuse();

CREATE TRIGGER moves_on
    BEFORE UPDATE ON reservations_pause FOR EACH ROW
    WHEN (
        (OLD.status, NEW.status) NOT IN (
            ('PROPOSED', 'AGREED'), ('PROPOSED', 'WITHDRAWN'), ('AGREED', 'SHORTENED')
        )
        OR (OLD.agreed_on IS NOT NULL AND OLD.agreed_on IS DISTINCT FROM NEW.agreed_on)
    )
    EXECUTE FUNCTION reservations_refuse();

CREATE TRIGGER never_deleted
    BEFORE DELETE ON reservations_pause FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

CREATE TRIGGER first_proposed
    AFTER INSERT ON reservations_pause FOR EACH ROW
    WHEN (NEW.status <> 'PROPOSED')
    EXECUTE FUNCTION reservations_refuse();

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

CREATE TRIGGER kept
    BEFORE UPDATE OR DELETE ON reservations_pauseaccord FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_pause FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_pauseaccord FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
SELECT reservations_imprint_rows('reservations_pause');
SELECT reservations_imprint_rows('reservations_pauseaccord');
