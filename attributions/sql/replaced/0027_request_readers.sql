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

CREATE FUNCTION attributions_follow_readers() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM attributions_name_readers(OLD.application_id);
    END IF;

    IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND NEW.application_id <> OLD.application_id THEN
        PERFORM attributions_name_readers(NEW.application_id);
    END IF;

    RETURN NULL;
END
$$;

-- A unit that passes to another landlord: so do the candidatures that were sent for it.
CREATE FUNCTION attributions_pass_readers() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM attributions_name_readers(p.application_id)
    FROM (
        SELECT DISTINCT application_id FROM attributions_proposal
        WHERE vacancy_id = NEW.id AND designation_id IS NOT NULL
        ORDER BY 1
    ) p;

    RETURN NULL;
END
$$;

-- A request that names nobody any more.
CREATE FUNCTION attributions_forget_readers() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM attributions_requestreader WHERE application_id = NEW.id;
    RETURN NULL;
END
$$;

-- Those that were there.
INSERT INTO attributions_requestreader (application_id, organisation_id)
SELECT o.application_id, o.organisation_id
FROM attributions_application_organisations o
JOIN attributions_application a ON a.id = o.application_id
WHERE a.pseudonymised_on IS NULL
UNION
SELECT p.application_id, l.organisation_id
FROM attributions_proposal p
JOIN flux_vacancy v ON v.id = p.vacancy_id
JOIN reservations_landlord l ON l.id = v.landlord_id
JOIN attributions_application a ON a.id = p.application_id
WHERE a.pseudonymised_on IS NULL AND p.designation_id IS NOT NULL
ORDER BY 1, 2;

CREATE TRIGGER readers_named
    AFTER INSERT OR UPDATE OR DELETE ON attributions_application_organisations FOR EACH ROW
    EXECUTE FUNCTION attributions_follow_readers();

CREATE TRIGGER readers_named
    AFTER INSERT ON attributions_proposal FOR EACH ROW
    WHEN (NEW.designation_id IS NOT NULL)
    EXECUTE FUNCTION attributions_follow_readers();

CREATE TRIGGER readers_named_again
    AFTER UPDATE ON attributions_proposal FOR EACH ROW
    WHEN (
        ROW(OLD.application_id, OLD.vacancy_id, OLD.designation_id)
        IS DISTINCT FROM
        ROW(NEW.application_id, NEW.vacancy_id, NEW.designation_id)
    )
    EXECUTE FUNCTION attributions_follow_readers();

CREATE TRIGGER readers_passed
    AFTER UPDATE ON flux_vacancy FOR EACH ROW
    WHEN (OLD.landlord_id <> NEW.landlord_id)
    EXECUTE FUNCTION attributions_pass_readers();

CREATE TRIGGER readers_forgotten
    AFTER UPDATE OF pseudonymised_on ON attributions_application FOR EACH ROW
    WHEN (OLD.pseudonymised_on IS NULL AND NEW.pseudonymised_on IS NOT NULL)
    EXECUTE FUNCTION attributions_forget_readers();
