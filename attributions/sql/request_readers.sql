-- Who reads a request by name, a row for each: who registered it, and the landlord to which a candidature of it was
-- sent. Nobody, once it names nobody. Lists of requests are read by an index of it, the latest recorded first.

-- Asked of the owner of the tables: whoever writes is not always shown the request (docs/second-wall.md).
CREATE FUNCTION attributions_readers_of(request bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT o.organisation_id
    FROM attributions_application_organisations o
    JOIN attributions_application a ON a.id = o.application_id
    WHERE a.id = $1 AND a.pseudonymised_on IS NULL
    UNION
    SELECT l.organisation_id
    FROM attributions_proposal p
    JOIN flux_vacancy v ON v.id = p.vacancy_id
    JOIN reservations_landlord l ON l.id = v.landlord_id
    JOIN attributions_application a ON a.id = p.application_id
    WHERE a.id = $1 AND a.pseudonymised_on IS NULL AND p.designation_id IS NOT NULL
$$;

CREATE FUNCTION attributions_name_readers(request bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM attributions_requestreader r
    WHERE r.application_id = request
        AND NOT EXISTS (SELECT 1 FROM attributions_readers_of(request) o(id) WHERE o.id = r.organisation_id);

    INSERT INTO attributions_requestreader (application_id, organisation_id)
    SELECT request, o.id FROM attributions_readers_of(request) o(id)
    ORDER BY o.id
    ON CONFLICT (organisation_id, application_id) DO NOTHING;
END
$$;
