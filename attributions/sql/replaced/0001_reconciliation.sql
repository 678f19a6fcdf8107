-- A file of the SNE or of SYPLO compared with the ledger.

-- What a file said on the day it was compared; a later file is another comparison.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON attributions_reconciliation FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- A point to settle stays as it was found. The number that a file gave is erased at term, by that act alone.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON attributions_reconciliationline FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
