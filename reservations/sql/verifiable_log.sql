-- The verifiable log: each imprint becomes a leaf of one tree (RFC 6962), in order, by one writer that no act waits for
-- (docs/decisions/0134-a-log-that-anybody-verifies.md).

-- Whose line a kept row is, where it says it: a fact of an account names its reservation holder.
CREATE FUNCTION reservations_holder_of(kept name, looked bigint) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
    holder bigint;
BEGIN
    EXECUTE format('SELECT (to_jsonb(t) ->> ''holder_id'')::bigint FROM %I t WHERE t.id = $1', kept)
    INTO holder USING looked;
    RETURN holder;
END
$$;

-- The bytes of an entry of the log: JSON, keys in order, no space. A fact of no account has neither ledger nor rank,
-- whatever the chain of the house says of it later.
CREATE FUNCTION reservations_entry(i reservations_imprint, holder bigint, commitment bytea) RETURNS bytea
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT convert_to(format(
        '{"at":"%s","commitment":%s,"holder":%s,"imprint":%s,"ledger":%s,"rank":%s,"row":%s,"table":"%s"}',
        to_char(i.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        coalesce('"' || encode(commitment, 'hex') || '"', 'null'), coalesce(holder::text, 'null'), i.id,
        CASE WHEN i.chain > 0 THEN i.chain::text ELSE 'null' END,
        CASE WHEN i.chain > 0 THEN i.position::text ELSE 'null' END,
        i.row_id, i.table_name
    ), 'UTF8')
$$;

-- The root over hashes of which there are 2, 4, 8… 256.
CREATE FUNCTION reservations_root_of(hashes bytea[]) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    WHILE cardinality(hashes) > 1 LOOP
        hashes := ARRAY(
            SELECT sha256('\x01'::bytea || hashes[2 * k - 1] || hashes[2 * k])
            FROM generate_series(1, cardinality(hashes) / 2) k ORDER BY k
        );
    END LOOP;
    RETURN hashes[1];
END
$$;

-- The text that the imprint of each of these rows is the SHA-256 of, as rows are now (`reservations_imprint_of()`).
-- Read with the privileges of who asks: what an account may not read, it does not read here.
CREATE FUNCTION reservations_contents(kept name, looked bigint[]) RETURNS TABLE (row_id bigint, content text)
LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp SET timezone = 'UTC' SET bytea_output = 'hex' SET extra_float_digits = 1 AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT r.id::bigint, CASE WHEN r.written ? ''pseudonymised_on'' '
        'THEN r.written - ''{number,name,birth_date,nationality}''::text[] ELSE r.written END::text '
        'FROM (SELECT t.id, to_jsonb(t) AS written FROM %I t WHERE t.id = ANY ($1)) r ORDER BY r.id',
        kept
    ) USING looked;
END
$$;

-- Give at most so many imprints that are in no tree their leaf, in the order in which they were written: how many. One
-- writer at a time: another one adds nothing. An imprint of an act that is still under way is not seen here, and comes
-- later; `settled` stays before it until its act has ended.
CREATE FUNCTION reservations_append_leaves(most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    horizon reservations_loghorizon%ROWTYPE;
    ended bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    first bigint;
    added bigint;
    reached bigint;
    had bigint;
    span bigint := 256;
BEGIN
    IF NOT pg_try_advisory_xact_lock(5897, -1) THEN
        RETURN 0;
    END IF;
    SELECT h.* INTO horizon FROM reservations_loghorizon h ORDER BY h.id LIMIT 1;
    SELECT coalesce(max(l.index) + 1, 0) INTO first FROM reservations_leaf l;

    WITH waiting AS MATERIALIZED (
        SELECT
            i AS written, i.id, i.table_name, i.row_id, i.digest,
            row_number() OVER (ORDER BY i.id) - 1 + first AS place,
            CASE WHEN i.digest IS NOT NULL
                THEN uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) END AS salt,
            CASE WHEN i.chain > 0 THEN reservations_holder_of(i.table_name, i.row_id) END AS holder
        FROM reservations_imprint i
        WHERE i.id > coalesce(horizon.settled, 0)
        AND NOT EXISTS (SELECT FROM reservations_leaf l WHERE l.imprint_id = i.id)
        ORDER BY i.id LIMIT most
    ), leaves AS (
        INSERT INTO reservations_leaf (index, imprint_id, holder, commitment, hash)
        SELECT
            w.place, w.id, w.holder, sha256(w.salt || w.digest),
            sha256('\x00'::bytea || reservations_entry(w.written, w.holder, sha256(w.salt || w.digest)))
        FROM waiting w ORDER BY w.place
        RETURNING 1
    ), last AS (
        SELECT DISTINCT ON (w.table_name, w.row_id) w.* FROM waiting w ORDER BY w.table_name, w.row_id, w.id DESC
    ), gone AS (
        DELETE FROM reservations_leafsalt s USING last l
        WHERE l.salt IS NULL AND s.table_name = l.table_name AND s.row_id = l.row_id
    ), salted AS (
        INSERT INTO reservations_leafsalt (table_name, row_id, leaf, salt)
        SELECT l.table_name, l.row_id, l.place, l.salt FROM last l WHERE l.salt IS NOT NULL
        ON CONFLICT (table_name, row_id) DO UPDATE SET leaf = excluded.leaf, salt = excluded.salt
    )
    SELECT count(*), (SELECT max(w.id) FROM waiting w) INTO added, reached FROM leaves;

    FOR high IN 1..8 LOOP
        EXIT WHEN (first + added) / span = 0;
        SELECT coalesce(max(n.index) + 1, 0) INTO had FROM reservations_lognode n WHERE n.level = high;
        INSERT INTO reservations_lognode (level, index, hash)
        SELECT high, g, reservations_root_of(CASE WHEN high = 1
            THEN ARRAY(
                SELECT l.hash FROM reservations_leaf l
                WHERE l.index BETWEEN g * 256 AND g * 256 + 255 ORDER BY l.index
            )
            ELSE ARRAY(
                SELECT n.hash FROM reservations_lognode n
                WHERE n.level = high - 1 AND n.index BETWEEN g * 256 AND g * 256 + 255 ORDER BY n.index
            )
        END)
        FROM generate_series(had, (first + added) / span - 1) g;
        span := span * 256;
    END LOOP;

    IF added = most AND horizon.until <= ended THEN  -- what is left of a first fill is not looked for from its start
        UPDATE reservations_loghorizon SET settled = least(seen, reached) WHERE id = 1;
    ELSIF horizon.id IS NULL OR horizon.until <= ended
        OR horizon.until > pg_snapshot_xmax(pg_current_snapshot())::text::bigint THEN
        INSERT INTO reservations_loghorizon (id, settled, seen, until)
        SELECT
            1, CASE WHEN horizon.until <= ended THEN horizon.seen ELSE coalesce(horizon.settled, 0) END,
            (SELECT coalesce(max(i.id), 0) FROM reservations_imprint i), 0
        ON CONFLICT (id) DO UPDATE SET settled = excluded.settled, seen = excluded.seen;
        UPDATE reservations_loghorizon SET until = pg_snapshot_xmax(pg_current_snapshot())::text::bigint WHERE id = 1;
    END IF;
    RETURN added;
END
$$;
