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
