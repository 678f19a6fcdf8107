-- What was signed is kept: a convention out of its draft, its quotas, its signed files (CCH, R441-5 and R441-5-3).

-- A convention that left the draft is never deleted: decisions of the past refer to the version they applied.
CREATE TRIGGER binding_kept
    BEFORE DELETE ON reservations_convention FOR EACH ROW
    WHEN (NOT OLD.status = 'DRAFT')
    EXECUTE FUNCTION reservations_refuse();

-- Its parties, its perimeter, its first day and its terms no longer change: an amendment is a row of its own.
-- Its end, its state and the dates of its steps may.
CREATE TRIGGER terms_kept
    BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (
        OLD.status <> 'DRAFT' AND ROW(
            OLD.landlord_id, OLD.organisation_id, OLD.perimeter_id, OLD.starts_on, OLD.amends_id,
            OLD.version, OLD.counting_point, OLD.returns_effect, OLD.proposal_days,
            OLD.first_letting_days, OLD.minimum_candidates, OLD.carry_over, OLD.carry_over_cap,
            OLD.first_letting_counts, OLD.fallback, OLD.new_candidates_days, OLD.clock_restarts,
            OLD.not_offered, OLD.local_holidays, OLD.management
        ) IS DISTINCT FROM ROW(
            NEW.landlord_id, NEW.organisation_id, NEW.perimeter_id, NEW.starts_on, NEW.amends_id,
            NEW.version, NEW.counting_point, NEW.returns_effect, NEW.proposal_days,
            NEW.first_letting_days, NEW.minimum_candidates, NEW.carry_over, NEW.carry_over_cap,
            NEW.first_letting_counts, NEW.fallback, NEW.new_candidates_days, NEW.clock_restarts,
            NEW.not_offered, NEW.local_holidays, NEW.management
        )
    )
    EXECUTE FUNCTION reservations_refuse();

-- A signed file stays as it was joined, byte for byte.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON reservations_signeddocument FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- Quotas are written with the draft, and stay as they were signed.
CREATE FUNCTION reservations_keep_quotas() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT reservations_unguarded(TG_TABLE_NAME, TG_NAME) AND EXISTS (
        SELECT 1 FROM reservations_convention
        WHERE status <> 'DRAFT' AND id = CASE WHEN TG_OP = 'INSERT' THEN NEW.convention_id ELSE OLD.convention_id END
    ) THEN
        RAISE EXCEPTION 'The quotas of a convention are kept once it leaves the draft';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;

CREATE TRIGGER kept_once_out_of_draft
    BEFORE INSERT OR UPDATE OR DELETE ON reservations_quota FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_quotas();
