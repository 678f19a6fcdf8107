-- What a vacancy adds to the counts of what fell vacant, and what it takes back when it changes class or is cancelled
-- (docs/decisions/0025).

CREATE FUNCTION flux_fold_vacancy() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN  -- what it was leaves
        INSERT INTO flux_flowcount (landlord_id, commune_id, month, kind, exclusion, units, decided)
        SELECT
            u.landlord_id, u.commune_id, date_trunc('month', OLD.registered_on)::date, OLD.kind, OLD.exclusion, - 1,
            - (CASE WHEN EXISTS (SELECT 1 FROM flux_recommendation r WHERE r.vacancy_id = OLD.id) THEN 1 ELSE 0 END)
        FROM flux_unit u
        WHERE u.id = OLD.unit_id AND OLD.cancelled_at IS NULL
        ON CONFLICT (landlord_id, commune_id, month, kind, exclusion) DO UPDATE SET
            units = flux_flowcount.units + excluded.units,
            decided = flux_flowcount.decided + excluded.decided;
    END IF;

    IF TG_OP <> 'DELETE' THEN  -- what it is comes in
        INSERT INTO flux_flowcount (landlord_id, commune_id, month, kind, exclusion, units, decided)
        SELECT
            u.landlord_id, u.commune_id, date_trunc('month', NEW.registered_on)::date, NEW.kind, NEW.exclusion, + 1,
            + (CASE WHEN EXISTS (SELECT 1 FROM flux_recommendation r WHERE r.vacancy_id = NEW.id) THEN 1 ELSE 0 END)
        FROM flux_unit u
        WHERE u.id = NEW.unit_id AND NEW.cancelled_at IS NULL
        ON CONFLICT (landlord_id, commune_id, month, kind, exclusion) DO UPDATE SET
            units = flux_flowcount.units + excluded.units,
            decided = flux_flowcount.decided + excluded.decided;
    END IF;

    RETURN NULL;
END
$$;

-- Declared, or taken away before anything was decided on it.
CREATE TRIGGER fold
    AFTER INSERT OR DELETE ON flux_vacancy FOR EACH ROW
    EXECUTE FUNCTION flux_fold_vacancy();

-- Of another unit, kind, class or month, or cancelled.
CREATE TRIGGER fold_again
    AFTER UPDATE ON flux_vacancy FOR EACH ROW
    WHEN (
        ROW(
            OLD.cancelled_at, OLD.exclusion, OLD.kind, OLD.registered_on, OLD.unit_id
        ) IS DISTINCT FROM ROW(
            NEW.cancelled_at, NEW.exclusion, NEW.kind, NEW.registered_on, NEW.unit_id
        )
    )
    EXECUTE FUNCTION flux_fold_vacancy();
