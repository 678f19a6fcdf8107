-- Papers that another tool sealed are kept as they came, byte for byte; balances are read beside those of here, minutes
-- by the landlord that brought them alone.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON reservations_keptelsewhere FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_keptelsewhere FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
SELECT reservations_imprint_rows('reservations_keptelsewhere');

ALTER TABLE reservations_keptelsewhere ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON reservations_keptelsewhere USING (
    (SELECT reservations_wall_is_open())
    OR (kind = 'BALANCE' AND (SELECT reservations_hat('organisation')) IS NOT NULL)
    OR keeper_id = (SELECT reservations_hat('organisation'))
);
