-- The units of a dwelling are found once for a vacancy that comes, and not once for each that is stored: as a list,
-- they are looked for by the index of the vacancies of a unit.
CREATE OR REPLACE FUNCTION flux_open_once() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1
        FROM flux_vacancy v
        WHERE
            v.unit_id = ANY(ARRAY(SELECT flux_dwelling(NEW.unit_id))) AND v.unit_id <> NEW.unit_id
            AND v.cancelled_at IS NULL AND v.closed_on IS NULL AND NOT v.is_let
            AND v.kind IN ('IN_FLOW', 'STOCK', 'FIRST_LETTING', 'TECHNICAL')
    ) AND NOT reservations_unguarded(TG_TABLE_NAME, TG_NAME) THEN
        RAISE EXCEPTION 'Unit % is vacant already, at another landlord', NEW.unit_id
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'vacancy_open_once';
    END IF;
    RETURN NEW;
END
$$;
