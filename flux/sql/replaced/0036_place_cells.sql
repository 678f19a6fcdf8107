-- The cells of a balance, added up by commune: what the boards of a territory show, without a reading of each
-- description of units. A fold of the fold: cells are written by `flux_fold_entries()` alone.

-- What cells add to those of their commune; with an argument, what they take back. Once for each statement that wrote
-- cells; rows are taken in the order of their key, so that two writers never cross.
CREATE FUNCTION flux_fold_cells() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    way integer := coalesce(TG_ARGV[0]::integer, 1);
BEGIN
    INSERT INTO flux_placecell AS p (
        ledger_id, holder_id, year, commune_id, offered, returned, lapsed, allocated, leased, described
    )
    SELECT
        c.ledger_id, c.holder_id, c.year, c.commune_id,
        sum(way * c.offered), sum(way * c.returned), sum(way * c.lapsed), sum(way * c.allocated), sum(way * c.leased),
        coalesce(
            sum(way * c.offered) FILTER (
                WHERE c.financing_code <> '' AND c.in_qpv IS NOT NULL AND c.construction_year IS NOT NULL
            ),
            0
        )
    FROM added c
    GROUP BY c.ledger_id, c.holder_id, c.year, c.commune_id
    ORDER BY c.ledger_id, c.holder_id, c.year, c.commune_id
    ON CONFLICT (ledger_id, holder_id, year, commune_id) DO UPDATE SET
        offered = p.offered + excluded.offered,
        returned = p.returned + excluded.returned,
        lapsed = p.lapsed + excluded.lapsed,
        allocated = p.allocated + excluded.allocated,
        leased = p.leased + excluded.leased,
        described = p.described + excluded.described;

    RETURN NULL;
END
$$;

CREATE TRIGGER placed
    AFTER INSERT ON flux_flowcell REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION flux_fold_cells();

CREATE TRIGGER placed_out
    AFTER UPDATE ON flux_flowcell REFERENCING OLD TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION flux_fold_cells('-1');

CREATE TRIGGER placed_in
    AFTER UPDATE ON flux_flowcell REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION flux_fold_cells('1');

CREATE TRIGGER placed_away
    AFTER DELETE ON flux_flowcell REFERENCING OLD TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION flux_fold_cells('-1');

-- What was there.
INSERT INTO flux_placecell (
    ledger_id, holder_id, year, commune_id, offered, returned, lapsed, allocated, leased, described
)
SELECT
    c.ledger_id, c.holder_id, c.year, c.commune_id,
    sum(c.offered), sum(c.returned), sum(c.lapsed), sum(c.allocated), sum(c.leased),
    coalesce(
        sum(c.offered) FILTER (
            WHERE c.financing_code <> '' AND c.in_qpv IS NOT NULL AND c.construction_year IS NOT NULL
        ),
        0
    )
FROM flux_flowcell c
GROUP BY c.ledger_id, c.holder_id, c.year, c.commune_id
ORDER BY c.ledger_id, c.holder_id, c.year, c.commune_id;
