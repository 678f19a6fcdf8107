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
