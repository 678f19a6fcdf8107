-- The day of the act that each entry counts (CCH, R441-5-1: what was done in the course of the year). What undoes an
-- act counts on the day of that act: an undone lease leaves the year in which it had been signed.

-- The description of a unit that an act of a day counts under: what folds read, and nothing else.
CREATE FUNCTION flux_described(unit bigint, acted_on date)
RETURNS TABLE (
    commune_id bigint, rooms smallint, financing_code varchar, in_qpv boolean, construction_year smallint
)
LANGUAGE sql STABLE AS $$
    SELECT u.commune_id, u.rooms, u.financing_code, u.in_qpv, u.construction_year FROM flux_unit u WHERE u.id = unit
$$;

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
                    SELECT f.id, f."on", f.quantity, sum(f.quantity) OVER (ORDER BY f.id) AS standing,
                        sum(f.quantity) OVER () AS left_standing
                    FROM flux_flowentry f
                    WHERE
                        f.vacancy_id = vacancy AND f.ledger_id = ledger AND f.holder_id = holder
                        AND f.stage = flux_act_of.stage AND f.side = flux_act_of.side AND f.id < before
                ) e
                WHERE e.quantity > 0 AND e.standing = e.left_standing
                ORDER BY e.id DESC
                LIMIT 1
            ),
            written_on
        )
    END
$$;

CREATE FUNCTION flux_date_act() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.acted_on := flux_act_of(
        NEW.ledger_id, NEW.holder_id, NEW.vacancy_id, NEW.stage, NEW.side, NEW.quantity, NEW."on", NEW.id
    );
    RETURN NEW;
END
$$;

-- The entries that were there already: acts, then what undid them, in the order written.
ALTER TABLE flux_flowentry DISABLE TRIGGER append_only;

UPDATE flux_flowentry SET acted_on = "on"
WHERE quantity > 0 OR stage IN ('DUE', 'CARRIED', 'FORFEITED', 'TRANSFERRED');

DO $$
DECLARE
    undone flux_flowentry;
BEGIN
    FOR undone IN SELECT * FROM flux_flowentry WHERE acted_on IS NULL ORDER BY id LOOP
        UPDATE flux_flowentry
        SET acted_on = flux_act_of(
            undone.ledger_id, undone.holder_id, undone.vacancy_id, undone.stage, undone.side, undone.quantity,
            undone."on", undone.id
        )
        WHERE id = undone.id;
    END LOOP;
END
$$;

ALTER TABLE flux_flowentry ENABLE TRIGGER append_only;

CREATE TRIGGER act_dated
    BEFORE INSERT ON flux_flowentry FOR EACH ROW
    EXECUTE FUNCTION flux_date_act();
