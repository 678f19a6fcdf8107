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

-- A version that was sent is its bytes, and the heads that its papers carry.
DROP TRIGGER kept ON attributions_balanceversion;
CREATE TRIGGER kept
    BEFORE UPDATE ON attributions_balanceversion FOR EACH ROW
    WHEN (
        ROW(
            OLD.balance_id, OLD.content, OLD.heads, OLD.id, OLD.note, OLD.number, OLD.seal, OLD.sent_at,
            OLD.sent_by_id
        ) IS DISTINCT FROM ROW(
            NEW.balance_id, NEW.content, NEW.heads, NEW.id, NEW.note, NEW.number, NEW.seal, NEW.sent_at,
            NEW.sent_by_id
        )
    )
    EXECUTE FUNCTION reservations_refuse();

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
