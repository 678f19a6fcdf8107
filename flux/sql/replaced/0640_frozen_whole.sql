-- Written by `manage.py make_triggers` from what is declared (docs/decisions/0165).

DROP TRIGGER one_turn_kept ON flux_routing;
DROP TRIGGER accounting_kept ON flux_ledger;
DROP TRIGGER registered_kept ON flux_vacancy;
DROP TRIGGER kept ON flux_routing;
DROP TRIGGER kept ON flux_auditalert;
DROP TRIGGER sums_kept ON flux_conversion;
DROP TRIGGER kept ON flux_outsideflow;
DROP TRIGGER kept ON flux_stocktransfer;
DROP TRIGGER kept ON flux_transferredprogramme;
DROP TRIGGER kept ON flux_absorption;

CREATE TRIGGER accounting_kept BEFORE UPDATE ON flux_ledger FOR EACH ROW
    WHEN (OLD.accounting IS DISTINCT FROM NEW.accounting)
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER registered_kept BEFORE UPDATE ON flux_vacancy FOR EACH ROW
    WHEN (OLD.registered_at IS DISTINCT FROM NEW.registered_at)
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER kept BEFORE UPDATE ON flux_routing FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{closed_at,answered_on,clock_from,clock_held}'::text[] IS DISTINCT FROM to_jsonb(NEW) -
        '{closed_at,answered_on,clock_from,clock_held}'::text[])
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER kept BEFORE UPDATE ON flux_auditalert FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{acknowledged_at,acknowledged_by_id,acknowledgement}'::text[] IS DISTINCT FROM
        to_jsonb(NEW) - '{acknowledged_at,acknowledged_by_id,acknowledgement}'::text[])
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER sums_kept BEFORE UPDATE ON flux_conversion FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{convention_id}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{convention_id}'::text[])
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER kept BEFORE UPDATE ON flux_outsideflow FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{ends_on}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{ends_on}'::text[])
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER kept BEFORE UPDATE ON flux_stocktransfer FOR EACH ROW
    WHEN (to_jsonb(OLD) -
        '{accepted_at,accepted_by_id,signer,withdrawn_at,withdrawn_by_id,withdrawn_why,done_at}'::text[] IS
        DISTINCT FROM to_jsonb(NEW) -
        '{accepted_at,accepted_by_id,signer,withdrawn_at,withdrawn_by_id,withdrawn_why,done_at}'::text[])
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER kept BEFORE UPDATE ON flux_transferredprogramme FOR EACH ROW
    WHEN (OLD.becomes_id IS NOT NULL OR to_jsonb(OLD) - '{becomes_id}'::text[] IS DISTINCT FROM to_jsonb(NEW) -
        '{becomes_id}'::text[])
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER kept BEFORE UPDATE ON flux_absorption FOR EACH ROW
    WHEN (OLD.last_day IS NOT NULL OR to_jsonb(OLD) - '{last_day}'::text[] IS DISTINCT FROM to_jsonb(NEW) -
        '{last_day}'::text[])
    EXECUTE FUNCTION reservations_refuse();
