-- A landlord that another absorbs: whose conventions and accounts passed, and from which day.

SELECT reservations_imprint_rows('flux_absorption');
SELECT reservations_imprint_rows('flux_absorbedbalance');
