-- Everything that decides, signs, grants or prices leaves its imprint: a table that has none says why in
-- tests/house/test_imprints.py. Rates of signed conventions had a trigger, and were in no list of what is controlled.

-- Who may sign in, as whom, with which role, in which organisation; the figures of the law, and who has read them.
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_apitoken FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_capreading FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_identity FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_landlord FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_legalparameter FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_membership FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_organisation FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_reservationholder FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_secondfactor FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_unconfirmed FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_user FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();

SELECT reservations_imprint_rows(kept) FROM unnest(ARRAY[
    'reservations_apitoken', 'reservations_capreading', 'reservations_identity', 'reservations_landlord',
    'reservations_legalparameter', 'reservations_membership', 'reservations_organisation',
    'reservations_reservationholder', 'reservations_secondfactor', 'reservations_unconfirmed', 'reservations_user',
    'reservations_rate'
]) AS kept;
