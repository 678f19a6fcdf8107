-- What a first recommendation adds to the counts of what fell vacant: one unit decided (docs/decisions/0025).

CREATE FUNCTION flux_fold_decided() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO flux_flowcount (landlord_id, commune_id, month, kind, exclusion, units, decided)
    SELECT u.landlord_id, u.commune_id, date_trunc('month', v.registered_on)::date, v.kind, v.exclusion, 0, count(*)
    FROM added r
    JOIN flux_vacancy v ON v.id = r.vacancy_id
    JOIN flux_unit u ON u.id = v.unit_id
    WHERE r.attempt = 1 AND v.cancelled_at IS NULL
    GROUP BY 1, 2, 3, 4, 5
    ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (landlord_id, commune_id, month, kind, exclusion) DO UPDATE SET
        units = flux_flowcount.units + excluded.units,
        decided = flux_flowcount.decided + excluded.decided;

    RETURN NULL;
END
$$;

CREATE TRIGGER fold_decided
    AFTER INSERT ON flux_recommendation REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION flux_fold_decided();
