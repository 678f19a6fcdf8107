-- No setting that an account may give itself opens a rule. A rule is set aside by a function of the owner of the
-- tables, for the rows that it checked and while it runs: it writes the rule in a table that no other account writes.

-- Is this rule set aside by this transaction? Asked of the owner: nobody else needs to read the table.
CREATE OR REPLACE FUNCTION reservations_unguarded(kept_table name, rule name) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM reservations_ruleaside a
        WHERE a.transaction = pg_current_xact_id_if_assigned()::text::bigint AND a.rule = kept_table || '.' || $2
    )
$$;

-- Rules that a function of the owner sets aside, « flux_routing.kept », and gives back before it ends.
CREATE FUNCTION reservations_set_aside(rules text[]) RETURNS void
LANGUAGE sql VOLATILE SET search_path = public, pg_temp AS $$
    INSERT INTO reservations_ruleaside (transaction, rule)
    SELECT pg_current_xact_id()::text::bigint, r FROM unnest(rules) r
$$;

CREATE FUNCTION reservations_give_back(rules text[]) RETURNS void
LANGUAGE sql VOLATILE SET search_path = public, pg_temp AS $$
    DELETE FROM reservations_ruleaside WHERE transaction = pg_current_xact_id()::text::bigint AND rule = ANY (rules)
$$;

-- The day on which what is erased at term is looked at is not after today, but for the owner of the tables, who
-- rehearses a year to come.
CREATE FUNCTION reservations_refuse_days_to_come(said date) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    IF said > (now() AT TIME ZONE 'Europe/Paris')::date AND NOT pg_has_role(
        session_user, (SELECT c.relowner FROM pg_class c WHERE c.oid = 'reservations_user'::regclass), 'MEMBER'
    ) THEN
        RAISE EXCEPTION 'Nothing is erased before its day: % is to come', said;
    END IF;
END
$$;

-- Sign-ins older than this moment are forgotten, after 183 days (docs/personal-data.md): how many. One day of grace is
-- for clocks that differ.
CREATE FUNCTION reservations_forget_sign_ins(before timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    PERFORM reservations_refuse_days_to_come((before AT TIME ZONE 'Europe/Paris')::date + 182);
    PERFORM reservations_set_aside(ARRAY['reservations_signin.never_deleted']);
    DELETE FROM reservations_signin WHERE at < before;
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM reservations_give_back(ARRAY['reservations_signin.never_deleted']);
    RETURN gone;
END
$$;

-- What judges whether a rule holds reads the tables themselves, never one of the same name that a session made for
-- itself.
CREATE OR REPLACE FUNCTION reservations_keep_quotas() RETURNS trigger
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

CREATE OR REPLACE FUNCTION reservations_keep_rates() RETURNS trigger
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

CREATE OR REPLACE FUNCTION reservations_keep_signatories() RETURNS trigger
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

CREATE OR REPLACE FUNCTION reservations_wait_for_parties() RETURNS trigger
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

CREATE OR REPLACE FUNCTION reservations_wait_for_accords() RETURNS trigger
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
