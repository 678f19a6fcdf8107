-- What people are told of by e-mail: a row in the transaction of the fact itself, whichever act, import or command
-- writes it (docs/decisions/0053-one-row-a-mail.md). Whom to tell is found later, by a worker, with the predicates of
-- the screens.

-- Arguments: what happened; the column that names what it is about.
CREATE FUNCTION reservations_tell_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reservations_mailfact (kind, subject, at)
    VALUES (TG_ARGV[0], (to_jsonb(NEW) ->> TG_ARGV[1])::bigint, clock_timestamp());
    RETURN NULL;
END $$;
