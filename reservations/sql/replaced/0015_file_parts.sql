-- The bytes of files that came in, a megabyte at a time: what was kept in one piece is cut.
INSERT INTO reservations_filepart (file_import_id, number, content)
SELECT f.id, n, substring(f.content FROM n * 1048576 + 1 FOR 1048576)
FROM reservations_fileimport f
CROSS JOIN generate_series(0, (octet_length(f.content) - 1) / 1048576) n
WHERE octet_length(f.content) > 0;
