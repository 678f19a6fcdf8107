-- Identities, and journals of who read them, are erased at their legal term by functions of the owner of the tables,
-- that the worker alone may call (docs/personal-data.md): they check themselves that the term is over.

-- The last day that the identity of a request closed on a day is kept: the months in force on that day, the first that
-- were ever recorded for a request closed before. Nothing where no figure is recorded.
CREATE FUNCTION attributions_kept_until(closed date) RETURNS date
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT (closed + make_interval(months => trunc(p.value)::integer))::date
    FROM reservations_legalparameter p
    WHERE p.code = 'RETENTION_MONTHS'
    ORDER BY
        p.starts_on <= closed DESC,
        p.starts_on <= closed AND coalesce(p.ends_on, 'infinity') >= closed DESC,
        CASE WHEN p.starts_on <= closed THEN p.starts_on END DESC,
        p.starts_on
    LIMIT 1
$$;

-- Erase number, name, birth date, nationality, other numbers, typed texts and facts of the household of these requests,
-- of which only those whose term is over on that day and whose candidacies are all over are looked at: how many.
-- `erased` is in the place of a text that the tables ask for.
CREATE FUNCTION attributions_pseudonymise(requests bigint[], today date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    erased CONSTANT text := 'Texte effacé au terme de la conservation.';
    rules CONSTANT text[] := ARRAY[
        'attributions_ballotline.append_only', 'attributions_casedecision.kept',
        'attributions_casedecision.superseded_once', 'attributions_designation.append_only',
        'attributions_lease.kept', 'attributions_proposalend.kept', 'attributions_proposalend.undone_once',
        'attributions_reconciliationline.append_only', 'reservations_historyentry.append_only'
    ];
    due bigint[];
    candidacies bigint[];
    units bigint[];
    numbers text[];
BEGIN
    PERFORM reservations_refuse_days_to_come(today);
    SELECT coalesce(array_agg(a.id), '{}') INTO due
    FROM attributions_application a
    WHERE a.id = ANY (requests) AND a.pseudonymised_on IS NULL AND attributions_kept_until(a.closed_on) < today
    AND NOT EXISTS (
        SELECT FROM attributions_proposal p
        JOIN flux_vacancy v ON v.id = p.vacancy_id
        LEFT JOIN flux_routing r ON r.id = p.routing_id
        WHERE p.application_id = a.id AND p.status NOT IN ('HOUSED', 'ENDED', 'RELEASED')
        AND v.cancelled_at IS NULL AND r.closed_at IS NULL
    );
    SELECT coalesce(array_agg(p.id), '{}'), coalesce(array_agg(DISTINCT p.vacancy_id), '{}') INTO candidacies, units
    FROM attributions_proposal p WHERE p.application_id = ANY (due);
    SELECT coalesce(array_agg(n.number), '{}') INTO numbers FROM (
        SELECT a.number FROM attributions_application a WHERE a.id = ANY (due)
        UNION SELECT o.number FROM attributions_applicationalias o WHERE o.application_id = ANY (due)
    ) n;

    PERFORM reservations_set_aside(rules);

    -- What a person typed about these candidates and may name them, and what links sealed minutes to them.
    UPDATE attributions_agendacase SET salt = '' WHERE proposal_id = ANY (candidacies) AND salt <> '';
    UPDATE attributions_proposalend SET text = ''
    WHERE (proposal_id = ANY (candidacies) OR undone_of_id = ANY (candidacies)) AND text <> '';
    UPDATE attributions_ballotline SET text = ''
    WHERE case_id IN (SELECT c.id FROM attributions_agendacase c WHERE c.proposal_id = ANY (candidacies))
    AND text <> '';
    UPDATE attributions_casedecision SET text = '' WHERE proposal_id = ANY (candidacies) AND text <> '';
    UPDATE attributions_casedecision SET why = erased WHERE proposal_id = ANY (candidacies) AND why <> '';
    UPDATE attributions_agendaitem SET postponed_why = erased
    WHERE id IN (SELECT c.item_id FROM attributions_agendacase c WHERE c.proposal_id = ANY (candidacies))
    AND postponed_why <> '';
    UPDATE attributions_lease SET cancelled_why = erased
    WHERE proposal_id = ANY (candidacies) AND cancelled_why <> '';

    -- What is said of several candidates is kept as long as one of them is named.
    UPDATE attributions_designation d SET exemption_text = ''
    WHERE d.exemption_text <> ''
    AND (
        EXISTS (SELECT FROM attributions_proposal p WHERE p.designation_id = d.id AND p.id = ANY (candidacies))
        OR d.vacancy_id = ANY (units)
        AND NOT EXISTS (SELECT FROM attributions_proposal p WHERE p.designation_id = d.id)
        AND NOT EXISTS (
            SELECT FROM attributions_proposal p JOIN attributions_application a ON a.id = p.application_id
            WHERE p.routing_id = d.routing_id AND a.pseudonymised_on IS NULL AND NOT p.id = ANY (candidacies)
        )
    )
    AND NOT EXISTS (
        SELECT FROM attributions_proposal p JOIN attributions_application a ON a.id = p.application_id
        WHERE p.designation_id = d.id AND a.pseudonymised_on IS NULL AND NOT p.id = ANY (candidacies)
    );

    -- The acts stay, with their day and their author; what they said of the household goes.
    UPDATE reservations_historyentry SET why = '', details = '{}'
    WHERE (
        subject = 'attributions.application' AND subject_id = ANY (due)
        OR subject = 'attributions.proposal' AND subject_id = ANY (candidacies)
        OR subject = 'attributions.lease'
        AND subject_id IN (SELECT l.id FROM attributions_lease l WHERE l.proposal_id = ANY (candidacies))
    )
    AND (why <> '' OR details <> '{}');

    -- What a person typed about them is also in the story of their units: why a case was postponed, why an allocation
    -- or a lease was undone. Only the sentence goes: what is counted is in `details`.
    UPDATE reservations_historyentry SET why = ''
    WHERE (
        subject = 'attributions.agendaitem'
        AND subject_id IN (SELECT c.item_id FROM attributions_agendacase c WHERE c.proposal_id = ANY (candidacies))
        OR subject = 'flux.vacancy' AND subject_id = ANY (units) AND details ?| ARRAY['ALLOCATED', 'LEASED']
    )
    AND why <> '';

    UPDATE attributions_reconciliationline SET number = '' WHERE number = ANY (numbers) AND number <> '';
    PERFORM reservations_give_back(rules);

    DELETE FROM attributions_applicationalias WHERE application_id = ANY (due);
    UPDATE attributions_application
    SET number = '', name = '', birth_date = NULL, nationality = '', pseudonymised_on = today
    WHERE id = ANY (due);
    -- Who knows a dwelling and a day would find its household by them: what is counted is with the leases, dealt below.
    PERFORM attributions_erase_facts(due);
    RETURN cardinality(due);
END
$$;

-- Erase the numbers that files left on points to settle, and whose own day is over: how many.
CREATE FUNCTION attributions_forget_numbers(today date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    PERFORM reservations_refuse_days_to_come(today);
    PERFORM reservations_set_aside(ARRAY['attributions_reconciliationline.append_only']);
    UPDATE attributions_reconciliationline SET number = '' WHERE forget_on < today AND number <> '';
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM reservations_give_back(ARRAY['attributions_reconciliationline.append_only']);
    RETURN gone;
END
$$;

-- Delete the records of who read named files that are older than their term in force that day: how many. None where no
-- term is recorded.
CREATE FUNCTION attributions_purge_access_log(today date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    PERFORM reservations_refuse_days_to_come(today);
    PERFORM reservations_set_aside(ARRAY['attributions_accessrecord.never_deleted']);
    DELETE FROM attributions_accessrecord WHERE (at AT TIME ZONE 'Europe/Paris')::date < (
        SELECT (today - make_interval(months => trunc(p.value)::integer))::date FROM reservations_legalparameter p
        WHERE p.code = 'ACCESS_LOG_MONTHS' AND today BETWEEN p.starts_on AND coalesce(p.ends_on, 'infinity')
    );
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM reservations_give_back(ARRAY['attributions_accessrecord.never_deleted']);
    RETURN gone;
END
$$;
