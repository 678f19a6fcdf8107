-- What rights in stock were found to be worth in flow.

-- The computation that a convention was signed on stays as it was; only the convention that it serves is said later.
CREATE TRIGGER sums_kept
    BEFORE UPDATE ON flux_conversion FOR EACH ROW
    WHEN (
        ROW(
            OLD.created_at, OLD.created_by_id, OLD.ends_on, OLD.given, OLD.holder_id, OLD.id, OLD.label,
            OLD.landlord_id, OLD.perimeter_id, OLD.rate_denominator, OLD.rate_numerator, OLD.share,
            OLD.starts_on, OLD.worksheet
        ) IS DISTINCT FROM ROW(
            NEW.created_at, NEW.created_by_id, NEW.ends_on, NEW.given, NEW.holder_id, NEW.id, NEW.label,
            NEW.landlord_id, NEW.perimeter_id, NEW.rate_denominator, NEW.rate_numerator, NEW.share,
            NEW.starts_on, NEW.worksheet
        )
    )
    EXECUTE FUNCTION reservations_refuse();
