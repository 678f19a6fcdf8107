-- A convention that left the draft is frozen as a whole, whatever columns it has: its parties, its perimeter, its first
-- day, its terms (CCH, R441-5 and R441-5-3). What may still change is listed: its state and the dates of its steps, its
-- end, who takes over. A new term is frozen without a word here.
DROP TRIGGER terms_kept ON reservations_convention;
DROP TRIGGER order_kept ON reservations_convention;
DROP TRIGGER articles_kept ON reservations_convention;
DROP TRIGGER delays_kept ON reservations_convention;
DROP TRIGGER procedure_kept ON reservations_convention;
DROP TRIGGER renewal_kept ON reservations_convention;
DROP TRIGGER returned_cap_kept ON reservations_convention;
DROP TRIGGER earlier_dues_kept ON reservations_convention;
DROP TRIGGER uniform_communes_kept ON reservations_convention;

CREATE TRIGGER terms_kept
    BEFORE UPDATE ON reservations_convention FOR EACH ROW
    WHEN (
        OLD.status <> 'DRAFT'
        AND to_jsonb(OLD)
        - '{status,proposed_on,signed_on,ends_on,formal_notice_on,successor_id}'::text[]
        IS DISTINCT FROM to_jsonb(NEW)
        - '{status,proposed_on,signed_on,ends_on,formal_notice_on,successor_id}'::text[]
    )
    EXECUTE FUNCTION reservations_refuse();
