-- No setting that an account may give itself opens a rule. A rule is set aside by a function of the owner of the
-- tables, for the rows that it checked and while it runs: it writes the rule in a table that no other account writes.

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
