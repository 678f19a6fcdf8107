-- How a convention is renewed, until when a party may say that it is not, and its first term, are kept with its other
-- terms, once it is proposed (arrêté of 10 March 2011, article 1, 10°).
CREATE TRIGGER renewal_kept
    BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (
        OLD.status <> 'DRAFT'
        AND ROW(OLD.renewal_months, OLD.renewal_times, OLD.notice_months, OLD.term_on)
        IS DISTINCT FROM ROW(NEW.renewal_months, NEW.renewal_times, NEW.notice_months, NEW.term_on)
    )
    EXECUTE FUNCTION reservations_refuse();

-- A party that signed may say that it does not renew, or no longer say so: its signature stays as it was given.
CREATE OR REPLACE FUNCTION reservations_keep_signatories() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    state text := (
        SELECT status FROM reservations_convention
        WHERE id = CASE WHEN TG_OP = 'INSERT' THEN NEW.convention_id ELSE OLD.convention_id END
    );
BEGIN
    IF reservations_unguarded(TG_TABLE_NAME, TG_NAME) OR state IS NULL OR state = 'DRAFT' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF state = 'PROPOSED' AND TG_OP = 'UPDATE' AND OLD.convention_id = NEW.convention_id
        AND OLD.organisation_id = NEW.organisation_id AND (OLD.signed_on IS NULL OR NEW.signed_on IS NULL) THEN
        RETURN NEW;
    END IF;
    IF state = 'SIGNED' AND TG_OP = 'UPDATE'
        AND to_jsonb(OLD) - 'denounced_on' = to_jsonb(NEW) - 'denounced_on' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'The parties to a convention and their signatures are kept once it leaves the draft';
END
$$;
