-- What prices, places and grants a unit leaves its imprint, and units themselves: files add them by the hundred
-- thousand, one statement, its rows together.

SELECT reservations_imprint_rows(kept) FROM unnest(ARRAY[
    'flux_allotment', 'flux_allottedunit', 'flux_decisionwindow', 'flux_expectedholder', 'flux_incomeceiling',
    'flux_periodcut', 'flux_programme', 'flux_routingpolicy', 'flux_stockassignment', 'flux_webhookendpoint',
    'flux_unit'
]) AS kept;
