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

CREATE TRIGGER people_told AFTER INSERT ON flux_routing FOR EACH ROW
    EXECUTE FUNCTION reservations_tell_people('routing', 'id');

CREATE TRIGGER people_told AFTER INSERT ON attributions_notice FOR EACH ROW
    WHEN (NEW.read_at IS NULL)
    EXECUTE FUNCTION reservations_tell_people('notice', 'id');

CREATE TRIGGER people_told AFTER UPDATE OF status ON attributions_proposal FOR EACH ROW
    WHEN (NEW.status = 'READY' AND OLD.status <> 'READY')
    EXECUTE FUNCTION reservations_tell_people('ready', 'vacancy_id');

CREATE TRIGGER people_told AFTER INSERT ON attributions_committeesession FOR EACH ROW
    EXECUTE FUNCTION reservations_tell_people('session', 'id');

CREATE TRIGGER people_told_of_end AFTER UPDATE OF cancelled_at ON attributions_committeesession FOR EACH ROW
    WHEN (OLD.cancelled_at IS NULL AND NEW.cancelled_at IS NOT NULL)
    EXECUTE FUNCTION reservations_tell_people('session.cancelled', 'id');

CREATE TRIGGER people_told AFTER INSERT ON attributions_balancedispatch FOR EACH ROW
    EXECUTE FUNCTION reservations_tell_people('dispatch', 'id');

CREATE TRIGGER people_told AFTER INSERT ON attributions_balanceremark FOR EACH ROW
    EXECUTE FUNCTION reservations_tell_people('remark', 'id');

CREATE TRIGGER people_told_of_answer AFTER UPDATE OF answer ON attributions_balanceremark FOR EACH ROW
    WHEN (OLD.answer <> NEW.answer)
    EXECUTE FUNCTION reservations_tell_people('answer', 'id');

CREATE TRIGGER people_told AFTER INSERT ON flux_auditalert FOR EACH ROW
    EXECUTE FUNCTION reservations_tell_people('alert', 'id');

CREATE TRIGGER people_told AFTER UPDATE OF state ON reservations_fileimport FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND NEW.state IN ('CHECKED', 'DONE', 'REFUSED'))
    EXECUTE FUNCTION reservations_tell_people('import', 'id');
