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

-- Its lines are those that were sent.
CREATE FUNCTION flux_keep_forecast_lines() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT reservations_unguarded(TG_TABLE_NAME, TG_NAME) AND EXISTS (
        SELECT 1 FROM flux_forecast
        WHERE sent_at IS NOT NULL AND id = CASE WHEN TG_OP = 'INSERT' THEN NEW.forecast_id ELSE OLD.forecast_id END
    ) THEN
        RAISE EXCEPTION 'The lines of a forecast are kept once it is sent';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;

CREATE TRIGGER kept_once_sent
    BEFORE INSERT OR UPDATE OR DELETE ON flux_forecastline FOR EACH ROW
    EXECUTE FUNCTION flux_keep_forecast_lines();
