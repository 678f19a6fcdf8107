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
