-- An archive that was made is whole in its row, and kept two days: it is asked for again, and made by parts.
DELETE FROM reservations_archive WHERE made_at IS NOT NULL;

-- Its parts: of the organisation that takes it away.
ALTER TABLE reservations_archivepart ENABLE ROW LEVEL SECURITY;
CREATE POLICY wall ON reservations_archivepart USING (
    (SELECT reservations_wall_is_open())
    OR EXISTS (SELECT FROM reservations_archive a WHERE a.id = reservations_archivepart.archive_id)
);
