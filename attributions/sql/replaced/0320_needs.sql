-- What a household looks for goes at its term with its facts: where it wants to live, that it needs an accessible home.
CREATE OR REPLACE FUNCTION attributions_erase_facts(requests bigint[]) RETURNS void
LANGUAGE sql VOLATILE SET search_path = public, pg_temp AS $$
    UPDATE attributions_application SET
        adults = NULL, children = NULL, income = NULL, income_units = NULL, income_quartile = NULL,
        has_priority = NULL, priority_id = NULL, labelled_on = NULL, urban_renewal = false, state_agent = false,
        essential_worker = NULL, score = NULL, requested_on = NULL, wanted_communes = '{}', least_rooms = NULL,
        needs_accessible = NULL, labelled_until = NULL, documents = ''
    WHERE id = ANY (requests);
    UPDATE attributions_proposal SET
        adults = NULL, children = NULL, income = NULL, income_units = NULL, income_quartile = NULL,
        has_priority = NULL, priority_id = NULL, labelled_on = NULL, urban_renewal = false, state_agent = false,
        essential_worker = NULL, score = NULL, dalo_designated = false, effort_rate = NULL, living_rest = NULL
    WHERE application_id = ANY (requests);
$$;
