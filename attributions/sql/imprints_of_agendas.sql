-- Agendas, who sat, who left the room, committees, their rules, comments, layouts and objectives leave their imprints.

SELECT reservations_imprint_rows(kept) FROM unnest(ARRAY[
    'attributions_agendacase', 'attributions_agendaitem', 'attributions_annualbalance', 'attributions_attendance',
    'attributions_balancecomment', 'attributions_balancelayout', 'attributions_balancetolerance',
    'attributions_committee', 'attributions_committeemember', 'attributions_committeerules',
    'attributions_objective', 'attributions_prioritycategory', 'attributions_recusal'
]) AS kept;
