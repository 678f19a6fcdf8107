-- A notice that comes in already cancelled fell vacant for nobody: software is not told that it is declared.
DROP TRIGGER software_told ON flux_vacancy;

CREATE TRIGGER software_told
    AFTER INSERT ON flux_vacancy FOR EACH ROW
    WHEN (NEW.cancelled_at IS NULL)
    EXECUTE FUNCTION flux_tell_software('vacancy.declared', 'id', 'kind=kind');
