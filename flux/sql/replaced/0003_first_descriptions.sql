-- Each unit that is known has one description, that of today, since the beginning: nothing said when it changed. What
-- was counted stays under it (docs/decisions/0037).

INSERT INTO flux_unitdescription (
    unit_id, since, act, commune_id, rooms, financing_code, in_qpv, qpv_code, construction_year, attractiveness,
    source, recorded_at
)
SELECT
    u.id, '0001-01-01', 'RECORDED', u.commune_id, u.rooms, u.financing_code, u.in_qpv, '', u.construction_year,
    p.attractiveness, 'reprise', now()
FROM flux_unit u
JOIN flux_programme p ON p.id = u.programme_id
ORDER BY u.id;

UPDATE flux_vacancy v SET description_id = d.id FROM flux_unitdescription d WHERE d.unit_id = v.unit_id;

-- What is kept is kept again below (0003_descriptions.sql): its quantities, holders and days do not move here.
DROP TRIGGER append_only ON flux_flowentry;

UPDATE flux_flowentry e SET description_id = v.description_id FROM flux_vacancy v WHERE v.id = e.vacancy_id;
