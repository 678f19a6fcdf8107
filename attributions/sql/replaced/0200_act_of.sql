-- A correction by hand is no act: what is undone is an act, where one stands. Made again here, where corrections are
-- known.
--
-- 10 December's offer was taken back; offered once more in January, the unit is counted by hand in December, then
-- leaves in February: January's offer is undone, not the correction of December. Only where no act stands is a
-- correction undone: what was counted by hand alone no longer counts, in its own year.

CREATE OR REPLACE FUNCTION flux_act_of(
    ledger bigint, holder bigint, vacancy bigint, stage varchar, side varchar, quantity bigint, written_on date,
    before bigint
)
RETURNS date
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN quantity > 0 OR stage IN ('DUE', 'CARRIED', 'FORFEITED', 'TRANSFERRED') THEN written_on
        ELSE coalesce(
            (
                SELECT e."on"
                FROM (
                    SELECT f.id, f."on", f.quantity, k.by_hand,
                        sum(f.quantity) OVER (PARTITION BY k.by_hand ORDER BY f.id) AS standing,
                        sum(f.quantity) OVER (PARTITION BY k.by_hand) AS left_standing
                    FROM flux_flowentry f
                    CROSS JOIN LATERAL (
                        SELECT EXISTS (
                            SELECT 1 FROM attributions_balancecorrection b WHERE b.entry_id = f.id
                        ) AS by_hand
                    ) k
                    WHERE
                        f.vacancy_id = vacancy AND f.ledger_id = ledger AND f.holder_id = holder
                        AND f.stage = flux_act_of.stage AND f.side = flux_act_of.side AND f.id < before
                ) e
                WHERE e.quantity > 0 AND e.standing = e.left_standing AND e.left_standing > 0
                ORDER BY e.by_hand, e.id DESC
                LIMIT 1
            ),
            written_on
        )
    END
$$;
