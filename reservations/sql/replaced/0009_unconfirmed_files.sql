-- How long a file that was given and never confirmed is kept (docs/personal-data.md). Usage: for an administrator to
-- correct, on the screens.
INSERT INTO reservations_legalparameter (code, value, starts_on, source)
SELECT 'UNCONFIRMED_FILE_DAYS', 30, '2026-01-01',
    'usage (RGPD, article 5, 1 e), à confirmer par le délégué à la protection des données'
WHERE NOT EXISTS (SELECT FROM reservations_legalparameter WHERE code = 'UNCONFIRMED_FILE_DAYS');
