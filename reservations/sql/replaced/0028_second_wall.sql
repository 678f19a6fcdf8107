-- The second wall: what the account of the site may be shown, whatever its pages ask for. Nothing is said, nothing is
-- seen. `docs/second-wall.md` explains each policy.

-- For whom the site reads: what it said of the request under way (`reservations/models/wall.py`), as one JSON object.
CREATE FUNCTION reservations_hat(part text) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT (nullif(current_setting('equiflux.hat', true), '')::jsonb ->> part)::bigint $$;

-- An act, the worker and a command look at what other organisations hold.
CREATE FUNCTION reservations_wall_is_open() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(current_setting('equiflux.wall', true), '') = 'open' $$;

-- Files that came in, their bytes, their lines: of who gave them.
ALTER TABLE reservations_fileimport ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON reservations_fileimport USING (
    (SELECT reservations_wall_is_open()) OR organisation_id = (SELECT reservations_hat('organisation'))
);
ALTER TABLE reservations_filepart ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON reservations_filepart USING (
    (SELECT reservations_wall_is_open()) OR file_import_id IN (SELECT id FROM reservations_fileimport)
);
ALTER TABLE reservations_importedline ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON reservations_importedline USING (
    (SELECT reservations_wall_is_open()) OR file_import_id IN (SELECT id FROM reservations_fileimport)
);

-- All that an organisation has, taken away in one file: its own.
ALTER TABLE reservations_archive ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON reservations_archive USING (
    (SELECT reservations_wall_is_open()) OR organisation_id = (SELECT reservations_hat('organisation'))
);

-- Signed files: of the two parties, of who oversees a commune of the perimeter, of the operator's administrator.
ALTER TABLE reservations_signeddocument ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON reservations_signeddocument USING (
    (SELECT reservations_wall_is_open())
    OR (SELECT reservations_hat('administrator')) = 1
    OR EXISTS (
        SELECT FROM reservations_convention c
        WHERE c.id = reservations_signeddocument.convention_id
        AND (
            c.organisation_id = (SELECT reservations_hat('organisation'))
            OR c.landlord_id = (SELECT reservations_hat('landlord'))
            OR EXISTS (
                SELECT FROM reservations_territory t
                WHERE t.kind IN ('COMMUNE', 'DISTRICT')
                AND c.perimeter_id IN (t.id, t.region_id, t.departement_id, t.epci_id, t.ept_id, t.parent_commune_id)
                AND (SELECT reservations_hat('territory'))
                    IN (t.id, t.region_id, t.departement_id, t.epci_id, t.ept_id, t.parent_commune_id)
            )
        )
    )
);
