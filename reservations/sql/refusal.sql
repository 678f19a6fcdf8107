-- How the database refuses to change what is kept, and how the one act that may do so says it.

-- Is this rule set aside by this transaction? Asked of the owner: nobody else needs to read the table.
CREATE FUNCTION reservations_unguarded(kept_table name, rule name) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM reservations_ruleaside a
        WHERE a.transaction = pg_current_xact_id_if_assigned()::text::bigint AND a.rule = kept_table || '.' || $2
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
