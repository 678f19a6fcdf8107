-- The annual balance, from its sending to its seal (CCH, R441-5-1).

-- A version that was sent is its bytes: its content and its seal never change.
CREATE TRIGGER kept
    BEFORE UPDATE ON attributions_balanceversion FOR EACH ROW
    WHEN (
        ROW(
            OLD.balance_id, OLD.content, OLD.heads, OLD.id, OLD.note, OLD.number, OLD.seal, OLD.sent_at,
            OLD.sent_by_id
        ) IS DISTINCT FROM ROW(
            NEW.balance_id, NEW.content, NEW.heads, NEW.id, NEW.note, NEW.number, NEW.seal, NEW.sent_at,
            NEW.sent_by_id
        )
    )
    EXECUTE FUNCTION reservations_refuse();

-- A version that somebody received is not taken back.
CREATE TRIGGER never_deleted
    BEFORE DELETE ON attributions_balanceversion FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- The moment at which the last party signed is written once.
CREATE TRIGGER sealed_once
    BEFORE UPDATE ON attributions_balanceversion FOR EACH ROW
    WHEN (OLD.sealed_at IS NOT NULL)
    EXECUTE FUNCTION reservations_refuse();

-- To whom a version was sent, and whether a signature was asked, does not change.
CREATE TRIGGER kept
    BEFORE UPDATE ON attributions_balancedispatch FOR EACH ROW
    WHEN (
        ROW(
            OLD.id, OLD.organisation_id, OLD.signs, OLD.version_id
        ) IS DISTINCT FROM ROW(
            NEW.id, NEW.organisation_id, NEW.signs, NEW.version_id
        )
    )
    EXECUTE FUNCTION reservations_refuse();

-- A sending is not taken back.
CREATE TRIGGER never_deleted
    BEFORE DELETE ON attributions_balancedispatch FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- The first opening is the first.
CREATE TRIGGER opened_once
    BEFORE UPDATE ON attributions_balancedispatch FOR EACH ROW
    WHEN (OLD.opened_at IS NOT NULL)
    EXECUTE FUNCTION reservations_refuse();

-- What a reader contested, and the figure claimed, stay as they were written.
CREATE TRIGGER kept
    BEFORE UPDATE ON attributions_balanceremark FOR EACH ROW
    WHEN (
        ROW(
            OLD.category, OLD.claimed, OLD.holder_id, OLD.id, OLD.line, OLD.made_at, OLD.made_by_id,
            OLD.measure, OLD.organisation_id, OLD.reason, OLD.shown, OLD.version_id
        ) IS DISTINCT FROM ROW(
            NEW.category, NEW.claimed, NEW.holder_id, NEW.id, NEW.line, NEW.made_at, NEW.made_by_id,
            NEW.measure, NEW.organisation_id, NEW.reason, NEW.shown, NEW.version_id
        )
    )
    EXECUTE FUNCTION reservations_refuse();

-- A remark is answered, not taken away.
CREATE TRIGGER never_deleted
    BEFORE DELETE ON attributions_balanceremark FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- The landlord answers once. A correction that no version carries yet may still be maintained instead.
CREATE TRIGGER answered_once
    BEFORE UPDATE ON attributions_balanceremark FOR EACH ROW
    WHEN (
        OLD.answer <> '' AND ROW(
            NEW.answer, NEW.answer_text, NEW.answered_at, NEW.answered_by_id
        ) IS DISTINCT FROM ROW(
            OLD.answer, OLD.answer_text, OLD.answered_at, OLD.answered_by_id
        ) AND (OLD.answer <> 'CORRECTED' OR NEW.answer <> 'MAINTAINED' OR OLD.corrected_in_id IS NOT NULL)
    )
    EXECUTE FUNCTION reservations_refuse();

-- Who signed which version, and when.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON attributions_balancesignature FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- A correction of a count is a row beside it, with who and why.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON attributions_balancecorrection FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- Who took the file away.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON attributions_balancedownload FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- Who was reminded of a balance that had not come, and when.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON attributions_balancereminder FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- The printed file of a sealed version is kept for good once it is drawn; the others may be drawn again.
CREATE TRIGGER kept_as_drawn
    BEFORE UPDATE OR DELETE ON attributions_printedbalance FOR EACH ROW
    WHEN (OLD.content IS NOT NULL AND OLD.kept)
    EXECUTE FUNCTION reservations_refuse();
