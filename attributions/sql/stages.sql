-- The stage of a unit whose candidates are followed is kept beside it: lists of what goes on are read by an index.

-- As `with_stage` (attributions/households/queries/stage.py) says it; null when nobody follows its candidates: routed
-- to nobody, and not subtracted from the flow.
CREATE FUNCTION attributions_stage_of(followed bigint) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    unit record;
    open record;
    sent record;
    account record;
BEGIN
    SELECT v.kind, v.cancelled_at INTO unit FROM flux_vacancy v WHERE v.id = followed;
    SELECT r.id, r.answered_on, r.acting_id, h.contingent, c.management INTO open
    FROM flux_routing r
    JOIN reservations_reservationholder h ON h.id = r.holder_id
    LEFT JOIN reservations_convention c ON c.id = r.convention_id
    WHERE r.vacancy_id = followed AND r.closed_at IS NULL;
    IF unit.cancelled_at IS NOT NULL OR (open.id IS NULL AND unit.kind <> 'EXCLUDED') THEN
        RETURN NULL;
    END IF;
    SELECT
        count(*) > 0 AS some,
        coalesce(bool_or(p.status = 'HOUSED'), false) AS housed,
        coalesce(bool_or(p.status = 'ACCEPTED' AND EXISTS (
            SELECT 1 FROM attributions_casedecision d
            WHERE d.proposal_id = p.id AND d.superseded_at IS NULL AND d.kind = 'CONDITIONAL'
            AND NOT EXISTS (SELECT 1 FROM attributions_conditionmet m WHERE m.decision_id = d.id)
        )), false) AS lacking,
        (
            SELECT s.stage FROM (VALUES
                (1, 'ACCEPTED', 'TO_SIGN'), (2, 'OFFERED', 'OFFERED'), (3, 'ALLOCATED', 'TO_OFFER'),
                (4, 'ON_AGENDA', 'ON_AGENDA'), (5, 'SENT', 'TO_INSTRUCT'), (6, 'READY', 'TO_CONVENE')
            ) AS s (rank, status, stage)
            WHERE s.status = ANY (array_agg(p.status::text)) ORDER BY s.rank LIMIT 1
        ) AS furthest
    INTO sent
    FROM attributions_proposal p
    LEFT JOIN flux_routing r ON r.id = p.routing_id
    WHERE p.vacancy_id = followed AND p.designation_id IS NOT NULL AND (p.routing_id IS NULL OR r.closed_at IS NULL);
    SELECT
        coalesce(bool_or(e.stage = 'LEASED'), false) AS leased,
        coalesce(bool_or(e.stage = 'ALLOCATED'), false) AS allocated
    INTO account
    FROM (
        SELECT w.stage FROM flux_flowentry w WHERE w.vacancy_id = followed AND w.stage IN ('LEASED', 'ALLOCATED')
        GROUP BY w.stage, w.holder_id HAVING sum(w.quantity) > 0
    ) e;
    RETURN CASE
        WHEN sent.housed OR account.leased OR EXISTS (
            SELECT 1 FROM attributions_lease l WHERE l.vacancy_id = followed AND l.cancelled_at IS NULL
        ) THEN 'LET'
        WHEN sent.lacking THEN 'DOCUMENT'
        WHEN sent.furthest IS NOT NULL THEN sent.furthest
        WHEN account.allocated THEN 'OUTSIDE'
        WHEN sent.some AND (open.answered_on IS NOT NULL OR unit.kind = 'EXCLUDED') THEN 'NOBODY_LEFT'
        WHEN open.answered_on IS NOT NULL THEN 'RECEIVED'
        WHEN open.id IS NULL THEN 'TO_FIND'
        WHEN open.contingent = 7 AND open.acting_id IS NULL THEN 'TO_FIND'
        WHEN open.contingent <> 7 AND open.management = 'DELEGATED' THEN 'TO_FIND'
        ELSE 'TO_PROPOSE'
    END;
END
$$;

CREATE FUNCTION attributions_put_at_stage(followed bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    reached text := attributions_stage_of(followed);
BEGIN
    IF reached IS NULL THEN
        DELETE FROM attributions_unitstage s WHERE s.vacancy_id = followed;
        RETURN;
    END IF;
    INSERT INTO attributions_unitstage AS s (
        vacancy_id, landlord_id, commune_id, holder_id, organisation_id, acting_id, stage
    )
    SELECT v.id, v.landlord_id, u.commune_id, r.holder_id, h.organisation_id, r.acting_id, reached
    FROM flux_vacancy v
    JOIN flux_unit u ON u.id = v.unit_id
    LEFT JOIN flux_routing r ON r.vacancy_id = v.id AND r.closed_at IS NULL
    LEFT JOIN reservations_reservationholder h ON h.id = r.holder_id
    WHERE v.id = followed
    ON CONFLICT (vacancy_id) DO UPDATE SET
        landlord_id = excluded.landlord_id,
        commune_id = excluded.commune_id,
        holder_id = excluded.holder_id,
        organisation_id = excluded.organisation_id,
        acting_id = excluded.acting_id,
        stage = excluded.stage
    WHERE ROW(s.landlord_id, s.commune_id, s.holder_id, s.organisation_id, s.acting_id, s.stage)
    IS DISTINCT FROM ROW(
        excluded.landlord_id, excluded.commune_id, excluded.holder_id, excluded.organisation_id, excluded.acting_id,
        excluded.stage
    );
END
$$;
