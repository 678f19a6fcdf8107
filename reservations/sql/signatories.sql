-- Each party signs by itself, and nothing binds before all have (CCH, R441-5; Code civil, art. 1101 and 1375).

-- A party that signed may say that it does not renew, or no longer say so: its signature stays as it was given.
CREATE FUNCTION reservations_keep_signatories() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    state text := (
        SELECT status FROM reservations_convention
        WHERE id = CASE WHEN TG_OP = 'INSERT' THEN NEW.convention_id ELSE OLD.convention_id END
    );
BEGIN
    IF state IS NULL OR state = 'DRAFT' THEN
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
    IF reservations_unguarded(TG_TABLE_NAME, TG_NAME) THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    RAISE EXCEPTION 'The parties to a convention and their signatures are kept once it leaves the draft';
END
$$;

CREATE TRIGGER kept_once_out_of_draft
    BEFORE INSERT OR UPDATE OR DELETE ON reservations_signatory FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_signatories();

-- A convention is signed once each of its parties has signed it; an order of the préfet needs no signature.
CREATE FUNCTION reservations_wait_for_parties() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF (
        (SELECT count(*) FROM reservations_signatory WHERE convention_id = NEW.id) < 2
        OR EXISTS (SELECT 1 FROM reservations_signatory WHERE convention_id = NEW.id AND signed_on IS NULL)
    ) AND NOT reservations_unguarded(TG_TABLE_NAME, TG_NAME) THEN
        RAISE EXCEPTION 'A convention binds once each of its parties has signed it';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER signed_by_each
    BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (
        OLD.status IN ('DRAFT', 'PROPOSED') AND NEW.status NOT IN ('DRAFT', 'PROPOSED') AND NEW.prefect_order = ''
    )
    EXECUTE FUNCTION reservations_wait_for_parties();
SELECT reservations_imprint_rows('reservations_signatory');
