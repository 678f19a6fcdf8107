-- What the operator said of the service, and when: a legal notice that can be rewritten proves nothing.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON reservations_servicenotice FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
