-- Units outside what shares bear on: an account that did not count one relies on the reason it was given.

SELECT reservations_imprint_rows('flux_outsideflow');
