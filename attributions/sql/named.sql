-- Who was told what, and who read named files.

-- Of a notice, only its reading is written later.
CREATE TRIGGER kept
    BEFORE UPDATE ON attributions_notice FOR EACH ROW
    WHEN (
        ROW(
            OLD.at, OLD.id, OLD.kind, OLD.organisation_id, OLD.proposal_id, OLD.text, OLD.transfer_id, OLD.vacancy_id,
            OLD.window_id
        ) IS DISTINCT FROM ROW(
            NEW.at, NEW.id, NEW.kind, NEW.organisation_id, NEW.proposal_id, NEW.text, NEW.transfer_id, NEW.vacancy_id,
            NEW.window_id
        )
    )
    EXECUTE FUNCTION reservations_refuse();

-- Who looked at which named file is written once.
CREATE TRIGGER never_changed
    BEFORE UPDATE ON attributions_accessrecord FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- The journal is purged at the end of its legal term by the nightly job, and by nobody else.
CREATE TRIGGER never_deleted
    BEFORE DELETE ON attributions_accessrecord FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- Why an officer read figures that are not published, and when.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON attributions_statedpurpose FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
