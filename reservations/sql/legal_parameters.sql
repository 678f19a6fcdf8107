-- What the law and usage fix, each with the day it came into force and its source. What is usage (« usage ») is for an
-- administrator to correct, on the screens; so is what comes next.

INSERT INTO reservations_legalparameter (code, value, starts_on, source) VALUES
    ('STATE_SHARE_MAX', 30, '2020-02-22', 'CCH, R441-5-2 (décret n° 2020-145 du 20 février 2020)'),
    ('STATE_AGENTS_SHARE_MAX', 5, '2020-02-22', 'CCH, R441-5-2 (décret n° 2020-145 du 20 février 2020)'),
    ('STATE_OUTSIDE_QPV_MIN', 30, '2020-02-22', 'CCH, R441-5-2 II (décret n° 2020-145 du 20 février 2020)'),
    ('GUARANTEE_SHARE_MAX', 20, '2020-02-22', 'CCH, R441-5 avant 2020, repris par R441-5-3 et R441-5-4 : à vérifier'),
    ('GUARANTEE_EXTENSION_YEARS', 5, '2020-02-22', 'CCH, R441-6'),
    ('DEROGATION_MONTHS_MAX', 12, '2020-02-22', 'CCH, R441-5-2'),
    ('TERMINATION_NOTICE_MONTHS', 2, '2020-02-22', 'CCH, R441-5-2 IV'),
    ('MINIMUM_CANDIDATES', 3, '2020-02-22', 'CCH, R441-3'),
    ('PROPOSAL_DAYS', 20, '2020-02-22', 'usage (un mois) : chaque convention fixe le sien'),
    ('FIRST_LETTING_DAYS', 40, '2020-02-22', 'usage (deux mois) : chaque convention fixe le sien'),
    ('FORECAST_DUE', 228, '2020-02-22', 'CCH, R441-5 et R441-5-1 : avant le 28 février'),
    ('FLOW_REQUIRED', 1, '2023-11-24', 'loi ELAN, art. 114 IV, et loi 3DS, art. 78'),
    ('EXPIRY_WARNING_DAYS', 180, '2020-02-22', 'usage : le temps de négocier la suite'),
    ('RETURNED_DELAY_MAX', 2, '2020-02-22',
     'usage : deux logements, au-delà le réservataire ne perd que ce qu’il a lui-même rendu'),
    ('HOLDING_BACK_DAYS', 15, '2020-02-22', 'usage : un congé s’enregistre dans les deux semaines'),
    ('RIGHT_END_DAYS', 30, '2020-02-22', 'usage : un renouvellement se signe souvent après sa date d’effet'),
    ('OFFER_DAYS_MIN', 10, '2020-02-22', 'CCH, art. R441-10'),
    ('COMMITTEE_MEMBERS', 6, '2020-02-22', 'CCH, art. R441-9 II'),
    ('RETENTION_MONTHS', 12, '2020-02-22', 'décret n° 2017-917 du 9 mai 2017, art. 4 : un an après la radiation'),
    ('ACCESS_LOG_MONTHS', 12, '2020-02-22', 'usage, à confirmer par le délégué à la protection des données'),
    ('SMALL_CELL', 5, '2020-02-22', 'usage, à confirmer par le délégué à la protection des données');

-- How long a file that was given and never confirmed is kept (docs/personal-data.md). Usage: for an administrator to
-- correct, on the screens.
INSERT INTO reservations_legalparameter (code, value, starts_on, source)
SELECT 'UNCONFIRMED_FILE_DAYS', 30, '2026-01-01',
    'usage (RGPD, article 5, 1 e), à confirmer par le délégué à la protection des données'
WHERE NOT EXISTS (SELECT FROM reservations_legalparameter WHERE code = 'UNCONFIRMED_FILE_DAYS');

-- How long a remark on a balance may wait for its answer, and a line said corrected for the version that has it. Usage:
-- an administrator corrects it, on the screens.
INSERT INTO reservations_legalparameter (code, value, starts_on, source) VALUES
    ('REMARK_DAYS', 20, '2020-02-22', 'usage : réponse dans le mois ; l’article R441-5-1 ne fixe pas de délai')
ON CONFLICT DO NOTHING;

-- Figures of the law that were recorded without their text having been read (docs/glossary.md: à confirmer), each with
-- what would confirm it. What is « usage » and left to each convention is not among them.
INSERT INTO reservations_unconfirmed (subject, subject_id, would_confirm, source)
SELECT 'reservations.legalparameter', p.id, d.would_confirm, ''
FROM (VALUES
    ('GUARANTEE_SHARE_MAX', 'l’article R441-5-4 du CCH, dans sa rédaction en vigueur (Légifrance)'),
    ('TERMINATION_NOTICE_MONTHS', 'l’article R441-5-2 IV du CCH, dans sa rédaction en vigueur (Légifrance)'),
    ('COMMITTEE_MEMBERS', 'l’article R441-9 II du CCH, dans sa rédaction en vigueur (Légifrance)'),
    ('FLOW_REQUIRED', 'l’article 114 IV de la loi ELAN, modifié par l’article 78 de la loi 3DS (Légifrance)'),
    ('ACCESS_LOG_MONTHS', 'le délégué à la protection des données de l’exploitant'),
    ('SMALL_CELL', 'le délégué à la protection des données de l’exploitant'),
    ('UNCONFIRMED_FILE_DAYS', 'le délégué à la protection des données de l’exploitant')
) AS d (code, would_confirm)
JOIN reservations_legalparameter p ON p.code = d.code
ON CONFLICT DO NOTHING;
