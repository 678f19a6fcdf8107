-- What the law says of a dwelling that is too large or too small for those who live there, for whoever looks for a
-- household that fits a unit. Recorded without the text in force having been read: each is to be confirmed.
INSERT INTO reservations_legalparameter (code, value, starts_on, source) VALUES
    ('SPARE_ROOMS_MAX', 1, '2020-02-22', 'CCH, art. L442-3-1 : plus d’une pièce de plus que d’occupants'),
    ('AREA_ALONE_MIN', 9, '2020-02-22', 'CCH, art. R822-25'),
    ('AREA_OF_TWO_MIN', 16, '2020-02-22', 'CCH, art. R822-25 : un ménage sans enfant ou deux personnes'),
    ('AREA_OF_EACH_MIN', 9, '2020-02-22', 'CCH, art. R822-25 : par personne en plus'),
    ('AREA_MIN_MOST', 70, '2020-02-22', 'CCH, art. R822-25 : huit personnes et plus')
ON CONFLICT DO NOTHING;

INSERT INTO reservations_unconfirmed (subject, subject_id, would_confirm, source)
SELECT 'reservations.legalparameter', p.id, d.would_confirm, ''
FROM (VALUES
    ('SPARE_ROOMS_MAX', 'l’article L442-3-1 du CCH, dans sa rédaction en vigueur (Légifrance)'),
    ('AREA_ALONE_MIN', 'l’article R822-25 du CCH, dans sa rédaction en vigueur (Légifrance)'),
    ('AREA_OF_TWO_MIN', 'l’article R822-25 du CCH, dans sa rédaction en vigueur (Légifrance)'),
    ('AREA_OF_EACH_MIN', 'l’article R822-25 du CCH, dans sa rédaction en vigueur (Légifrance)'),
    ('AREA_MIN_MOST', 'l’article R822-25 du CCH, dans sa rédaction en vigueur (Légifrance)')
) AS d (code, would_confirm)
JOIN reservations_legalparameter p ON p.code = d.code
ON CONFLICT DO NOTHING;
