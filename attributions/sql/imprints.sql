-- What was decided of households, the balances and their signatures, and who read what, have their imprints.

CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_accessrecord FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_balancecorrection FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_balancedispatch FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_balancedownload FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_balanceremark FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_balancereminder FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_balancesignature FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_balanceversion FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_ballot FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_ballotline FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_ballotvote FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_casedecision FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_committeesession FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_conditionmet FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_designation FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_lease FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_notice FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_offer FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_printedbalance FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_proposal FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_proposalend FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_reconciliation FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_reconciliationline FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON attributions_statedpurpose FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();

SELECT reservations_imprint_rows(kept) FROM unnest(ARRAY[
    'attributions_accessrecord', 'attributions_balancecorrection', 'attributions_balancedispatch',
    'attributions_balancedownload', 'attributions_balanceremark', 'attributions_balancereminder',
    'attributions_balancesignature', 'attributions_balanceversion', 'attributions_ballot',
    'attributions_ballotline', 'attributions_ballotvote', 'attributions_casedecision',
    'attributions_committeesession', 'attributions_conditionmet', 'attributions_designation', 'attributions_lease',
    'attributions_notice', 'attributions_offer', 'attributions_printedbalance', 'attributions_proposal',
    'attributions_proposalend', 'attributions_reconciliation', 'attributions_reconciliationline',
    'attributions_statedpurpose'
]) AS kept;

-- A request has its imprints: its facts, its registration and its closure, without its identity.

-- Files add requests by the hundred thousand: one statement, its rows together.
CREATE TRIGGER imprinted AFTER INSERT ON attributions_application REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION reservations_keep_imprints();
CREATE TRIGGER imprinted_again AFTER UPDATE OR DELETE ON attributions_application FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();

SELECT reservations_imprint_rows('attributions_application');
