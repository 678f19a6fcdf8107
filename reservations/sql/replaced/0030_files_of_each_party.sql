-- Signed files: of each party that signs, and no longer of two only; of who oversees a commune of the perimeter, of the
-- operator's administrator.
ALTER POLICY wall ON reservations_signeddocument USING (
    (SELECT reservations_wall_is_open())
    OR (SELECT reservations_hat('administrator')) = 1
    OR EXISTS (
        SELECT FROM reservations_signatory s
        WHERE s.convention_id = reservations_signeddocument.convention_id
        AND s.organisation_id = (SELECT reservations_hat('organisation'))
    )
    OR EXISTS (
        SELECT FROM reservations_convention c
        WHERE c.id = reservations_signeddocument.convention_id
        AND (
            c.organisation_id = (SELECT reservations_hat('organisation'))
            OR c.landlord_id = (SELECT reservations_hat('landlord'))
            OR EXISTS (
                SELECT FROM reservations_territory t
                WHERE t.kind IN ('COMMUNE', 'DISTRICT')
                AND c.perimeter_id IN (t.id, t.region_id, t.departement_id, t.epci_id, t.ept_id, t.parent_commune_id)
                AND (SELECT reservations_hat('territory'))
                    IN (t.id, t.region_id, t.departement_id, t.epci_id, t.ept_id, t.parent_commune_id)
            )
        )
    )
);
