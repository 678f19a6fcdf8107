-- The rows of a table of rates are written with the draft, and stay as they were signed (CCH, R441-5-2 II).

CREATE FUNCTION reservations_keep_rates() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT reservations_unguarded(TG_TABLE_NAME, TG_NAME) AND EXISTS (
        SELECT 1 FROM reservations_convention c JOIN reservations_quota q ON q.convention_id = c.id
        WHERE c.status <> 'DRAFT' AND q.id = CASE WHEN TG_OP = 'INSERT' THEN NEW.quota_id ELSE OLD.quota_id END
    ) THEN
        RAISE EXCEPTION 'The rates of a convention are kept once it leaves the draft';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;

CREATE TRIGGER kept_once_out_of_draft
    BEFORE INSERT OR UPDATE OR DELETE ON reservations_rate FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_rates();

CREATE TRIGGER imprinted AFTER INSERT OR UPDATE OR DELETE ON reservations_rate FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
