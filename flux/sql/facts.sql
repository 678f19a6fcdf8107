-- What is written once, and that another row follows instead of changing it.

-- The account: every figure that is shown is a sum of these rows.

-- An entry is never corrected: another of the opposite sign is written beside it. No act writes over one; the database
-- alone (descriptions.sql) moves the description of those that an error had counted elsewhere.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_flowentry FOR EACH ROW
    WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION reservations_refuse();

-- What a year left to the next is written once, with the sums it came from.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_carriedover FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- What each holder asks for.

-- A declaration moves everybody’s targets: the next one replaces it, and both stay.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_needsdeclaration FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- Decisions that a person asked for before their time.

-- Who asked, why, and how many departures were passed, stays: holders read it, and clerks are counted by it.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_askeddecision FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- What was owed before an account was kept here.

-- A figure that a party was asked to accept stays as it was: another one replaces it, beside it.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_openingbalance FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- Who accepted, who contested and why, what was answered.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_openingact FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- When a landlord begins to route here.

-- Who chose the day, and what was chosen before: holders may ask why nothing was routed.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_golive FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- What was tried stays as it was told.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_rehearsal FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- What the RPLS says of old reservations, and what their landlord answers.

-- Who left a code of item 63 aside, and why: holders may ask what became of rights that a file had told.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_toldaside FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- Which entries of accounts settle what precedes a signature is written with them (docs/decisions/0118).
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_settleddue FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- As every kept table (docs/decisions/0057).
CREATE TRIGGER imprinted
    AFTER INSERT OR UPDATE OR DELETE ON flux_settleddue FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
SELECT reservations_imprint_rows('flux_settleddue');

-- What the stock was when a convention was proposed is printed as it was then (docs/decisions/0120).
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON flux_conventionstock FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- As every kept table (docs/decisions/0057).
CREATE TRIGGER imprinted
    AFTER INSERT OR UPDATE OR DELETE ON flux_conventionstock FOR EACH ROW
    EXECUTE FUNCTION reservations_keep_imprint();
SELECT reservations_imprint_rows('flux_conventionstock');
