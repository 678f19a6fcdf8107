-- What software is told of candidates, leases and balances, as flux/sql/events.sql: ids, and no name.

CREATE FUNCTION attributions_tell_of_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO flux_webhookevent (kind, vacancy_id, data, at)
    SELECT 'case.decided', vacancy_id,
        jsonb_build_object('decision', NEW.id, 'candidate', NEW.proposal_id, 'kind', NEW.kind, 'rank', NEW.rank),
        clock_timestamp()
    FROM attributions_proposal
    WHERE id = NEW.proposal_id AND EXISTS (SELECT FROM flux_webhookendpoint);
    RETURN NULL;
END $$;

CREATE FUNCTION attributions_tell_of_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO flux_webhookevent (kind, ledger_id, data, at)
    SELECT 'balance.sent', ledger.id, jsonb_build_object('version', NEW.number, 'year', balance.exercise),
        clock_timestamp()
    FROM attributions_annualbalance balance
    JOIN flux_ledger ledger ON ledger.landlord_id = balance.landlord_id
        AND ledger.departement_id = balance.departement_id AND ledger.exercise = balance.exercise
        AND ledger.kind = 'ORDINARY'
    WHERE balance.id = NEW.balance_id AND EXISTS (SELECT FROM flux_webhookendpoint);
    RETURN NULL;
END $$;

CREATE TRIGGER software_told
    AFTER INSERT ON attributions_casedecision FOR EACH ROW
    EXECUTE FUNCTION attributions_tell_of_decision();

CREATE TRIGGER software_told
    AFTER INSERT ON attributions_balanceversion FOR EACH ROW
    EXECUTE FUNCTION attributions_tell_of_balance();
