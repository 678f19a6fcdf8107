-- Rules and sessions have one more column each: their rows leave new imprints.

SELECT reservations_imprint_rows(kept)
FROM unnest(ARRAY['attributions_committeerules', 'attributions_committeesession']) AS kept;
