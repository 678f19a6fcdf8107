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

-- The préfet's order that stands for a convention of the State (CCH, R441-5-2 IV): once it binds, its number and its
-- date stay, and a convention that was signed never becomes one.
CREATE TRIGGER order_kept
    BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (OLD.status <> 'DRAFT' AND OLD.prefect_order IS DISTINCT FROM NEW.prefect_order)
    EXECUTE FUNCTION reservations_refuse();

-- What the parties wrote of their own in a convention is kept with its other terms, once it is proposed.
CREATE TRIGGER articles_kept
    BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (OLD.status <> 'DRAFT' AND OLD.articles IS DISTINCT FROM NEW.articles)
    EXECUTE FUNCTION reservations_refuse();

-- How a convention counts its days, what opens the flow and when a unit is told are kept with its other terms, once it
-- is proposed.
CREATE TRIGGER delays_kept
    BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (
        OLD.status <> 'DRAFT'
        AND ROW(OLD.day_unit, OLD.august_suspended, OLD.opens_on, OLD.signal_days)
        IS DISTINCT FROM ROW(NEW.day_unit, NEW.august_suspended, NEW.opens_on, NEW.signal_days)
    )
    EXECUTE FUNCTION reservations_refuse();

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

CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_rate FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();

-- Whom a convention means its units for, and the procedure that it settles, are kept with its other terms, once it is
-- proposed.
CREATE TRIGGER procedure_kept
    BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (
        OLD.status <> 'DRAFT'
        AND ROW(OLD.publics, OLD.outside_publics, OLD.file_days, OLD.dalo_refusal_said, OLD.clauses)
        IS DISTINCT FROM ROW(NEW.publics, NEW.outside_publics, NEW.file_days, NEW.dalo_refusal_said, NEW.clauses)
    )
    EXECUTE FUNCTION reservations_refuse();

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

-- What a unit given back leaves due, at most, is a term of the convention, kept with the others once it is proposed: no
-- parameter of the installation bears on what was signed any more (docs/decisions/0107).
CREATE TRIGGER returned_cap_kept
    BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (OLD.status <> 'DRAFT' AND OLD.returned_cap IS DISTINCT FROM NEW.returned_cap)
    EXECUTE FUNCTION reservations_refuse();

DELETE FROM reservations_legalparameter WHERE code = 'RETURNED_DELAY_MAX';

-- What becomes of the units between the first day of a convention and a later signature is a term of it, kept with the
-- others once it is proposed (docs/decisions/0118).
CREATE TRIGGER earlier_dues_kept
    BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (OLD.status <> 'DRAFT' AND OLD.earlier_dues IS DISTINCT FROM NEW.earlier_dues)
    EXECUTE FUNCTION reservations_refuse();

-- Whether a holder is served uniformly over communes (CCH, R441-5-2, II) is a term of its convention, kept with the
-- others once it is proposed (docs/decisions/0127).
CREATE TRIGGER uniform_communes_kept
    BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (OLD.status <> 'DRAFT' AND OLD.uniform_communes IS DISTINCT FROM NEW.uniform_communes)
    EXECUTE FUNCTION reservations_refuse();
