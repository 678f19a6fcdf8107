-- Priority categories of the law (CCH, L441-1 and L441-2-3), dated, each with its source; an administrator corrects
-- them.

INSERT INTO attributions_prioritycategory (code, label, "group", starts_on, source) VALUES
    ('DALO', 'reconnu prioritaire et urgent (DALO)', 'DALO', '2020-02-22', 'CCH, art. L441-2-3'),
    ('DISABILITY', 'situation de handicap dans le ménage', 'LAW', '2020-02-22',
     'CCH, art. L441-1, dans sa rédaction en vigueur ; lettre à confirmer'),
    ('BADLY_HOUSED', 'mal logé, ou en difficulté particulière de logement', 'LAW', '2020-02-22',
     'CCH, art. L441-1, dans sa rédaction en vigueur ; lettre à confirmer'),
    ('TEMPORARY', 'hébergé ou logé temporairement', 'LAW', '2020-02-22',
     'CCH, art. L441-1, dans sa rédaction en vigueur ; lettre à confirmer'),
    ('BACK_TO_WORK', 'reprise d’activité après un chômage de longue durée', 'LAW', '2020-02-22',
     'CCH, art. L441-1, dans sa rédaction en vigueur ; lettre à confirmer'),
    ('UNFIT', 'logement insalubre ou dangereux', 'LAW', '2020-02-22',
     'CCH, art. L441-1, dans sa rédaction en vigueur ; lettre à confirmer'),
    ('VIOLENCE', 'victime de violences au sein du couple ou de la famille', 'LAW', '2020-02-22',
     'CCH, art. L441-1, dans sa rédaction en vigueur ; lettre à confirmer'),
    ('OVERCROWDED', 'enfant mineur en logement suroccupé ou indécent', 'LAW', '2020-02-22',
     'CCH, art. L441-1, dans sa rédaction en vigueur ; lettre à confirmer'),
    ('WITHOUT_HOME', 'sans logement, ou hébergé par des tiers', 'LAW', '2020-02-22',
     'CCH, art. L441-1, dans sa rédaction en vigueur ; lettre à confirmer'),
    ('EVICTION', 'menacé d’expulsion sans relogement', 'LAW', '2020-02-22',
     'CCH, art. L441-1, dans sa rédaction en vigueur ; lettre à confirmer');

-- Rates of the law where nobody fixed another, dated, each with its source; an administrator corrects them.

INSERT INTO attributions_objective (code, percent, starts_on, source) VALUES
    ('FIRST_QUARTILE_OUTSIDE_QPV', 25, '2020-02-22', 'CCH, art. L441-1 : à défaut d’un taux fixé par la CIA'),
    ('OTHERS_IN_QPV', 50, '2020-02-22', 'CCH, art. L441-1 : à défaut d’un taux fixé par la conférence ; à confirmer'),
    ('PRIORITY_AUTHORITY', 25, '2020-02-22', 'CCH, art. L441-1 ; à confirmer'),
    ('PRIORITY_ACTION_LOGEMENT', 25, '2020-02-22', 'CCH, art. L313-26-2 ; à confirmer'),
    ('PRIORITY_LANDLORD', 25, '2020-02-22', 'CCH, art. L441-1 ; à confirmer'),
    ('STATE_AGENTS', 5, '2020-02-22', 'CCH, art. R441-5-2');

-- The list of L441-1 with those that laws added since, and what is still to be confirmed of it.

INSERT INTO attributions_prioritycategory (code, label, "group", starts_on, source) VALUES
    ('THERAPEUTIC', 'sortant d’un appartement de coordination thérapeutique', 'LAW', '2020-02-22', 'CCH, art. L441-1'),
    ('ASSAULT', 'victime de viol ou d’agression sexuelle à son domicile ou à ses abords', 'LAW', '2020-02-22',
     'CCH, art. L441-1'),
    ('LEAVING_PROSTITUTION', 'engagé dans le parcours de sortie de la prostitution', 'LAW', '2020-02-22',
     'CCH, art. L441-1 (loi n° 2016-444 du 13 avril 2016)'),
    ('TRAFFICKING', 'victime de la traite ou du proxénétisme', 'LAW', '2020-02-22', 'CCH, art. L441-1'),
    ('LEAVING_CARE', 'jeune de moins de 21 ans sortant de l’aide sociale à l’enfance', 'LAW', '2022-02-09',
     'CCH, art. L441-1 (loi n° 2022-140 du 7 février 2022)')
ON CONFLICT DO NOTHING;

INSERT INTO reservations_unconfirmed (subject, subject_id, would_confirm, source)
SELECT
    'attributions.prioritycategory', c.id,
    CASE c.code
        WHEN 'LEAVING_CARE'
        THEN 'la loi n° 2022-140 du 7 février 2022 et l’article L441-1 du CCH en vigueur (Légifrance)'
        ELSE 'l’article L441-1 du CCH, dans sa rédaction en vigueur : la catégorie et sa lettre (Légifrance)'
    END, ''
FROM attributions_prioritycategory c
WHERE c."group" = 'LAW' AND c.ends_on IS NULL
ON CONFLICT DO NOTHING;

INSERT INTO reservations_unconfirmed (subject, subject_id, would_confirm, source)
SELECT
    'attributions.objective', o.id,
    CASE o.code
        WHEN 'PRIORITY_ACTION_LOGEMENT' THEN 'l’article L313-26-2 du CCH, dans sa rédaction en vigueur (Légifrance)'
        ELSE 'l’article L441-1 du CCH, dans sa rédaction en vigueur : le taux et son dénominateur (Légifrance)'
    END, ''
FROM attributions_objective o
WHERE o.territory_id IS NULL AND o.ends_on IS NULL
    AND o.code IN ('OTHERS_IN_QPV', 'PRIORITY_AUTHORITY', 'PRIORITY_ACTION_LOGEMENT', 'PRIORITY_LANDLORD')
ON CONFLICT DO NOTHING;
