-- The cells of a commune say how many of the units offered are out of the priority districts, which the decree counts
-- for the State: read there, and no longer from each description of units. Those not said are neither.
CREATE OR REPLACE FUNCTION flux_fold_cells() RETURNS trigger
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

-- What was there.
UPDATE flux_placecell p SET outside_qpv = r.outside_qpv
FROM (
    SELECT c.ledger_id, c.holder_id, c.year, c.commune_id, sum(c.offered) AS outside_qpv
    FROM flux_flowcell c
    WHERE NOT c.in_qpv
    GROUP BY c.ledger_id, c.holder_id, c.year, c.commune_id
) r
WHERE r.ledger_id = p.ledger_id AND r.holder_id = p.holder_id AND r.year = p.year AND r.commune_id = p.commune_id;
