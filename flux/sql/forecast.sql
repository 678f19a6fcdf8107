-- The forecast of units subtracted from the flow, as it was sent (CCH, R441-5).

-- Sent, a forecast neither changes nor goes: what follows is another one.
CREATE TRIGGER sent_kept
    BEFORE UPDATE OR DELETE ON flux_forecast FOR EACH ROW
    WHEN (OLD.sent_at IS NOT NULL)
    EXECUTE FUNCTION reservations_refuse();

-- To whom it was sent, and when, is what holders may hold against the landlord.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_forecastdispatch FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- Whether a forecast was sent is read in its own table, never in one of the same name that a session made for itself;
-- no setting sets the rule aside (reservations/sql/0240_set_aside.sql).
CREATE FUNCTION flux_keep_forecast_lines() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM flux_forecast
        WHERE sent_at IS NOT NULL AND id = CASE WHEN TG_OP = 'INSERT' THEN NEW.forecast_id ELSE OLD.forecast_id END
    ) AND NOT reservations_unguarded(TG_TABLE_NAME, TG_NAME) THEN
        RAISE EXCEPTION 'The lines of a forecast are kept once it is sent';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;

CREATE TRIGGER kept_once_sent
    BEFORE INSERT OR UPDATE OR DELETE ON flux_forecastline FOR EACH ROW
    EXECUTE FUNCTION flux_keep_forecast_lines();
