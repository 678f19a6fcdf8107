-- The two layouts of a balance that every installation begins with: the same for a reader of any région, and the axes
-- of the article one after another. An operator may change them, or keep them back.
INSERT INTO attributions_balancelayout (code, name, source, columns, axes, words, is_offered, region_id) VALUES
    ('neutre', 'Neutre, par réservataire', 'Équiflux', '[
        ["landlord", "Bailleur"], ["landlord_siren", "SIREN du bailleur"], ["year", "Année"],
        ["departement", "Département"], ["table", "Tableau"], ["line", "Ligne"], ["holder", "Réservataire"],
        ["siren", "SIREN du réservataire"], ["contingent", "Contingent"], ["account", "Compte"],
        ["offered", "Proposés"], ["allocated", "Attribués"], ["leased", "Loués"], ["returned", "Rendus"],
        ["refused", "Candidatures non abouties"], ["planned", "Prévus"], ["done", "Constatés"],
        ["forecast_sent", "Prévisionnel transmis"], ["balance_sent", "Bilan transmis"]
    ]', '[]', '{}', true, NULL),
    ('decret', 'Axes du décret, l’un après l’autre', 'CCH, R441-5-1', '[
        ["landlord", "Bailleur"], ["year", "Année"], ["departement", "Département"], ["holder", "Réservataire"],
        ["contingent", "Contingent"], ["account", "Compte"], ["table", "Axe"], ["line", "Catégorie"],
        ["offered", "Logements proposés"], ["allocated", "Logements attribués"], ["planned", "Prévus"],
        ["done", "Constatés"], ["forecast_sent", "Prévisionnel transmis"], ["balance_sent", "Bilan transmis"]
    ]', '["TYPOLOGY", "FINANCING", "QPV", "COMMUNE", "PERIOD"]', '{}', true, NULL);
