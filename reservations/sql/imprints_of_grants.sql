-- Everything that decides, signs, grants or prices leaves its imprint: a table that has none says why in
-- tests/house/test_imprints.py. Rates of signed conventions had a trigger, and were in no list of what is controlled.

SELECT reservations_imprint_rows(kept) FROM unnest(ARRAY[
    'reservations_apitoken', 'reservations_capreading', 'reservations_identity', 'reservations_landlord',
    'reservations_legalparameter', 'reservations_membership', 'reservations_organisation',
    'reservations_reservationholder', 'reservations_secondfactor', 'reservations_unconfirmed', 'reservations_user',
    'reservations_rate'
]) AS kept;
