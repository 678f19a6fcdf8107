-- A vacancy knows whether it is let: a lease stands, or the account counts one. Lists of what goes on leave the others
-- out by an index.

CREATE FUNCTION attributions_is_let(vacancy bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT
        EXISTS (SELECT 1 FROM attributions_lease l WHERE l.vacancy_id = $1 AND l.cancelled_at IS NULL)
        OR EXISTS (
            SELECT 1 FROM flux_flowentry e WHERE e.vacancy_id = $1 AND e.stage = 'LEASED'
            GROUP BY e.holder_id HAVING sum(e.quantity) > 0
        )
$$;

CREATE FUNCTION attributions_keep_let() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE flux_vacancy v SET is_let = NOT v.is_let
    WHERE v.id = NEW.vacancy_id AND v.is_let <> attributions_is_let(v.id);
    RETURN NULL;
END
$$;

CREATE TRIGGER let_told
    AFTER INSERT OR UPDATE OF cancelled_at ON attributions_lease FOR EACH ROW
    EXECUTE FUNCTION attributions_keep_let();

CREATE TRIGGER let_told
    AFTER INSERT ON flux_flowentry FOR EACH ROW
    WHEN (NEW.stage = 'LEASED')
    EXECUTE FUNCTION attributions_keep_let();

-- Those that were there.
UPDATE flux_vacancy v SET is_let = true WHERE attributions_is_let(v.id);

-- A row read before, and saved whole, does not say so.
CREATE FUNCTION attributions_hold_let() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.is_let := OLD.is_let;
    RETURN NEW;
END
$$;

CREATE TRIGGER let_held
    BEFORE UPDATE ON flux_vacancy FOR EACH ROW
    WHEN (OLD.is_let <> NEW.is_let AND pg_trigger_depth() = 0)
    EXECUTE FUNCTION attributions_hold_let();
