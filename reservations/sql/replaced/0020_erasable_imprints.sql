-- What the operator says of the service has its imprints too, and no imprint holds an identity that is erased at term.

-- The SHA-256 of a row, said to the byte. Of a row that is pseudonymised at term, not its identity: a digest outlives
-- what it is of, and whoever guesses a number, a name and a birth date would read there that they were right.
CREATE OR REPLACE FUNCTION reservations_imprint_of(content jsonb) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(convert_to(
        CASE
            WHEN content ? 'pseudonymised_on' THEN content - '{number,name,birth_date,nationality}'::text[]
            ELSE content
        END::text, 'UTF8'
    ))
$$;

CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_servicenotice FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();

SELECT reservations_imprint_rows('reservations_servicenotice');
