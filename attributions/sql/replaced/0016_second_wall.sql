-- The second wall, where households are named (`docs/second-wall.md`): what the account of the site may be shown.

-- A table does not ask about itself in its own policy: which requests merged into this one is asked of its owner.
CREATE FUNCTION attributions_merged_into(root bigint) RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT array_agg(id) FROM attributions_application WHERE merged_into_id = root $$;

-- Is one of these requests read through a candidature? Said again for those that merged, which the policy below cannot
-- name; of none of them when there are none.
CREATE FUNCTION attributions_reads_a_file(requests bigint[]) RETURNS boolean LANGUAGE sql STABLE STRICT PARALLEL SAFE
AS $$
    SELECT EXISTS (
        SELECT FROM attributions_proposal p
        JOIN flux_vacancy v ON v.id = p.vacancy_id
        LEFT JOIN flux_routing r ON r.id = p.routing_id
        LEFT JOIN reservations_reservationholder h ON h.id = r.holder_id
        WHERE p.application_id = ANY (requests)
        AND (
            p.proposer_id = reservations_hat('organisation')
            OR p.designation_id IS NOT NULL
            AND (
                v.landlord_id = reservations_hat('landlord')
                OR r.closed_at IS NULL AND reservations_hat('organisation') IN (h.organisation_id, r.acting_id)
            )
        )
    ) OR EXISTS (
        SELECT FROM attributions_proposal p
        JOIN attributions_agendacase c ON c.proposal_id = p.id
        JOIN attributions_agendaitem i ON i.id = c.item_id
        JOIN attributions_committeesession s ON s.id = i.session_id
        JOIN attributions_committeemember m ON m.committee_id = s.committee_id
        WHERE p.application_id = ANY (requests)
        AND m.user_id = reservations_hat('user')
        AND (m.organisation_id IS NULL OR m.organisation_id = reservations_hat('organisation'))
        AND (coalesce(s.vote_closes_at, s.held_at) AT TIME ZONE 'Europe/Paris')::date
            BETWEEN m.starts_on AND coalesce(m.ends_on, 'infinity')
    ) OR EXISTS (
        SELECT FROM attributions_pastcandidacy c WHERE c.application_id = ANY (requests)
    )
$$;

-- Requests: of who registered them; of the landlord to which a candidature was sent, and of who proposes it; of the
-- holder to which its unit is routed, today or in the past; of who sits that day on the committee that has it on its
-- agenda. In this order: what is asked first answers for nearly every row that a page asks for.
ALTER TABLE attributions_application ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON attributions_application USING (
    (SELECT reservations_wall_is_open())
    OR EXISTS (
        SELECT FROM attributions_application_organisations o
        WHERE o.application_id = attributions_application.id
        AND o.organisation_id = (SELECT reservations_hat('organisation'))
    )
    OR EXISTS (
        SELECT FROM attributions_proposal p JOIN flux_vacancy v ON v.id = p.vacancy_id
        WHERE p.application_id = attributions_application.id
        AND p.designation_id IS NOT NULL
        AND v.landlord_id = (SELECT reservations_hat('landlord'))
    )
    OR attributions_reads_a_file(ARRAY[id])
    OR attributions_reads_a_file(attributions_merged_into(id))
);

-- Candidatures of the past: of the landlord, and of the holder to which the unit is routed.
ALTER TABLE attributions_pastcandidacy ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON attributions_pastcandidacy USING (
    (SELECT reservations_wall_is_open())
    OR EXISTS (
        SELECT FROM flux_vacancy v
        WHERE v.id = attributions_pastcandidacy.vacancy_id AND v.landlord_id = (SELECT reservations_hat('landlord'))
    )
    OR EXISTS (
        SELECT FROM flux_routing r JOIN reservations_reservationholder h ON h.id = r.holder_id
        WHERE r.vacancy_id = attributions_pastcandidacy.vacancy_id AND r.closed_at IS NULL
        AND (SELECT reservations_hat('organisation')) IN (h.organisation_id, r.acting_id)
    )
);

-- Numbers that merged: of who reads the request.
ALTER TABLE attributions_applicationalias ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON attributions_applicationalias USING (
    (SELECT reservations_wall_is_open())
    OR EXISTS (SELECT FROM attributions_application a WHERE a.id = attributions_applicationalias.application_id)
);

-- Files compared with the ledger, which hold numbers: of the landlord, and of the service of the State that gave them.
ALTER TABLE attributions_reconciliation ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON attributions_reconciliation USING (
    (SELECT reservations_wall_is_open())
    OR landlord_id = (SELECT reservations_hat('landlord'))
    OR state_id = (SELECT reservations_hat('organisation'))
);
ALTER TABLE attributions_reconciliationline ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON attributions_reconciliationline USING (
    (SELECT reservations_wall_is_open()) OR reconciliation_id IN (SELECT id FROM attributions_reconciliation)
);

-- Who read named files: of who reads, of the landlord that keeps them, of the operator's administrator.
ALTER TABLE attributions_accessrecord ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON attributions_accessrecord USING (
    (SELECT reservations_wall_is_open())
    OR organisation_id = (SELECT reservations_hat('organisation'))
    OR keeper_id = (SELECT reservations_hat('organisation'))
    OR (SELECT reservations_hat('administrator')) = 1
);
