-- Agendas, who sat, who left the room, committees, their rules, comments, layouts and objectives leave their imprints.

CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_agendacase FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_agendaitem FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_annualbalance FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_attendance FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_balancecomment FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_balancelayout FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_balancetolerance FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_committee FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_committeemember FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_committeerules FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_objective FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_prioritycategory FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_recusal FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();

SELECT reservations_imprint_rows(kept) FROM unnest(ARRAY[
    'attributions_agendacase', 'attributions_agendaitem', 'attributions_annualbalance', 'attributions_attendance',
    'attributions_balancecomment', 'attributions_balancelayout', 'attributions_balancetolerance',
    'attributions_committee', 'attributions_committeemember', 'attributions_committeerules',
    'attributions_objective', 'attributions_prioritycategory', 'attributions_recusal'
]) AS kept;
