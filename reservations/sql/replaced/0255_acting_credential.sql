-- The second wall reads credentials, not words: for whom the site reads, and which act looks at everything, are signed
-- by the key of the installation, which its processes have from their environment. Here are only the blocks of an HMAC
-- made from it (RFC 2104), that the owner of the tables alone reads: the account of the site signs nothing by itself.

-- What a credential says, once it is verified: signed by the installation, for this use, for this connection, not over.
-- Nothing of any other. Each statement asks again: an answer kept in a setting would be a word that anybody may say.
CREATE FUNCTION reservations_credential(use text) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    given CONSTANT text := current_setting('equiflux.' || use, true);
    content jsonb;
BEGIN
    IF coalesce(given, '') = '' OR NOT EXISTS (
        SELECT FROM reservations_actingkey k
        WHERE encode(sha256(k.outer_block || sha256(k.inner_block || convert_to(substr(given, 65), 'UTF8'))), 'hex')
            = left(given, 64)
    ) THEN
        RETURN NULL;
    END IF;
    content := substr(given, 65)::jsonb;
    IF content ->> 'use' = use
        AND (content ->> 'connection')::integer = pg_backend_pid()
        AND to_timestamp((content ->> 'until')::double precision) > pg_catalog.clock_timestamp() THEN
        RETURN content;
    END IF;
    RETURN NULL;
END
$$;

-- For whom the site reads, part by part.
CREATE FUNCTION reservations_acting(part text) RETURNS bigint LANGUAGE sql STABLE PARALLEL RESTRICTED
AS $$ SELECT (reservations_credential('acting') ->> part)::bigint $$;

-- An act looks at what other organisations hold, and shows it to nobody.
CREATE FUNCTION reservations_act_under_way() RETURNS boolean LANGUAGE sql STABLE PARALLEL RESTRICTED
AS $$ SELECT reservations_credential('act') IS NOT NULL $$;

ALTER POLICY wall ON reservations_fileimport USING (
    (SELECT reservations_act_under_way()) OR organisation_id = (SELECT reservations_acting('organisation'))
);
ALTER POLICY wall ON reservations_filepart USING (
    (SELECT reservations_act_under_way()) OR file_import_id IN (SELECT id FROM reservations_fileimport)
);
ALTER POLICY wall ON reservations_importedline USING (
    (SELECT reservations_act_under_way()) OR file_import_id IN (SELECT id FROM reservations_fileimport)
);
ALTER POLICY wall ON reservations_archive USING (
    (SELECT reservations_act_under_way()) OR organisation_id = (SELECT reservations_acting('organisation'))
);
ALTER POLICY wall ON reservations_archivepart USING (
    (SELECT reservations_act_under_way())
    OR EXISTS (SELECT FROM reservations_archive a WHERE a.id = reservations_archivepart.archive_id)
);
ALTER POLICY wall ON reservations_signeddocument USING (
    (SELECT reservations_act_under_way())
    OR (SELECT reservations_acting('administrator')) = 1
    OR EXISTS (
        SELECT FROM reservations_signatory s
        WHERE s.convention_id = reservations_signeddocument.convention_id
        AND s.organisation_id = (SELECT reservations_acting('organisation'))
    )
    OR EXISTS (
        SELECT FROM reservations_convention c
        WHERE c.id = reservations_signeddocument.convention_id
        AND (
            c.organisation_id = (SELECT reservations_acting('organisation'))
            OR c.landlord_id = (SELECT reservations_acting('landlord'))
            OR EXISTS (
                SELECT FROM reservations_territory t
                WHERE t.kind IN ('COMMUNE', 'DISTRICT')
                AND c.perimeter_id IN (t.id, t.region_id, t.departement_id, t.epci_id, t.ept_id, t.parent_commune_id)
                AND (SELECT reservations_acting('territory'))
                    IN (t.id, t.region_id, t.departement_id, t.epci_id, t.ept_id, t.parent_commune_id)
            )
        )
    )
);
ALTER POLICY wall ON reservations_keptelsewhere USING (
    (SELECT reservations_act_under_way())
    OR (kind = 'BALANCE' AND (SELECT reservations_acting('organisation')) IS NOT NULL)
    OR keeper_id = (SELECT reservations_acting('organisation'))
);
