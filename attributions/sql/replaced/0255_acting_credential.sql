-- The second wall, where households are named, reads credentials (`reservations/sql/0255_acting_credential.sql`).

-- Is one of these requests read through a candidature, by this organisation, landlord and person? It reads the tables
-- of the installation, whatever tables of the same name a session made: one that made them was shown every household.
CREATE FUNCTION attributions_reads_a_file(requests bigint[], organisation bigint, landlord bigint, person bigint)
RETURNS boolean LANGUAGE sql STABLE PARALLEL RESTRICTED SET search_path = public, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM attributions_proposal p
        JOIN flux_vacancy v ON v.id = p.vacancy_id
        LEFT JOIN flux_routing r ON r.id = p.routing_id
        LEFT JOIN reservations_reservationholder h ON h.id = r.holder_id
        WHERE p.application_id = ANY (requests)
        AND (
            p.proposer_id = organisation
            OR p.designation_id IS NOT NULL
            AND (v.landlord_id = landlord OR r.closed_at IS NULL AND organisation IN (h.organisation_id, r.acting_id))
        )
    ) OR EXISTS (
        SELECT FROM attributions_proposal p
        JOIN attributions_agendacase c ON c.proposal_id = p.id
        JOIN attributions_agendaitem i ON i.id = c.item_id
        JOIN attributions_committeesession s ON s.id = i.session_id
        JOIN attributions_committeemember m ON m.committee_id = s.committee_id
        WHERE p.application_id = ANY (requests)
        AND m.user_id = person
        AND (m.organisation_id IS NULL OR m.organisation_id = organisation)
        AND (coalesce(s.vote_closes_at, s.held_at) AT TIME ZONE 'Europe/Paris')::date
            BETWEEN m.starts_on AND coalesce(m.ends_on, 'infinity')
    ) OR EXISTS (
        SELECT FROM attributions_pastcandidacy c WHERE c.application_id = ANY (requests)
    )
$$;

ALTER POLICY wall ON attributions_application USING (
    (SELECT reservations_act_under_way())
    OR EXISTS (
        SELECT FROM attributions_application_organisations o
        WHERE o.application_id = attributions_application.id
        AND o.organisation_id = (SELECT reservations_acting('organisation'))
    )
    OR EXISTS (
        SELECT FROM attributions_proposal p JOIN flux_vacancy v ON v.id = p.vacancy_id
        WHERE p.application_id = attributions_application.id
        AND p.designation_id IS NOT NULL
        AND v.landlord_id = (SELECT reservations_acting('landlord'))
    )
    OR attributions_reads_a_file(
        id || attributions_merged_into(id),
        (SELECT reservations_acting('organisation')),
        (SELECT reservations_acting('landlord')),
        (SELECT reservations_acting('user'))
    )
);
ALTER POLICY wall ON attributions_pastcandidacy USING (
    (SELECT reservations_act_under_way())
    OR EXISTS (
        SELECT FROM flux_vacancy v
        WHERE v.id = attributions_pastcandidacy.vacancy_id
        AND v.landlord_id = (SELECT reservations_acting('landlord'))
    )
    OR EXISTS (
        SELECT FROM flux_routing r JOIN reservations_reservationholder h ON h.id = r.holder_id
        WHERE r.vacancy_id = attributions_pastcandidacy.vacancy_id AND r.closed_at IS NULL
        AND (SELECT reservations_acting('organisation')) IN (h.organisation_id, r.acting_id)
    )
);
ALTER POLICY wall ON attributions_applicationalias USING (
    (SELECT reservations_act_under_way())
    OR EXISTS (SELECT FROM attributions_application a WHERE a.id = attributions_applicationalias.application_id)
);
ALTER POLICY wall ON attributions_reconciliation USING (
    (SELECT reservations_act_under_way())
    OR landlord_id = (SELECT reservations_acting('landlord'))
    OR state_id = (SELECT reservations_acting('organisation'))
);
ALTER POLICY wall ON attributions_reconciliationline USING (
    (SELECT reservations_act_under_way()) OR reconciliation_id IN (SELECT id FROM attributions_reconciliation)
);
ALTER POLICY wall ON attributions_accessrecord USING (
    (SELECT reservations_act_under_way())
    OR organisation_id = (SELECT reservations_acting('organisation'))
    OR keeper_id = (SELECT reservations_acting('organisation'))
    OR (SELECT reservations_acting('administrator')) = 1
);

-- A setting says nothing any more.
DROP FUNCTION attributions_reads_a_file(bigint[]);
DROP FUNCTION reservations_hat(text);
DROP FUNCTION reservations_wall_is_open();
