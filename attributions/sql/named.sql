-- Who was told what, and who read named files.

-- The requests that an organisation reads by name and whose name holds each of these words, the longest first:
-- lower case and plain letters, as the index `application_words` has the name; a word of one or two letters begins a
-- word. With `near`, whose name comes near each of them: a letter too many, too few, or another.
--
-- Asked of the owner of the table: under its policy no index of words is used, and all the requests of a landlord would
-- be read. It answers the acting organisation alone, as the policy does (docs/second-wall.md); where the installation
-- has no key, it has no wall either.
CREATE FUNCTION attributions_named(reader bigint, sought text[], near boolean) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    starts text[] := ARRAY[sought[1] || '%', '% ' || sought[1] || '%'];
BEGIN
    IF EXISTS (SELECT FROM reservations_actingkey) AND reader IS DISTINCT FROM reservations_acting('organisation') THEN
        RETURN;
    END IF;

    RETURN QUERY
    SELECT a.id
    FROM (
        SELECT id, lower(
            translate(
                name::text,
                'àâäçéèêëîïôöùûüÿÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸ-''’.,;:/()=',
                'aaaceeeeiioouuuyaaaceeeeiioouuuy           '
            )
        ) AS words
        FROM attributions_application
    ) a
    WHERE (
        near AND sought[1] <% a.words AND NOT EXISTS (SELECT FROM unnest(sought) w WHERE NOT w <% a.words)
        OR NOT near
        AND a.words LIKE ANY (CASE WHEN length(sought[1]) < 3 THEN starts ELSE ARRAY['%' || sought[1] || '%'] END)
        AND NOT EXISTS (
            SELECT FROM unnest(sought) w
            WHERE position(' ' || w IN ' ' || a.words) = 0 AND (length(w) < 3 OR position(w IN a.words) = 0)
        )
    )
    AND EXISTS (
        SELECT FROM attributions_requestreader r WHERE r.organisation_id = reader AND r.application_id = a.id
    );
END
$$;
