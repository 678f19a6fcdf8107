-- Papers that another tool sealed are kept as they came, byte for byte; balances are read beside those of here, minutes
-- by the landlord that brought them alone.

SELECT reservations_imprint_rows('reservations_keptelsewhere');

ALTER TABLE reservations_keptelsewhere ENABLE ROW LEVEL SECURITY;
-- Balances of another tool name nobody: a landlord reads its own, others those that a landlord brought and their own.
CREATE POLICY wall ON reservations_keptelsewhere USING (
    (SELECT reservations_act_under_way())
    OR keeper_id = (SELECT reservations_acting('organisation'))
    OR kind = 'BALANCE'
    AND (SELECT reservations_acting('organisation')) IS NOT NULL
    AND (SELECT reservations_acting('landlord')) IS NULL
    AND (
        (SELECT reservations_acting('administrator')) = 1
        OR EXISTS (
            SELECT FROM reservations_landlord l
            WHERE l.id = reservations_keptelsewhere.landlord_id
            AND l.organisation_id = reservations_keptelsewhere.keeper_id
        )
    )
);
