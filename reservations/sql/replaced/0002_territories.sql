-- What contains a territory, and how it is called, from a day on (docs/decisions/0038): a territory that is recorded
-- has them from the beginning, and what is written on it beside any act puts the last ones right.

-- Those that were there already.
INSERT INTO reservations_territorylink (territory_id, kind, container_id, since, source)
SELECT t.id, k.kind, k.container, '0001-01-01', 'reprise'
FROM reservations_territory t
CROSS JOIN LATERAL (
    VALUES
    ('REGION', t.region_id), ('DEPARTEMENT', t.departement_id), ('EPCI', t.epci_id), ('EPT', t.ept_id),
    ('PARENT_COMMUNE', t.parent_commune_id)
) k (kind, container)
WHERE k.container IS NOT NULL;

INSERT INTO reservations_territoryname (territory_id, name, since, source)
SELECT t.id, t.name, '0001-01-01', 'reprise' FROM reservations_territory t;

CREATE FUNCTION reservations_link_territories() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN  -- the act that dates a change wrote its links and names first: there is nothing left here
        UPDATE reservations_territorylink l SET container_id = k.container
        FROM written t
        CROSS JOIN LATERAL (
            VALUES
            ('REGION', t.region_id), ('DEPARTEMENT', t.departement_id), ('EPCI', t.epci_id), ('EPT', t.ept_id),
            ('PARENT_COMMUNE', t.parent_commune_id)
        ) k (kind, container)
        WHERE l.territory_id = t.id AND l.kind = k.kind AND l.until IS NULL AND l.container_id <> k.container;

        DELETE FROM reservations_territorylink l
        USING written t
        CROSS JOIN LATERAL (
            VALUES
            ('REGION', t.region_id), ('DEPARTEMENT', t.departement_id), ('EPCI', t.epci_id), ('EPT', t.ept_id),
            ('PARENT_COMMUNE', t.parent_commune_id)
        ) k (kind, container)
        WHERE l.territory_id = t.id AND l.kind = k.kind AND l.until IS NULL AND k.container IS NULL;

        UPDATE reservations_territoryname n SET name = t.name
        FROM written t
        WHERE
            n.territory_id = t.id AND n.name <> t.name
            AND n.since = (SELECT max(m.since) FROM reservations_territoryname m WHERE m.territory_id = t.id);
    END IF;

    INSERT INTO reservations_territorylink (territory_id, kind, container_id, since, source)
    SELECT
        t.id, k.kind, k.container,
        coalesce(
            (
                SELECT max(l.until) + 1 FROM reservations_territorylink l
                WHERE l.territory_id = t.id AND l.kind = k.kind
            ),
            '0001-01-01'
        ),
        ''
    FROM written t
    CROSS JOIN LATERAL (
        VALUES
        ('REGION', t.region_id), ('DEPARTEMENT', t.departement_id), ('EPCI', t.epci_id), ('EPT', t.ept_id),
        ('PARENT_COMMUNE', t.parent_commune_id)
    ) k (kind, container)
    WHERE
        k.container IS NOT NULL
        AND NOT EXISTS (
            SELECT 1 FROM reservations_territorylink l
            WHERE l.territory_id = t.id AND l.kind = k.kind AND l.until IS NULL
        );

    INSERT INTO reservations_territoryname (territory_id, name, since, source)
    SELECT t.id, t.name, '0001-01-01', '' FROM written t
    WHERE NOT EXISTS (SELECT 1 FROM reservations_territoryname n WHERE n.territory_id = t.id);

    RETURN NULL;
END
$$;

CREATE TRIGGER linked
    AFTER INSERT ON reservations_territory REFERENCING NEW TABLE AS written FOR EACH STATEMENT
    EXECUTE FUNCTION reservations_link_territories();

CREATE TRIGGER linked_again
    AFTER UPDATE ON reservations_territory REFERENCING NEW TABLE AS written FOR EACH STATEMENT
    EXECUTE FUNCTION reservations_link_territories();
