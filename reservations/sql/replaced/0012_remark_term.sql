-- How long a remark on a balance may wait for its answer, and a line said corrected for the version that has it. Usage:
-- an administrator corrects it, on the screens.
INSERT INTO reservations_legalparameter (code, value, starts_on, source) VALUES
    ('REMARK_DAYS', 20, '2020-02-22', 'usage : réponse dans le mois ; l’article R441-5-1 ne fixe pas de délai')
ON CONFLICT DO NOTHING;
