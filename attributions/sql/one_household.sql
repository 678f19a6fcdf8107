-- What holds of a household, whatever the request by which it is known: it is a candidate of a unit once, it is housed
-- once, and a number leads to one request.

-- The living request of a request, which does not merge before this transaction ends. Asked of the owner of the tables:
-- whoever writes is not always shown the request (docs/second-wall.md).
CREATE FUNCTION attributions_household_of(request bigint) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(a.merged_into_id, a.id) FROM attributions_application a WHERE a.id = request FOR SHARE
$$;

CREATE FUNCTION attributions_follow_candidacy() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status IN ('ENDED', 'RELEASED') THEN
        DELETE FROM attributions_householdcandidacy c WHERE c.proposal_id = NEW.id;
    ELSIF TG_OP = 'INSERT' OR OLD.status IN ('ENDED', 'RELEASED') THEN
        INSERT INTO attributions_householdcandidacy (proposal_id, household_id, vacancy_id, routing_id, is_housed)
        VALUES (
            NEW.id, attributions_household_of(NEW.application_id), NEW.vacancy_id, NEW.routing_id, NEW.status = 'HOUSED'
        );
    ELSE
        UPDATE attributions_householdcandidacy c SET is_housed = (NEW.status = 'HOUSED')
        WHERE c.proposal_id = NEW.id AND c.is_housed <> (NEW.status = 'HOUSED');
    END IF;

    RETURN NULL;
END
$$;

CREATE TRIGGER household_followed AFTER INSERT ON attributions_proposal FOR EACH ROW
    EXECUTE FUNCTION attributions_follow_candidacy();

CREATE TRIGGER household_followed_again AFTER UPDATE OF status ON attributions_proposal FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION attributions_follow_candidacy();

-- Two requests that merge are one household: the candidacies of the one that goes are those of the one that stays.
CREATE FUNCTION attributions_merge_households() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE attributions_householdcandidacy c SET household_id = coalesce(NEW.merged_into_id, NEW.id)
    WHERE c.household_id = NEW.id
        OR c.proposal_id IN (SELECT p.id FROM attributions_proposal p WHERE p.application_id = NEW.id);

    RETURN NULL;
END
$$;

CREATE TRIGGER households_merged AFTER UPDATE OF merged_into_id ON attributions_application FOR EACH ROW
    WHEN (OLD.merged_into_id IS DISTINCT FROM NEW.merged_into_id)
    EXECUTE FUNCTION attributions_merge_households();

-- A number is that of a request or another number of one, not both, but for a request that merged: its number leads to
-- the one that stays. Who records another number waits for those who register requests, and they for it (one lock for
-- all numbers: a file registers thousands).
CREATE FUNCTION attributions_one_number() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'attributions_application' THEN
        PERFORM pg_advisory_xact_lock_shared(hashtext('attributions_one_number'));
        IF NOT EXISTS (SELECT 1 FROM attributions_applicationalias o WHERE o.number = NEW.number) THEN
            RETURN NEW;
        END IF;
    ELSIF EXISTS (
        SELECT 1 FROM attributions_application a
        WHERE a.number = NEW.number AND a.merged_into_id = NEW.application_id
    ) THEN
        RETURN NEW;
    ELSE
        PERFORM pg_advisory_xact_lock(hashtext('attributions_one_number'));
        IF NOT EXISTS (SELECT 1 FROM attributions_application a WHERE a.number = NEW.number) THEN
            RETURN NEW;
        END IF;
    END IF;

    RAISE EXCEPTION 'A number is that of a request and another number of one'
        USING ERRCODE = 'unique_violation', CONSTRAINT = 'application_one_number', TABLE = TG_TABLE_NAME;
END
$$;

CREATE TRIGGER one_number BEFORE INSERT ON attributions_application FOR EACH ROW
    EXECUTE FUNCTION attributions_one_number();

CREATE TRIGGER one_number BEFORE INSERT ON attributions_applicationalias FOR EACH ROW
    EXECUTE FUNCTION attributions_one_number();
