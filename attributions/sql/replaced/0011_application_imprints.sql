-- A request has its imprints: its facts, its registration and its closure, without its identity.

-- Files add requests by the hundred thousand: one statement, its rows together.
CREATE TRIGGER imprinted AFTER INSERT ON attributions_application REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION reservations_keep_imprints();
CREATE TRIGGER imprinted_again AFTER UPDATE OR DELETE ON attributions_application FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();

SELECT reservations_imprint_rows('attributions_application');
