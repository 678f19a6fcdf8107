-- Written by `manage.py make_triggers`, and put together by `./run squash` (docs/decisions/0165).

CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_organisation FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_landlord FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_reservationholder FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_convention FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER never_unsigned BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (OLD.status NOT IN ('DRAFT', 'PROPOSED') AND NEW.status IN ('DRAFT', 'PROPOSED'))
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER binding_kept BEFORE DELETE ON reservations_convention FOR EACH ROW
    WHEN (OLD.status <> 'DRAFT')
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER terms_kept BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (OLD.status <> 'DRAFT' AND to_jsonb(OLD) -
        '{status,proposed_on,signed_on,ends_on,formal_notice_on,successor_id}'::text[] IS DISTINCT FROM
        to_jsonb(NEW) - '{status,proposed_on,signed_on,ends_on,formal_notice_on,successor_id}'::text[])
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_quota FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_delegation FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_user FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_membership FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_legalparameter FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_unconfirmed FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_derogation FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_capreading FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_signeddocument FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reservations_signeddocument FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_keptelsewhere FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reservations_keptelsewhere FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_signatory FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_historyentry FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reservations_historyentry FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER kept BEFORE UPDATE ON reservations_imprint FOR EACH ROW
    WHEN (OLD.chain IS NOT NULL OR to_jsonb(OLD) - '{chain,position,link}'::text[] IS DISTINCT FROM to_jsonb(NEW)
        - '{chain,position,link}'::text[])
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER never_deleted BEFORE DELETE ON reservations_imprint FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reservations_leaf FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reservations_lognode FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reservations_logcheckpoint FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reservations_logcosignature FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_pause FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER kept BEFORE UPDATE ON reservations_pause FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{status,agreed_on}'::text[] IS DISTINCT FROM to_jsonb(NEW) -
        '{status,agreed_on}'::text[])
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER moves_on BEFORE UPDATE ON reservations_pause FOR EACH ROW
    WHEN ((OLD.status, NEW.status) NOT IN (('PROPOSED', 'AGREED'), ('PROPOSED', 'WITHDRAWN'), ('AGREED',
        'SHORTENED')) OR (OLD.agreed_on IS NOT NULL AND OLD.agreed_on IS DISTINCT FROM NEW.agreed_on))
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER never_deleted BEFORE DELETE ON reservations_pause FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER first_proposed BEFORE INSERT ON reservations_pause FOR EACH ROW
    WHEN (NEW.status <> 'PROPOSED')
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_pauseaccord FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON reservations_pauseaccord FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_rate FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_servicenotice FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reservations_servicenotice FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_signin FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER never_changed BEFORE UPDATE ON reservations_signin FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER never_deleted BEFORE DELETE ON reservations_signin FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_peoplereview FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reservations_peoplereview FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_secondfactor FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_identity FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_stockright FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_apitoken FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
