-- The delays of units that were there are counted, as triggers count those of the others: by thousands, in their order.
SELECT attributions_fold_spans(array_agg(q.id))
FROM (SELECT v.id, row_number() OVER (ORDER BY v.id) / 1000 AS part FROM flux_vacancy v) q
GROUP BY q.part
ORDER BY q.part;
