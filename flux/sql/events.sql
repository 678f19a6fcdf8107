-- What software is told: a row in the transaction of the fact itself, whichever act, import or command writes it.

-- Arguments: the kind; the column that names the vacancy (or its routing); then « name=column » for each id to tell.
-- Nothing is written as long as no software asked to be told anything.
CREATE FUNCTION flux_tell_software() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told jsonb;
    about bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM flux_webhookendpoint) THEN
        RETURN NULL;
    END IF;
    told := to_jsonb(NEW);
    about := (told ->> TG_ARGV[1])::bigint;
    IF TG_ARGV[1] = 'routing_id' THEN
        SELECT vacancy_id INTO about FROM flux_routing WHERE id = about;
    END IF;
    INSERT INTO flux_webhookevent (kind, vacancy_id, data, at)
    SELECT TG_ARGV[0], about,
        coalesce(jsonb_object_agg(split_part(pair, '=', 1), told -> split_part(pair, '=', 2)), '{}'), clock_timestamp()
    FROM unnest(TG_ARGV[2:]) pair;
    RETURN NULL;
END $$;
