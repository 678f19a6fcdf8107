-- Written by `manage.py make_triggers` from what is declared (docs/decisions/0165).

DROP TRIGGER kept ON attributions_balanceversion;
DROP TRIGGER kept ON attributions_balancedispatch;
DROP TRIGGER kept ON attributions_balanceremark;
DROP TRIGGER kept ON attributions_proposalend;
DROP TRIGGER kept ON attributions_casedecision;
DROP TRIGGER kept ON attributions_offer;
DROP TRIGGER kept ON attributions_lease;
DROP TRIGGER kept ON attributions_notice;

CREATE TRIGGER kept BEFORE UPDATE ON attributions_balanceversion FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{sealed_at}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{sealed_at}'::text[])
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER kept BEFORE UPDATE ON attributions_balancedispatch FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{opened_at,opened_by_id}'::text[] IS DISTINCT FROM to_jsonb(NEW) -
        '{opened_at,opened_by_id}'::text[])
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER kept BEFORE UPDATE ON attributions_balanceremark FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{answer,answer_text,answered_at,answered_by_id,corrected_in_id}'::text[] IS DISTINCT
        FROM to_jsonb(NEW) - '{answer,answer_text,answered_at,answered_by_id,corrected_in_id}'::text[])
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER kept BEFORE UPDATE ON attributions_proposalend FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{proposal_id,undone_of_id,undone_at}'::text[] IS DISTINCT FROM to_jsonb(NEW) -
        '{proposal_id,undone_of_id,undone_at}'::text[])
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER kept BEFORE UPDATE ON attributions_casedecision FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{superseded_at}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{superseded_at}'::text[])
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER kept BEFORE UPDATE ON attributions_offer FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{answer,answered_on}'::text[] IS DISTINCT FROM to_jsonb(NEW) -
        '{answer,answered_on}'::text[])
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER kept BEFORE UPDATE ON attributions_lease FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{in_qpv,facts_among,cancelled_at,cancelled_by_id,cancelled_why}'::text[] IS DISTINCT
        FROM to_jsonb(NEW) - '{in_qpv,facts_among,cancelled_at,cancelled_by_id,cancelled_why}'::text[] OR
        (OLD.in_qpv IS DISTINCT FROM NEW.in_qpv AND pg_trigger_depth() = 0))
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER kept BEFORE UPDATE ON attributions_notice FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{read_at,read_by_id}'::text[] IS DISTINCT FROM to_jsonb(NEW) -
        '{read_at,read_by_id}'::text[])
    EXECUTE FUNCTION reservations_refuse();
