-- Whom a convention means its units for, and the procedure that it settles, are kept with its other terms, once it is
-- proposed.
CREATE TRIGGER procedure_kept
    BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (
        OLD.status <> 'DRAFT'
        AND ROW(OLD.publics, OLD.outside_publics, OLD.file_days, OLD.dalo_refusal_said, OLD.clauses)
        IS DISTINCT FROM ROW(NEW.publics, NEW.outside_publics, NEW.file_days, NEW.dalo_refusal_said, NEW.clauses)
    )
    EXECUTE FUNCTION reservations_refuse();
