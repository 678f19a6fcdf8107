-- What a committee decided (CCH, R441-3 and R441-9).

-- Rules and sessions have one more column each: their rows leave new imprints.

SELECT reservations_imprint_rows(kept)
FROM unnest(ARRAY['attributions_committeerules', 'attributions_committeesession']) AS kept;
