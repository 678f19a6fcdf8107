-- What the account that reads figures is given, made again by `database_roles` after each migration: views of the owner,
-- of organisations, units, decisions and accounts. No household, no person, no text that somebody typed, nowhere: neither
-- the address of a unit nor the day of a lease, by which its neighbours would know who lives there.

CREATE VIEW figures.organisations AS
SELECT id, siren, name, kind, territory_id, merged_into_id, closed_on FROM reservations_organisation;

CREATE VIEW figures.landlords AS SELECT id, organisation_id, acronym FROM reservations_landlord;

CREATE VIEW figures.territories AS
SELECT id, kind, code, name, population, departement_id, region_id, epci_id, ept_id, parent_commune_id
FROM reservations_territory;

CREATE VIEW figures.legal_parameters AS
SELECT code, value, starts_on, ends_on, source FROM reservations_legalparameter;

CREATE VIEW figures.conventions AS
SELECT id, landlord_id, organisation_id, perimeter_id, status, version, amends_id, signed_on, starts_on, ends_on
FROM reservations_convention;

CREATE VIEW figures.holders AS SELECT id, organisation_id, contingent FROM reservations_reservationholder;

CREATE VIEW figures.quotas AS
SELECT id, convention_id, holder_id, rank, share, planned_flow, yearly_units FROM reservations_quota;

CREATE VIEW figures.rates AS
SELECT id, quota_id, territory_id, categories, first_letting, since_year, share FROM reservations_rate;

CREATE VIEW figures.programmes AS SELECT id, landlord_id, commune_id, name, delivered_on FROM flux_programme;

CREATE VIEW figures.units AS
SELECT
    id, landlord_id, programme_id, commune_id, rooms, surface, financing_code, in_qpv, construction_year, rent, charges,
    energy_class, has_lift, is_accessible, left_on
FROM flux_unit;

CREATE VIEW figures.ledgers AS SELECT id, landlord_id, departement_id, exercise, kind, accounting FROM flux_ledger;

CREATE VIEW figures.vacancies AS
SELECT
    id, unit_id, landlord_id, commune_id, ledger_id, kind, exclusion, notice_on, available_on, registered_on,
    cancelled_at, cancellation, is_let
FROM flux_vacancy;

CREATE VIEW figures.routings AS
SELECT id, vacancy_id, holder_id, convention_id, motive, routed_at, answered_on, closed_at FROM flux_routing;

CREATE VIEW figures.returns AS SELECT routing_id, reason, counted, offered, returned_at FROM flux_return;

-- Quantities are millionths of a unit.
CREATE VIEW figures.entries AS
SELECT id, ledger_id, sequence, vacancy_id, holder_id, stage, side, quantity, "on", acted_on FROM flux_flowentry;

CREATE VIEW figures.leases AS
SELECT v.landlord_id, l.holder_id, date_trunc('month', l.signed_on)::date AS month, count(*) AS signed
FROM attributions_lease l JOIN flux_vacancy v ON v.id = l.vacancy_id
WHERE l.cancelled_at IS NULL
GROUP BY v.landlord_id, l.holder_id, date_trunc('month', l.signed_on);

CREATE VIEW figures.balances AS
SELECT b.landlord_id, b.departement_id, b.exercise, v.number, v.sent_at, v.sealed_at, v.seal
FROM attributions_balanceversion v JOIN attributions_annualbalance b ON b.id = v.balance_id;
