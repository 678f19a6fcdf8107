-- What prices, places and grants a unit leaves its imprint, and units themselves: files add them by the hundred
-- thousand, one statement, its rows together.

CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_allotment FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_allottedunit FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_decisionwindow FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_expectedholder FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_incomeceiling FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_periodcut FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_programme FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_routingpolicy FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_stockassignment FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_webhookendpoint FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT ON flux_unit REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION reservations_keep_imprints();
CREATE TRIGGER imprinted_again AFTER UPDATE OR DELETE ON flux_unit FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();

SELECT reservations_imprint_rows(kept) FROM unnest(ARRAY[
    'flux_allotment', 'flux_allottedunit', 'flux_decisionwindow', 'flux_expectedholder', 'flux_incomeceiling',
    'flux_periodcut', 'flux_programme', 'flux_routingpolicy', 'flux_stockassignment', 'flux_webhookendpoint',
    'flux_unit'
]) AS kept;
