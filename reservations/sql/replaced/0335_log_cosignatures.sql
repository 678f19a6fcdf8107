-- What a witness signed is kept as it came (docs/decisions/0139-witnesses-send-what-they-signed.md).
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reservations_logcosignature FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
