-- Programmes given to another landlord: what accounts and rights rely on to be counted with one or the other.

SELECT reservations_imprint_rows('flux_stocktransfer');
SELECT reservations_imprint_rows('flux_transferredprogramme');
SELECT reservations_imprint_rows('flux_transferredunit');
