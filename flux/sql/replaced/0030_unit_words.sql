-- A unit keeps the words by which it is searched, without accents, in lower case: its references and its address, with
-- the names of its programme and of its commune. An index of trigrams finds them among those of one landlord.

-- A space before each word, so that one can be found by its first letters; then the figures that are searched whole,
-- each between two « = », which no text has: of the reference, then the street number and the RPLS identifier when they
-- are but figures.
CREATE FUNCTION flux_words_of(
    reference text, street_number text, street_index text, street_type text, street_name text, programme text,
    commune text, rpls_id text
) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ' ' || lower(translate(
        concat_ws(' ', reference, street_number, street_index, street_type, street_name, programme, commune, rpls_id),
        'àâäçéèêëîïôöùûüÿÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸ-''’.,;:/()=', 'aaaceeeeiioouuuyaaaceeeeiioouuuy           '
    )) || ' =' || array_to_string(
        regexp_split_to_array(reference, '\D+')
        || CASE WHEN street_number ~ '^\d+$' THEN street_number END
        || CASE WHEN rpls_id ~ '^\d+$' THEN rpls_id END,
        '='
    ) || '='
$$;

CREATE FUNCTION flux_keep_words() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    SELECT flux_words_of(
        NEW.reference, NEW.street_number, NEW.street_index, NEW.street_type, NEW.street_name, p.name, t.search_name,
        NEW.rpls_id
    ) INTO NEW.words
    FROM flux_programme p, reservations_territory t WHERE p.id = NEW.programme_id AND t.id = NEW.commune_id;

    RETURN NEW;
END
$$;

-- The units that were there: they are not described again.
ALTER TABLE flux_unit DISABLE TRIGGER described_again;

UPDATE flux_unit u SET words = flux_words_of(
    u.reference, u.street_number, u.street_index, u.street_type, u.street_name, p.name, t.search_name, u.rpls_id
)
FROM flux_programme p, reservations_territory t
WHERE p.id = u.programme_id AND t.id = u.commune_id;

ALTER TABLE flux_unit ENABLE TRIGGER described_again;

CREATE TRIGGER words_kept
    BEFORE INSERT ON flux_unit FOR EACH ROW
    EXECUTE FUNCTION flux_keep_words();

CREATE TRIGGER words_kept_again
    BEFORE UPDATE ON flux_unit FOR EACH ROW
    WHEN (
        ROW(
            OLD.reference, OLD.street_number, OLD.street_index, OLD.street_type, OLD.street_name, OLD.programme_id,
            OLD.commune_id, OLD.rpls_id, OLD.words
        )
        IS DISTINCT FROM
        ROW(
            NEW.reference, NEW.street_number, NEW.street_index, NEW.street_type, NEW.street_name, NEW.programme_id,
            NEW.commune_id, NEW.rpls_id, NEW.words
        )
    )
    EXECUTE FUNCTION flux_keep_words();

-- A programme or a commune that is called otherwise: so are its units, one at a time, since what follows a statement
-- compares all the rows that it moved.
CREATE FUNCTION flux_call_units() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    of_programme boolean := TG_TABLE_NAME = 'flux_programme';
    unit bigint;
BEGIN
    FOR unit IN
        SELECT id FROM flux_unit WHERE of_programme AND programme_id = NEW.id
        UNION ALL
        SELECT id FROM flux_unit WHERE NOT of_programme AND commune_id = NEW.id
        ORDER BY id
    LOOP
        UPDATE flux_unit SET words = '' WHERE id = unit;
    END LOOP;

    RETURN NULL;
END
$$;

CREATE TRIGGER units_called
    AFTER UPDATE OF name ON flux_programme FOR EACH ROW
    WHEN (OLD.name <> NEW.name)
    EXECUTE FUNCTION flux_call_units();

CREATE TRIGGER units_called
    AFTER UPDATE OF search_name ON reservations_territory FOR EACH ROW
    WHEN (OLD.search_name <> NEW.search_name)
    EXECUTE FUNCTION flux_call_units();
