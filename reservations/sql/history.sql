-- Who did what, when and why.

-- A history that can be rewritten is not one. Typed texts about a household are erased at term, by that act alone.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON reservations_historyentry FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();

-- What the operator said of the service, and when: a legal notice that can be rewritten proves nothing.
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE ON reservations_servicenotice FOR EACH ROW
    EXECUTE FUNCTION reservations_refuse();
