-- Every kept row leaves an imprint when it is written through its triggers; what is changed behind them has none.

-- The SHA-256 of a row, said to the byte. Of a row that is pseudonymised at term, not its identity: a digest outlives
-- what it is of, and whoever guesses a number, a name and a birth date would read there that they were right.
CREATE FUNCTION reservations_imprint_of(content jsonb) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(convert_to(
        CASE
            WHEN content ? 'pseudonymised_on' THEN content - '{number,name,birth_date,nationality}'::text[]
            ELSE content
        END::text, 'UTF8'
    ))
$$;

-- Each link of a chain holds all those before it: the last one is its head.
CREATE FUNCTION reservations_link(before bytea, kept name, row_id bigint, digest bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(coalesce(before, '') || convert_to(kept || '.' || row_id || '=', 'UTF8') || coalesce(digest, ''))
$$;

-- The imprint of one row, the next of its chain when it has one: who writes an account holds its ledger already, and
-- waits for nobody here. No digest: the row was deleted.
CREATE FUNCTION reservations_add_imprint(kept name, row_id bigint, digest bytea, chained bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    last reservations_imprint%ROWTYPE;
BEGIN
    IF chained IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(5897, chained::integer);
        SELECT i.* INTO last FROM reservations_imprint i WHERE i.chain = chained ORDER BY i.position DESC LIMIT 1;
    END IF;
    INSERT INTO reservations_imprint (table_name, row_id, digest, chain, position, link, at)
    VALUES (
        kept, row_id, digest, chained,
        CASE WHEN chained IS NOT NULL THEN coalesce(last.position, 0) + 1 END,
        CASE WHEN chained IS NOT NULL THEN reservations_link(last.link, kept, row_id, digest) END,
        now()
    );
END
$$;

-- On every kept table; its argument, if any, is the column that names the chain. As its owner: the application's own
-- role writes no imprint. What a session says of its hour and of its signs has no part in a digest.
CREATE FUNCTION reservations_keep_imprint() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' SET bytea_output = 'hex' SET extra_float_digits = 1 AS $$
DECLARE
    content jsonb;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW IS NOT DISTINCT FROM OLD THEN
        RETURN NULL;
    END IF;
    content := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
    PERFORM reservations_add_imprint(
        TG_TABLE_NAME, (content ->> 'id')::bigint,
        CASE WHEN TG_OP <> 'DELETE' THEN reservations_imprint_of(content) END,
        CASE WHEN TG_NARGS > 0 THEN (content ->> TG_ARGV[0])::bigint END
    );
    RETURN NULL;
END
$$;

-- The same of all the rows that a statement added, on a table that files fill by the hundred thousand and that nothing
-- updates.
CREATE FUNCTION reservations_keep_imprints() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' SET bytea_output = 'hex' SET extra_float_digits = 1 AS $$
BEGIN
    INSERT INTO reservations_imprint (table_name, row_id, digest, at)
    SELECT TG_TABLE_NAME, a.id, reservations_imprint_of(to_jsonb(a)), now() FROM added a ORDER BY a.id;
    RETURN NULL;
END
$$;

-- The rows of a kept table that are not as their last imprint says: ADDED, CHANGED or REMOVED behind the triggers.
CREATE FUNCTION reservations_altered(kept name) RETURNS TABLE (altered bigint, what text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' SET bytea_output = 'hex' SET extra_float_digits = 1 AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT coalesce(r.id, l.row_id)::bigint, CASE WHEN r.id IS NULL THEN ''REMOVED'' '
        'WHEN l.digest IS NULL THEN ''ADDED'' ELSE ''CHANGED'' END '
        'FROM (SELECT DISTINCT ON (i.row_id) i.row_id, i.digest FROM reservations_imprint i '
        'WHERE i.table_name = %1$L ORDER BY i.row_id, i.id DESC) l '
        'FULL JOIN (SELECT t.id, reservations_imprint_of(to_jsonb(t)) AS digest FROM %1$I t) r ON r.id = l.row_id '
        'WHERE l.digest IS DISTINCT FROM r.digest ORDER BY 1',
        kept
    );
END
$$;

-- The digest of one row of a kept table as it is, or with `changes` laid over it: the file that a holder kept, over a
-- forged one.
CREATE FUNCTION reservations_digest(kept name, looked bigint, changes jsonb DEFAULT '{}') RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' SET bytea_output = 'hex' SET extra_float_digits = 1 AS $$
DECLARE
    digest bytea;
BEGIN
    EXECUTE format('SELECT reservations_imprint_of(to_jsonb(t) || $2) FROM %I t WHERE t.id = $1', kept)
    INTO digest USING looked, changes;
    RETURN digest;
END
$$;

-- Give every row of a kept table the imprint that it lacks: those that were there before, and, when a migration gave
-- the table other columns, all of them.
CREATE FUNCTION reservations_imprint_rows(kept name) RETURNS void
LANGUAGE plpgsql
SET timezone = 'UTC' SET bytea_output = 'hex' SET extra_float_digits = 1 AS $$
DECLARE
    shape text[] := (
        SELECT array_agg(attname::text ORDER BY attname) FROM pg_attribute
        WHERE attrelid = kept::regclass AND attnum > 0 AND NOT attisdropped
    );
    chained name := (
        SELECT nullif(split_part(encode(tgargs, 'escape'), '\000', 1), '') FROM pg_trigger
        WHERE tgrelid = kept::regclass AND tgname = 'imprinted'
    );
BEGIN
    EXECUTE format(
        'SELECT reservations_add_imprint(%1$L, t.id, reservations_imprint_of(to_jsonb(t)), %2$s) '
        'FROM (SELECT r.* FROM %1$I r JOIN reservations_altered(%1$L) a ON a.altered = r.id ORDER BY r.id) t',
        kept, coalesce('t.' || quote_ident(chained), 'NULL')
    );
    INSERT INTO reservations_imprintedtable (name, columns) VALUES (kept, shape)
    ON CONFLICT (name) DO UPDATE SET columns = excluded.columns;
END
$$;

-- After each migration: the tables whose columns are no longer those of their imprints.
CREATE FUNCTION reservations_imprint_shapes() RETURNS void
LANGUAGE sql AS $$
    SELECT reservations_imprint_rows(k.name) FROM reservations_imprintedtable k
    WHERE to_regclass(k.name) IS NOT NULL AND k.columns::text[] IS DISTINCT FROM (
        SELECT array_agg(attname::text ORDER BY attname) FROM pg_attribute
        WHERE attrelid = to_regclass(k.name) AND attnum > 0 AND NOT attisdropped
    )
$$;

-- Every night: what belongs to no account enters the chain of the house, number 0, in one order. How many did.
CREATE FUNCTION reservations_link_imprints() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    last reservations_imprint%ROWTYPE;
    each reservations_imprint%ROWTYPE;
    linked bigint := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(5897, 0);
    SELECT i.* INTO last FROM reservations_imprint i WHERE i.chain = 0 ORDER BY i.position DESC LIMIT 1;
    FOR each IN SELECT i.* FROM reservations_imprint i WHERE i.chain IS NULL ORDER BY i.id LOOP
        linked := linked + 1;
        last.position := coalesce(last.position, 0) + 1;
        last.link := reservations_link(last.link, each.table_name, each.row_id, each.digest);
        UPDATE reservations_imprint SET chain = 0, position = last.position, link = last.link WHERE id = each.id;
    END LOOP;
    RETURN linked;
END
$$;

SELECT reservations_imprint_rows(kept) FROM unnest(ARRAY[
    'reservations_convention', 'reservations_delegation', 'reservations_derogation', 'reservations_historyentry',
    'reservations_peoplereview', 'reservations_quota', 'reservations_signeddocument', 'reservations_signin',
    'reservations_stockright'
]) AS kept;

SELECT reservations_imprint_rows('reservations_servicenotice');
