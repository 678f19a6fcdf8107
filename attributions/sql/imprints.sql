-- What was decided of households, the balances and their signatures, and who read what, have their imprints.

SELECT reservations_imprint_rows(kept) FROM unnest(ARRAY[
    'attributions_accessrecord', 'attributions_balancecorrection', 'attributions_balancedispatch',
    'attributions_balancedownload', 'attributions_balanceremark', 'attributions_balancereminder',
    'attributions_balancesignature', 'attributions_balanceversion', 'attributions_ballot',
    'attributions_ballotline', 'attributions_ballotvote', 'attributions_casedecision',
    'attributions_committeesession', 'attributions_conditionmet', 'attributions_designation', 'attributions_lease',
    'attributions_notice', 'attributions_offer', 'attributions_printedbalance', 'attributions_proposal',
    'attributions_proposalend', 'attributions_reconciliation', 'attributions_reconciliationline',
    'attributions_statedpurpose'
]) AS kept;

SELECT reservations_imprint_rows('attributions_application');
