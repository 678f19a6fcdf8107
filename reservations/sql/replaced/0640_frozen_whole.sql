-- Written by `manage.py make_triggers` from what is declared (docs/decisions/0165).

DROP TRIGGER final_kept ON reservations_pause;
DROP TRIGGER binding_kept ON reservations_convention;
DROP TRIGGER kept ON reservations_imprint;
DROP TRIGGER kept ON reservations_pause;
DROP TRIGGER first_proposed ON reservations_pause;

CREATE TRIGGER binding_kept BEFORE DELETE ON reservations_convention FOR EACH ROW
    WHEN (OLD.status <> 'DRAFT')
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER kept BEFORE UPDATE ON reservations_imprint FOR EACH ROW
    WHEN (OLD.chain IS NOT NULL OR to_jsonb(OLD) - '{chain,position,link}'::text[] IS DISTINCT FROM to_jsonb(NEW)
        - '{chain,position,link}'::text[])
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER kept BEFORE UPDATE ON reservations_pause FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{status,agreed_on}'::text[] IS DISTINCT FROM to_jsonb(NEW) -
        '{status,agreed_on}'::text[])
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER first_proposed BEFORE INSERT ON reservations_pause FOR EACH ROW
    WHEN (NEW.status <> 'PROPOSED')
    EXECUTE FUNCTION reservations_refuse();
