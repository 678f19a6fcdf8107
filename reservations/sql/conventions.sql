-- What was signed is kept: a convention out of its draft, its quotas, its signed files (CCH, R441-5 and R441-5-3).

-- What judges whether a rule holds reads the tables themselves, never one of the same name that a session made for
-- itself.
CREATE FUNCTION reservations_keep_quotas() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM reservations_convention
        WHERE status <> 'DRAFT' AND id = CASE WHEN TG_OP = 'INSERT' THEN NEW.convention_id ELSE OLD.convention_id END
    ) AND NOT reservations_unguarded(TG_TABLE_NAME, TG_NAME) THEN
        RAISE EXCEPTION 'The quotas of a convention are kept once it leaves the draft';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;

CREATE TRIGGER kept_once_out_of_draft
    BEFORE INSERT OR UPDATE OR DELETE ON reservations_quota FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_quotas();

-- The rows of a table of rates are written with the draft, and stay as they were signed (CCH, R441-5-2 II).

CREATE FUNCTION reservations_keep_rates() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM reservations_convention c JOIN reservations_quota q ON q.convention_id = c.id
        WHERE c.status <> 'DRAFT' AND q.id = CASE WHEN TG_OP = 'INSERT' THEN NEW.quota_id ELSE OLD.quota_id END
    ) AND NOT reservations_unguarded(TG_TABLE_NAME, TG_NAME) THEN
        RAISE EXCEPTION 'The rates of a convention are kept once it leaves the draft';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;

CREATE TRIGGER kept_once_out_of_draft
    BEFORE INSERT OR UPDATE OR DELETE ON reservations_rate FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_rates();

-- Ended: by the accord of each party to that very day, or the préfet's order by its repeal. Terminated: so long after a
-- formal notice as the law asks. Shortened while it goes on: a party said that it is not renewed.
CREATE FUNCTION reservations_keep_end() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF reservations_unguarded(TG_TABLE_NAME, TG_NAME) THEN
        RETURN NEW;
    END IF;
    IF NEW.status = 'ENDED' AND OLD.status <> 'ENDED' AND NEW.prefect_order = '' AND NOT EXISTS (
        SELECT 1 FROM reservations_pause p
        WHERE
            p.convention_id = NEW.id AND p.is_final AND p.status = 'AGREED' AND p.starts_on = NEW.ends_on + 1
    ) THEN
        RAISE EXCEPTION 'A convention ends before its term once each of its parties has agreed to that day';
    END IF;
    IF NEW.status = 'TERMINATED' AND OLD.status <> 'TERMINATED' AND NOT EXISTS (
        SELECT 1 FROM reservations_legalparameter l
        WHERE
            l.code = 'TERMINATION_NOTICE_MONTHS' AND l.starts_on <= NEW.formal_notice_on
            AND (l.ends_on IS NULL OR l.ends_on >= NEW.formal_notice_on)
            AND NEW.ends_on >= NEW.formal_notice_on + make_interval(months => l.value::integer)
    ) THEN
        RAISE EXCEPTION 'A convention is terminated after a formal notice and its delay';
    END IF;
    IF OLD.status = 'SIGNED' AND NEW.status = 'SIGNED' AND NEW.ends_on < OLD.ends_on AND NOT EXISTS (
        SELECT 1 FROM reservations_signatory s WHERE s.convention_id = NEW.id AND s.denounced_on IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'A convention ends at its term, unless a party says that it is not renewed';
    END IF;
    IF OLD.status IN ('ENDED', 'TERMINATED')
        AND (NEW.status <> OLD.status OR NEW.ends_on <> OLD.ends_on) THEN
        RAISE EXCEPTION 'A convention that ended stays so';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER end_kept
    BEFORE UPDATE OF status, ends_on ON reservations_convention FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_end();

DELETE FROM reservations_legalparameter WHERE code = 'RETURNED_DELAY_MAX';
