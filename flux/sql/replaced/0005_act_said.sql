-- A correction by hand says itself which act it bears on: the latest that stands may be of another year.

CREATE OR REPLACE FUNCTION flux_date_act() RETURNS trigger
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
