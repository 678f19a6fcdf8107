-- Folds: what the cells of a balance, the months of an account and the counts of what fell vacant add up, each act
-- under the description that it keeps (docs/decisions/0025, 0036 and 0037).

-- A month of an account says all that its statement tells: shares, units that credited its holder for the first time
-- or once more, first lettings that it counts beside their own account.

-- Is it a due that its unit had given this holder already, or taken back already? (docs/decisions/0010)
CREATE FUNCTION flux_credits_again(entry bigint, book bigint, holding bigint, vacated bigint, amount bigint)
RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM flux_flowentry o
        WHERE o.vacancy_id = vacated AND o.ledger_id = book AND o.holder_id = holding AND o.stage = 'DUE'
        AND o.id < entry AND (o.quantity > 0) = (amount > 0)
    )
$$;

-- Does a yearly account count there a first letting, whose own account is another?
CREATE FUNCTION flux_is_copied(book bigint, let bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM flux_ledger b JOIN flux_vacancy v ON v.id = let JOIN flux_ledger f ON f.id = v.ledger_id
        WHERE b.id = book AND b.kind = 'ORDINARY' AND f.kind = 'FIRST_LETTING'
    )
$$;
