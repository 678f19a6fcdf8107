-- What is written once, and that another row follows instead of changing it.

SELECT reservations_imprint_rows('flux_settleddue');
SELECT reservations_imprint_rows('flux_conventionstock');
