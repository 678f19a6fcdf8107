-- Who signed in, and whose roles were looked at again: a journal that can be rewritten is not one.

-- Accounts that nobody uses are closed after a time that an administrator corrects.
INSERT INTO reservations_legalparameter (code, value, starts_on, source) VALUES
    ('DORMANT_MONTHS', 12, '2020-02-22', 'usage : ANSSI, guide d’hygiène informatique, comptes inactifs'),
    ('DORMANT_WARNING_DAYS', 30, '2020-02-22', 'usage : le temps de se connecter une fois'),
    ('PROOF_MINUTES', 30, '2020-02-22', 'usage, avant un acte sensible (OWASP ASVS)');
