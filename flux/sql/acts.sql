-- The day of the act that each entry counts (CCH, R441-5-1: what was done in the course of the year). What undoes an
-- act counts on the day of that act: an undone lease leaves the year in which it had been signed.

-- What is done counts on its own day. What an entry of the opposite sign takes back is the latest act written that
-- still stands, of the same unit, holder and stage in the same account.
CREATE FUNCTION flux_act_of(
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

CREATE FUNCTION flux_date_act() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.acted_on IS NULL THEN
        NEW.acted_on := flux_act_of(
            NEW.ledger_id, NEW.holder_id, NEW.vacancy_id, NEW.stage, NEW.side, NEW.quantity, NEW."on", NEW.id
        );
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER act_dated
    BEFORE INSERT ON flux_flowentry FOR EACH ROW
    EXECUTE FUNCTION flux_date_act();
