-- The forecast of units subtracted from the flow, as it was sent (CCH, R441-5).

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
