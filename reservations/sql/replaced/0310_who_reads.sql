-- The wall is as narrow as the pages: files of a convention are read by its parties once it leaves its landlord, and by
-- who oversees its territory once it binds.
ALTER POLICY wall ON reservations_signeddocument USING (
    (SELECT reservations_act_under_way())
    OR (SELECT reservations_acting('administrator')) = 1
    OR EXISTS (
        SELECT FROM reservations_convention c
        WHERE c.id = reservations_signeddocument.convention_id
        AND (
            c.landlord_id = (
                SELECT l.id FROM reservations_landlord l
                WHERE l.organisation_id = (SELECT reservations_acting('organisation'))
            )
            OR c.status <> 'DRAFT'
            AND (
                c.organisation_id = (SELECT reservations_acting('organisation'))
                OR EXISTS (
                    SELECT FROM reservations_signatory s
                    WHERE s.convention_id = c.id AND s.organisation_id = (SELECT reservations_acting('organisation'))
                )
            )
            OR c.status IN ('SIGNED', 'AMENDED', 'ENDED', 'TERMINATED')
            AND EXISTS (
                SELECT FROM reservations_territory t
                WHERE t.kind IN ('COMMUNE', 'DISTRICT')
                AND c.perimeter_id IN (t.id, t.region_id, t.departement_id, t.epci_id, t.ept_id, t.parent_commune_id)
                AND (SELECT reservations_acting('territory'))
                    IN (t.id, t.region_id, t.departement_id, t.epci_id, t.ept_id, t.parent_commune_id)
            )
        )
    )
);

-- How long a seat still reads the files of a session, once its minutes are sealed: as long as its decisions may be
-- contested. No text says it: it is to be confirmed.
INSERT INTO reservations_legalparameter (code, value, starts_on, source) VALUES
    (
        'MINUTES_READ_MONTHS', 2, '2020-01-01',
        'CJA, art. R421-1 : délai pour contester une décision ; règle d’Équiflux, à confirmer par le bailleur'
    )
ON CONFLICT DO NOTHING;

INSERT INTO reservations_unconfirmed (subject, subject_id, would_confirm, source)
SELECT
    'reservations.legalparameter', p.id,
    'le règlement intérieur de la CALEOL et le registre des traitements du bailleur (RGPD, art. 5-1 e)', ''
FROM reservations_legalparameter p
WHERE p.code = 'MINUTES_READ_MONTHS'
ON CONFLICT DO NOTHING;

-- All that an organisation has, in one file: asked for and taken by its manager.
ALTER POLICY wall ON reservations_archive USING (
    (SELECT reservations_act_under_way()) OR organisation_id = (SELECT reservations_acting('managing'))
);

-- Balances of another tool name nobody: a landlord reads its own, others those that a landlord brought and their own.
ALTER POLICY wall ON reservations_keptelsewhere USING (
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
