-- The construction periods that balances have counted by since the beginning, for everybody; what cuts them otherwise
-- is another row (R441-5-1 fixes none).

INSERT INTO flux_periodcut (starts_on, bounds, source)
VALUES ('0001-01-01', '{1948,1974,1999}', 'usage : les quatre périodes des observatoires du parc');
