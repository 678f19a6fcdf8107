-- Rates of the law where nobody fixed another, dated, each with its source; an administrator corrects them.

INSERT INTO attributions_objective (code, percent, starts_on, source) VALUES
    ('FIRST_QUARTILE_OUTSIDE_QPV', 25, '2020-02-22', 'CCH, art. L441-1 : à défaut d’un taux fixé par la CIA'),
    ('OTHERS_IN_QPV', 50, '2020-02-22', 'CCH, art. L441-1 : à défaut d’un taux fixé par la conférence ; à confirmer'),
    ('PRIORITY_AUTHORITY', 25, '2020-02-22', 'CCH, art. L441-1 ; à confirmer'),
    ('PRIORITY_ACTION_LOGEMENT', 25, '2020-02-22', 'CCH, art. L313-26-2 ; à confirmer'),
    ('PRIORITY_LANDLORD', 25, '2020-02-22', 'CCH, art. L441-1 ; à confirmer'),
    ('STATE_AGENTS', 5, '2020-02-22', 'CCH, art. R441-5-2');
