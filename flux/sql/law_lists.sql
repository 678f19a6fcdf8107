-- Income ceilings in force since 1 January 2025 and 1 January 2026, as far as they were found written: amounts in euros
-- by household category from 1, then what each further person adds to the sixth.
--
-- PLS is 130 % of PLUS, rounded to the euro (arrêté of 29 July 1987). Of 2025, what Île-de-France outside Paris had for
-- larger households was not found; of 2026, nothing of PLAI: what was in force goes on, and pages say « à confirmer ».

INSERT INTO flux_incomeceiling (financing, zone, household, amount, extra, starts_on, ends_on, source)
SELECT
    financing, zone, household, amount, CASE WHEN household = 6 THEN extra END, DATE '2025-01-01', ends_on::date,
    'arrêté du 29 juillet 1987 modifié par l’arrêté du 23 décembre 2024'
        || CASE WHEN financing = 'PLS' THEN ', PLS : 130 % du PLUS' ELSE '' END
FROM (VALUES
    (1, 'PLAI', 'PARIS', ARRAY[14683, 23931, 31369, 34338, 40847, 45968], 5121, NULL),
    (2, 'PLAI', 'ILE_DE_FRANCE', ARRAY[14683, 23931, 28767, 31585], NULL, NULL),
    (3, 'PLAI', 'ELSEWHERE', ARRAY[12759, 18591, 22356, 24875, 29105, 32800], 3657, NULL),
    (4, 'PLUS', 'PARIS', ARRAY[26687, 39885, 52284, 62424, 74271, 83575], 9313, '2025-12-31'),
    (5, 'PLUS', 'ILE_DE_FRANCE', ARRAY[26687, 39885, 47944], NULL, '2025-12-31'),
    (6, 'PLUS', 'ELSEWHERE', ARRAY[23201, 30984, 37259, 44982, 52916, 59637], 6652, '2025-12-31'),
    (7, 'PLS', 'PARIS', ARRAY[34693, 51851, 67969, 81151, 96552, 108648], 12107, '2025-12-31'),
    (8, 'PLS', 'ELSEWHERE', ARRAY[30161, 40279, 48437, 58477, 68790, 77527], 8648, '2025-12-31')
) AS found (line, financing, zone, amounts, extra, ends_on)
CROSS JOIN unnest(amounts) WITH ORDINALITY AS each (amount, household)
ORDER BY line, household;

INSERT INTO flux_incomeceiling (financing, zone, household, amount, extra, starts_on, ends_on, source)
SELECT
    financing, zone, household, amount, CASE WHEN household = 6 THEN extra END, DATE '2026-01-01', ends_on::date,
    'arrêté du 29 juillet 1987 modifié par l’arrêté du 19 décembre 2025 (JO du 24)'
        || CASE WHEN financing = 'PLS' THEN ', PLS : 130 % du PLUS' ELSE '' END
FROM (VALUES
    (1, 'PLUS', 'PARIS', ARRAY[26920, 40233, 52740, 62968, 74919, 84304], 9394, NULL),
    (2, 'PLUS', 'ILE_DE_FRANCE', ARRAY[26920, 40233, 48362, 57930, 68577, 77171], 8598, NULL),
    (3, 'PLUS', 'ELSEWHERE', ARRAY[23403, 31254, 37584, 45374, 53376, 60156], 6710, NULL),
    (4, 'PLS', 'PARIS', ARRAY[34996, 52303, 68562, 81858, 97395, 109595], 12212, NULL),
    (5, 'PLS', 'ILE_DE_FRANCE', ARRAY[34996, 52303, 62871, 75309, 89150, 100322], 11177, NULL),
    (6, 'PLS', 'ELSEWHERE', ARRAY[30424, 40630, 48859, 58986, 69389, 78203], 8723, NULL)
) AS found (line, financing, zone, amounts, extra, ends_on)
CROSS JOIN unnest(amounts) WITH ORDINALITY AS each (amount, household)
ORDER BY line, household;

-- The construction periods that balances have counted by since the beginning, for everybody; what cuts them otherwise
-- is another row (R441-5-1 fixes none).

INSERT INTO flux_periodcut (starts_on, bounds, source)
VALUES ('0001-01-01', '{1948,1974,1999}', 'usage : les quatre périodes des observatoires du parc');
