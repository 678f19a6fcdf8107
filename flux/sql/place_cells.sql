-- The cells of a balance, added up by commune: what the boards of a territory show, without a reading of each
-- description of units. A fold of the fold: cells are written by `flux_fold_entries()` alone.

-- The cells of a commune say how many of the units offered are out of the priority districts, which the decree counts
-- for the State: read there, and not from each description of units. Those not said are neither.
CREATE FUNCTION flux_fold_cells() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    way integer := coalesce(TG_ARGV[0]::integer, 1);
BEGIN
    INSERT INTO flux_placecell AS p (
        ledger_id, holder_id, year, commune_id, offered, returned, lapsed, allocated, leased, described, outside_qpv
    )
    SELECT
        c.ledger_id, c.holder_id, c.year, c.commune_id,
        sum(way * c.offered), sum(way * c.returned), sum(way * c.lapsed), sum(way * c.allocated), sum(way * c.leased),
        coalesce(
            sum(way * c.offered) FILTER (
                WHERE c.financing_code <> '' AND c.in_qpv IS NOT NULL AND c.construction_year IS NOT NULL
            ),
            0
        ),
        coalesce(sum(way * c.offered) FILTER (WHERE NOT c.in_qpv), 0)
    FROM added c
    GROUP BY c.ledger_id, c.holder_id, c.year, c.commune_id
    ORDER BY c.ledger_id, c.holder_id, c.year, c.commune_id
    ON CONFLICT (ledger_id, holder_id, year, commune_id) DO UPDATE SET
        offered = p.offered + excluded.offered,
        returned = p.returned + excluded.returned,
        lapsed = p.lapsed + excluded.lapsed,
        allocated = p.allocated + excluded.allocated,
        leased = p.leased + excluded.leased,
        described = p.described + excluded.described,
        outside_qpv = p.outside_qpv + excluded.outside_qpv;

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
