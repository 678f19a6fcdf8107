-- The standing leases of each place are counted by what objectives ask of them: pages that count a year of leases read
-- as many rows as there are places and holders.

-- What a lease says of a unit, added to its count (`sign` 1) or taken back (-1): the unit as `v` says it, the lease as
-- `l`, routed now to `open_holder`, if to anybody. Nothing of what was cancelled.
CREATE FUNCTION attributions_count_lease(
    v flux_vacancy, l attributions_lease, open_holder bigint, open_acting bigint, sign integer
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF v.cancelled_at IS NOT NULL OR l.cancelled_at IS NOT NULL THEN
        RETURN;
    END IF;

    INSERT INTO attributions_leasecount AS c (
        landlord_id, year, commune_id, place_id, fell, holder_id, acting_id, open_holder_id, open_acting_id,
        leases, outside_qpv, in_qpv, first_quartile, first_unknown, others, others_unknown, priority,
        priority_unknown, essential, essential_unknown, mobility, in_flow, in_mix, mix_others, mix_unknown,
        mix_unplaced
    )
    SELECT
        v.landlord_id, date_part('year', l.signed_on), d.commune_id, v.commune_id, date_part('year', v.registered_on),
        l.holder_id, r.acting_id, open_holder, open_acting,
        sign,
        CASE WHEN NOT l.in_qpv THEN sign ELSE 0 END,
        CASE WHEN l.in_qpv THEN sign ELSE 0 END,
        CASE WHEN NOT l.in_qpv AND (l.income_quartile = 1 OR l.urban_renewal) THEN sign ELSE 0 END,
        CASE WHEN NOT l.in_qpv AND coalesce(l.income_quartile, 2) > 1 AND l.urban_renewal IS NOT TRUE
            AND (l.income_quartile IS NULL OR l.urban_renewal IS NULL) THEN sign ELSE 0 END,
        CASE WHEN l.in_qpv AND l.income_quartile > 1 THEN sign ELSE 0 END,
        CASE WHEN l.in_qpv AND l.income_quartile IS NULL THEN sign ELSE 0 END,
        CASE WHEN l.has_priority THEN sign ELSE 0 END,
        CASE WHEN l.has_priority IS NULL THEN sign ELSE 0 END,
        CASE WHEN l.essential_worker THEN sign ELSE 0 END,
        CASE WHEN l.essential_worker IS NULL THEN sign ELSE 0 END,
        CASE WHEN v.exclusion = 'INTERNAL_TRANSFER' THEN sign ELSE 0 END,
        CASE WHEN v.kind = 'IN_FLOW' THEN sign ELSE 0 END,
        CASE WHEN l.in_mix_residence THEN sign ELSE 0 END,
        CASE WHEN l.in_mix_residence AND l.income_quartile > 1 THEN sign ELSE 0 END,
        CASE WHEN l.in_mix_residence AND l.income_quartile IS NULL THEN sign ELSE 0 END,
        CASE WHEN l.in_mix_residence IS NULL THEN sign ELSE 0 END
    FROM flux_unitdescription d
    LEFT JOIN flux_routing r ON r.id = l.routing_id
    WHERE d.id = v.description_id
    ON CONFLICT (
        landlord_id, year, commune_id, place_id, fell, holder_id, acting_id, open_holder_id, open_acting_id
    ) DO UPDATE SET
        leases = c.leases + excluded.leases,
        outside_qpv = c.outside_qpv + excluded.outside_qpv,
        in_qpv = c.in_qpv + excluded.in_qpv,
        first_quartile = c.first_quartile + excluded.first_quartile,
        first_unknown = c.first_unknown + excluded.first_unknown,
        others = c.others + excluded.others,
        others_unknown = c.others_unknown + excluded.others_unknown,
        priority = c.priority + excluded.priority,
        priority_unknown = c.priority_unknown + excluded.priority_unknown,
        essential = c.essential + excluded.essential,
        essential_unknown = c.essential_unknown + excluded.essential_unknown,
        mobility = c.mobility + excluded.mobility,
        in_flow = c.in_flow + excluded.in_flow,
        in_mix = c.in_mix + excluded.in_mix,
        mix_others = c.mix_others + excluded.mix_others,
        mix_unknown = c.mix_unknown + excluded.mix_unknown,
        mix_unplaced = c.mix_unplaced + excluded.mix_unplaced;
END
$$;

-- A lease is signed or cancelled, or the district that it counts in is corrected.
CREATE FUNCTION attributions_count_signed() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    unit flux_vacancy;
    routed record;
BEGIN
    SELECT v.* INTO unit FROM flux_vacancy v WHERE v.id = coalesce(NEW.vacancy_id, OLD.vacancy_id);
    SELECT r.holder_id, r.acting_id INTO routed
    FROM flux_routing r WHERE r.vacancy_id = unit.id AND r.closed_at IS NULL;
    IF TG_OP <> 'INSERT' THEN
        PERFORM attributions_count_lease(unit, OLD, routed.holder_id, routed.acting_id, - 1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM attributions_count_lease(unit, NEW, routed.holder_id, routed.acting_id, + 1);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER counted AFTER INSERT OR DELETE ON attributions_lease FOR EACH ROW
    EXECUTE FUNCTION attributions_count_signed();
CREATE TRIGGER counted_again AFTER UPDATE ON attributions_lease FOR EACH ROW
    WHEN (ROW(OLD.cancelled_at, OLD.in_qpv) IS DISTINCT FROM ROW(NEW.cancelled_at, NEW.in_qpv))
    EXECUTE FUNCTION attributions_count_signed();

-- A unit that was let is cancelled, changes class, landlord, place, or the description that it fell vacant under.
CREATE FUNCTION attributions_count_moved() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM
        attributions_count_lease(OLD, l, r.holder_id, r.acting_id, - 1),
        attributions_count_lease(NEW, l, r.holder_id, r.acting_id, + 1)
    FROM attributions_lease l
    LEFT JOIN flux_routing r ON r.vacancy_id = l.vacancy_id AND r.closed_at IS NULL
    WHERE l.vacancy_id = NEW.id AND l.cancelled_at IS NULL;
    RETURN NULL;
END
$$;

CREATE TRIGGER leases_counted_again AFTER UPDATE ON flux_vacancy FOR EACH ROW
    WHEN (
        ROW(
            OLD.cancelled_at, OLD.commune_id, OLD.description_id, OLD.exclusion, OLD.kind, OLD.landlord_id,
            OLD.registered_on
        ) IS DISTINCT FROM ROW(
            NEW.cancelled_at, NEW.commune_id, NEW.description_id, NEW.exclusion, NEW.kind, NEW.landlord_id,
            NEW.registered_on
        )
    )
    EXECUTE FUNCTION attributions_count_moved();

-- A unit that was let is routed, or no longer: others may read of it.
CREATE FUNCTION attributions_count_routed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.closed_at IS NULL THEN
        PERFORM
            attributions_count_lease(v, l, OLD.holder_id, OLD.acting_id, - 1),
            attributions_count_lease(v, l, NULL, NULL, + 1)
        FROM attributions_lease l
        JOIN flux_vacancy v ON v.id = l.vacancy_id
        WHERE l.vacancy_id = NEW.vacancy_id AND l.cancelled_at IS NULL;
    END IF;
    IF NEW.closed_at IS NULL THEN
        PERFORM
            attributions_count_lease(v, l, NULL, NULL, - 1),
            attributions_count_lease(v, l, NEW.holder_id, NEW.acting_id, + 1)
        FROM attributions_lease l
        JOIN flux_vacancy v ON v.id = l.vacancy_id
        WHERE l.vacancy_id = NEW.vacancy_id AND l.cancelled_at IS NULL;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER leases_counted AFTER INSERT ON flux_routing FOR EACH ROW
    WHEN (NEW.closed_at IS NULL)
    EXECUTE FUNCTION attributions_count_routed();
CREATE TRIGGER leases_counted_again AFTER UPDATE ON flux_routing FOR EACH ROW
    WHEN (OLD.closed_at IS DISTINCT FROM NEW.closed_at)
    EXECUTE FUNCTION attributions_count_routed();

-- Those that were there.
INSERT INTO attributions_leasecount (
    landlord_id, year, commune_id, place_id, fell, holder_id, acting_id, open_holder_id, open_acting_id,
    leases, outside_qpv, in_qpv, first_quartile, first_unknown, others, others_unknown, priority, priority_unknown,
    essential, essential_unknown, mobility, in_flow, in_mix, mix_others, mix_unknown, mix_unplaced
)
SELECT
    v.landlord_id, date_part('year', l.signed_on), d.commune_id, v.commune_id, date_part('year', v.registered_on),
    l.holder_id, r.acting_id, o.holder_id, o.acting_id,
    count(*),
    count(*) FILTER (WHERE NOT l.in_qpv),
    count(*) FILTER (WHERE l.in_qpv),
    count(*) FILTER (WHERE NOT l.in_qpv AND (l.income_quartile = 1 OR l.urban_renewal)),
    count(*) FILTER (WHERE NOT l.in_qpv AND coalesce(l.income_quartile, 2) > 1 AND l.urban_renewal IS NOT TRUE
        AND (l.income_quartile IS NULL OR l.urban_renewal IS NULL)),
    count(*) FILTER (WHERE l.in_qpv AND l.income_quartile > 1),
    count(*) FILTER (WHERE l.in_qpv AND l.income_quartile IS NULL),
    count(*) FILTER (WHERE l.has_priority),
    count(*) FILTER (WHERE l.has_priority IS NULL),
    count(*) FILTER (WHERE l.essential_worker),
    count(*) FILTER (WHERE l.essential_worker IS NULL),
    count(*) FILTER (WHERE v.exclusion = 'INTERNAL_TRANSFER'),
    count(*) FILTER (WHERE v.kind = 'IN_FLOW'),
    count(*) FILTER (WHERE l.in_mix_residence),
    count(*) FILTER (WHERE l.in_mix_residence AND l.income_quartile > 1),
    count(*) FILTER (WHERE l.in_mix_residence AND l.income_quartile IS NULL),
    count(*) FILTER (WHERE l.in_mix_residence IS NULL)
FROM attributions_lease l
JOIN flux_vacancy v ON v.id = l.vacancy_id
JOIN flux_unitdescription d ON d.id = v.description_id
LEFT JOIN flux_routing r ON r.id = l.routing_id
LEFT JOIN flux_routing o ON o.vacancy_id = v.id AND o.closed_at IS NULL
WHERE l.cancelled_at IS NULL AND v.cancelled_at IS NULL
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
