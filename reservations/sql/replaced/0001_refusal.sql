-- How the database refuses to change what is kept, and how the one act that may do so says it.

-- Is this rule set aside by this transaction? `equiflux.unguarded` holds words like « flux_routing.kept », and is
-- written by `unguarded` alone (reservations/models/guards.py).
CREATE FUNCTION reservations_unguarded(kept_table name, rule name) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        kept_table || '.' || rule = ANY (string_to_array(current_setting('equiflux.unguarded', true), ' ')), false
    )
$$;

-- Every guard calls it: the condition of a trigger says what is refused, its name says by which rule.
CREATE FUNCTION reservations_refuse() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF reservations_unguarded(TG_TABLE_NAME, TG_NAME) THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    RAISE EXCEPTION 'Cannot % rows of %: rule %', lower(TG_OP), TG_TABLE_NAME, TG_NAME;
END
$$;
