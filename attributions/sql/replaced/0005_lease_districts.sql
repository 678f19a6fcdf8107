-- A lease keeps whether its unit is in a priority district as its objectives count it (CCH, L441-1). What corrects the
-- description that it was counted under takes it along; a change does not (docs/decisions/0037).

-- The facts of a lease are those of the day of signature; only a cancellation is written later, and the district, by
-- what corrects it.
DROP TRIGGER kept ON attributions_lease;

CREATE TRIGGER kept
    BEFORE UPDATE ON attributions_lease FOR EACH ROW
    WHEN (
        ROW(
            OLD.has_priority, OLD.holder_id, OLD.id, OLD.income_quartile, OLD.persons, OLD.priority_id,
            OLD.proposal_id, OLD.recorded_at, OLD.recorded_by_id, OLD.routing_id, OLD.signed_on, OLD.state_agent,
            OLD.urban_renewal, OLD.vacancy_id
        ) IS DISTINCT FROM ROW(
            NEW.has_priority, NEW.holder_id, NEW.id, NEW.income_quartile, NEW.persons, NEW.priority_id,
            NEW.proposal_id, NEW.recorded_at, NEW.recorded_by_id, NEW.routing_id, NEW.signed_on, NEW.state_agent,
            NEW.urban_renewal, NEW.vacancy_id
        )
        OR (OLD.in_qpv IS DISTINCT FROM NEW.in_qpv AND pg_trigger_depth() = 0)
    )
    EXECUTE FUNCTION reservations_refuse();

-- Leases that the corrected description counted: those whose entry follows it (`flux_follow_description`, before this
-- one by its name), or, outside every account, those whose day it now describes.
CREATE FUNCTION attributions_follow_district() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    wrong boolean;
BEGIN
    SELECT d.in_qpv INTO wrong FROM flux_unitdescription d WHERE d.id = NEW.corrects_id;

    UPDATE attributions_lease s SET in_qpv = NEW.in_qpv
    FROM flux_vacancy v
    WHERE
        v.id = s.vacancy_id AND v.unit_id = NEW.unit_id AND s.signed_on >= NEW.since
        AND s.in_qpv IS NOT DISTINCT FROM wrong
        AND CASE
            WHEN EXISTS (SELECT 1 FROM flux_flowentry e WHERE e.vacancy_id = v.id AND e.stage = 'LEASED')
            THEN EXISTS (
                SELECT 1 FROM flux_flowentry f
                WHERE
                    f.vacancy_id = v.id AND f.stage = 'LEASED' AND f.description_id = NEW.id
                    AND f.acted_on = s.signed_on
            )
            ELSE flux_described_on(NEW.unit_id, s.signed_on) = NEW.id
        END;

    RETURN NULL;
END
$$;

CREATE TRIGGER followed_by_leases
    AFTER INSERT ON flux_unitdescription FOR EACH ROW
    WHEN (NEW.corrects_id IS NOT NULL)
    EXECUTE FUNCTION attributions_follow_district();
