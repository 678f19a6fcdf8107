-- A signed convention ends before its term as the law and its parties say, and in no other way (Code civil, art. 1193;
-- CCH, R441-5-2 IV; docs/decisions/0106).

-- Whether it ends the convention, and who takes over, stay as they were proposed.
CREATE TRIGGER final_kept
    BEFORE UPDATE ON reservations_pause FOR EACH ROW
    WHEN (ROW(OLD.is_final, OLD.successor_id) IS DISTINCT FROM ROW(NEW.is_final, NEW.successor_id))
    EXECUTE FUNCTION reservations_refuse();

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
