-- The facts of an account are one chain, that of its ledger; what surrounds them has its imprints too.

SELECT reservations_imprint_rows(kept) FROM unnest(ARRAY[
    'flux_flowentry', 'flux_recommendation', 'flux_carriedover', 'flux_askeddecision', 'flux_auditalert',
    'flux_conversion', 'flux_forecast', 'flux_forecastdispatch', 'flux_forecastline', 'flux_golive',
    'flux_needsdeclaration', 'flux_openingact', 'flux_openingbalance', 'flux_rehearsal', 'flux_return',
    'flux_routing', 'flux_toldaside', 'flux_unitdescription', 'flux_vacancy'
]) AS kept;
