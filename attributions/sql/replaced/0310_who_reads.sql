-- The wall is as narrow as the pages (docs/second-wall.md): a seat opens what it has to decide, until the minutes are
-- sealed and as long as they may be contested; nobody who neither registers nor instructs reads a request otherwise.

-- Does a seat of this person, under this organisation, open the cases of an item on this day? Not once it left the
-- item; nor to a mayor or the president of an EPCI out of their territory, nor to a holder but for its own unit. Pages
-- ask this too (`attributions/households/queries/seats.py`).
CREATE FUNCTION attributions_opened_to_seat(item bigint, person bigint, organisation bigint, today date)
RETURNS boolean LANGUAGE sql STABLE PARALLEL RESTRICTED SET search_path = public, pg_temp
AS $$
    WITH seat AS (
        SELECT m.id, m.capacity, m.territory_id, m.organisation_id
        FROM attributions_agendaitem i
        JOIN attributions_committeesession s ON s.id = i.session_id
        JOIN attributions_committeemember m ON m.committee_id = s.committee_id
        WHERE i.id = item
        AND m.user_id = person
        AND (m.organisation_id IS NULL OR m.organisation_id = organisation)
        AND (coalesce(s.vote_closes_at, s.held_at) AT TIME ZONE 'Europe/Paris')::date
            BETWEEN m.starts_on AND coalesce(m.ends_on, 'infinity')
        AND s.cancelled_at IS NULL
        AND (
            s.closed_at IS NULL
            OR today <= (
                SELECT (
                    (s.closed_at AT TIME ZONE 'Europe/Paris')::date
                    + make_interval(months => trunc(p.value)::integer)
                )::date
                FROM reservations_legalparameter p
                WHERE p.code = 'MINUTES_READ_MONTHS'
                AND (s.closed_at AT TIME ZONE 'Europe/Paris')::date
                    BETWEEN p.starts_on AND coalesce(p.ends_on, 'infinity')
            )
        )
    )
    SELECT NOT EXISTS (
        SELECT FROM attributions_recusal x JOIN seat ON seat.id = x.member_id WHERE x.item_id = item
    )
    AND EXISTS (
        SELECT FROM seat
        WHERE CASE
            WHEN seat.capacity IN ('MAYOR', 'EPCI') THEN EXISTS (
                SELECT FROM attributions_agendaitem i
                JOIN flux_vacancy v ON v.id = i.vacancy_id
                JOIN flux_unit u ON u.id = v.unit_id
                JOIN reservations_territory t ON t.id = u.commune_id
                WHERE i.id = item
                AND seat.territory_id
                    IN (t.id, t.parent_commune_id, t.departement_id, t.region_id, t.epci_id, t.ept_id)
            )
            WHEN seat.capacity = 'HOLDER' THEN EXISTS (
                SELECT FROM attributions_agendaitem i
                JOIN flux_routing r ON r.id = i.routing_id
                JOIN reservations_reservationholder h ON h.id = r.holder_id
                WHERE i.id = item AND seat.organisation_id IN (h.organisation_id, r.acting_id)
            )
            ELSE true
        END
    )
$$;

-- Is one of these requests read through a candidature, by who registers or instructs, or by a seat?
CREATE FUNCTION attributions_reads_a_file(
    requests bigint[], registering bigint, landlord bigint, organisation bigint, person bigint, today date
)
RETURNS boolean LANGUAGE sql STABLE PARALLEL RESTRICTED SET search_path = public, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM attributions_proposal p
        JOIN flux_vacancy v ON v.id = p.vacancy_id
        LEFT JOIN flux_routing r ON r.id = p.routing_id
        LEFT JOIN reservations_reservationholder h ON h.id = r.holder_id
        WHERE p.application_id = ANY (requests)
        AND (
            p.proposer_id = registering
            OR p.designation_id IS NOT NULL
            AND (v.landlord_id = landlord OR r.closed_at IS NULL AND registering IN (h.organisation_id, r.acting_id))
        )
    ) OR EXISTS (
        SELECT FROM attributions_proposal p
        JOIN attributions_agendacase c ON c.proposal_id = p.id
        WHERE p.application_id = ANY (requests)
        AND attributions_opened_to_seat(c.item_id, person, organisation, today)
    ) OR EXISTS (
        SELECT FROM attributions_pastcandidacy c WHERE c.application_id = ANY (requests)
    )
$$;

ALTER POLICY wall ON attributions_application USING (
    (SELECT reservations_act_under_way())
    OR EXISTS (
        SELECT FROM attributions_requestreader o
        WHERE o.application_id = attributions_application.id
        AND o.organisation_id = (SELECT reservations_acting('registering'))
    )
    OR EXISTS (
        SELECT FROM attributions_proposal p JOIN flux_vacancy v ON v.id = p.vacancy_id
        WHERE p.application_id = attributions_application.id
        AND p.designation_id IS NOT NULL
        AND v.landlord_id = (SELECT reservations_acting('landlord'))
    )
    OR attributions_reads_a_file(
        id || attributions_merged_into(id),
        (SELECT reservations_acting('registering')),
        (SELECT reservations_acting('landlord')),
        (SELECT reservations_acting('organisation')),
        (SELECT reservations_acting('user')),
        (SELECT date '1970-01-01' + reservations_acting('day')::integer)
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
        AND (SELECT reservations_acting('registering')) IN (h.organisation_id, r.acting_id)
    )
);
ALTER POLICY wall ON attributions_reconciliation USING (
    (SELECT reservations_act_under_way())
    OR landlord_id = (SELECT reservations_acting('landlord'))
    OR state_id = (SELECT reservations_acting('state'))
);
ALTER POLICY wall ON attributions_accessrecord USING (
    (SELECT reservations_act_under_way())
    OR organisation_id = (SELECT reservations_acting('organisation'))
    OR keeper_id = (SELECT reservations_acting('managing'))
    OR (SELECT reservations_acting('administrator')) = 1
);

DROP FUNCTION attributions_reads_a_file(bigint[], bigint, bigint, bigint);
