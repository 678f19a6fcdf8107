-- The facts of an account are one chain, that of its ledger; what surrounds them has its imprints too.

CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_flowentry FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint('ledger_id');
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_recommendation FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint('ledger_id');
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_carriedover FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint('ledger_id');
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_askeddecision FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_auditalert FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_conversion FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_forecast FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_forecastdispatch FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_forecastline FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_golive FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_needsdeclaration FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_openingact FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_openingbalance FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_rehearsal FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_return FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_routing FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_toldaside FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT ON flux_unitdescription REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION reservations_keep_imprints();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON flux_vacancy FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();

-- The moment at which a unit was registered is its place in the queue.
CREATE TRIGGER registered_kept
    BEFORE UPDATE ON flux_vacancy FOR EACH ROW
    WHEN (OLD.registered_at <> NEW.registered_at)
    EXECUTE FUNCTION reservations_refuse();

SELECT reservations_imprint_rows(kept) FROM unnest(ARRAY[
    'flux_flowentry', 'flux_recommendation', 'flux_carriedover', 'flux_askeddecision', 'flux_auditalert',
    'flux_conversion', 'flux_forecast', 'flux_forecastdispatch', 'flux_forecastline', 'flux_golive',
    'flux_needsdeclaration', 'flux_openingact', 'flux_openingbalance', 'flux_rehearsal', 'flux_return',
    'flux_routing', 'flux_toldaside', 'flux_unitdescription', 'flux_vacancy'
]) AS kept;
