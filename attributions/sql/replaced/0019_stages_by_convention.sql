-- Who looks for candidates is said by the convention of a routing: the stages of its open ones follow it.

CREATE FUNCTION attributions_follow_management() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM attributions_put_at_stage(r.vacancy_id)
    FROM flux_routing r WHERE r.convention_id = NEW.id AND r.closed_at IS NULL;
    RETURN NULL;
END
$$;

CREATE TRIGGER staged_again AFTER UPDATE ON reservations_convention FOR EACH ROW
    WHEN (OLD.management IS DISTINCT FROM NEW.management)
    EXECUTE FUNCTION attributions_follow_management();
