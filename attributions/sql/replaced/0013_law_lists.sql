-- The list of L441-1 with those that laws added since, and what is still to be confirmed of it. A lease keeps one fact
-- more of its day.

INSERT INTO attributions_prioritycategory (code, label, "group", starts_on, source) VALUES
    ('THERAPEUTIC', 'sortant d’un appartement de coordination thérapeutique', 'LAW', '2020-02-22', 'CCH, art. L441-1'),
    ('ASSAULT', 'victime de viol ou d’agression sexuelle à son domicile ou à ses abords', 'LAW', '2020-02-22',
     'CCH, art. L441-1'),
    ('LEAVING_PROSTITUTION', 'engagé dans le parcours de sortie de la prostitution', 'LAW', '2020-02-22',
     'CCH, art. L441-1 (loi n° 2016-444 du 13 avril 2016)'),
    ('TRAFFICKING', 'victime de la traite ou du proxénétisme', 'LAW', '2020-02-22', 'CCH, art. L441-1'),
    ('LEAVING_CARE', 'jeune de moins de 21 ans sortant de l’aide sociale à l’enfance', 'LAW', '2022-02-09',
     'CCH, art. L441-1 (loi n° 2022-140 du 7 février 2022)')
ON CONFLICT DO NOTHING;

INSERT INTO reservations_unconfirmed (subject, subject_id, would_confirm, source)
SELECT
    'attributions.prioritycategory', c.id,
    CASE c.code
        WHEN 'LEAVING_CARE'
        THEN 'la loi n° 2022-140 du 7 février 2022 et l’article L441-1 du CCH en vigueur (Légifrance)'
        ELSE 'l’article L441-1 du CCH, dans sa rédaction en vigueur : la catégorie et sa lettre (Légifrance)'
    END, ''
FROM attributions_prioritycategory c
WHERE c."group" = 'LAW' AND c.ends_on IS NULL
ON CONFLICT DO NOTHING;

INSERT INTO reservations_unconfirmed (subject, subject_id, would_confirm, source)
SELECT
    'attributions.objective', o.id,
    CASE o.code
        WHEN 'PRIORITY_ACTION_LOGEMENT' THEN 'l’article L313-26-2 du CCH, dans sa rédaction en vigueur (Légifrance)'
        ELSE 'l’article L441-1 du CCH, dans sa rédaction en vigueur : le taux et son dénominateur (Légifrance)'
    END, ''
FROM attributions_objective o
WHERE o.territory_id IS NULL AND o.ends_on IS NULL
    AND o.code IN ('OTHERS_IN_QPV', 'PRIORITY_AUTHORITY', 'PRIORITY_ACTION_LOGEMENT', 'PRIORITY_LANDLORD')
ON CONFLICT DO NOTHING;

-- The facts of a lease are those of the day of signature; only a cancellation is written later, and the district, by
-- what corrects it.
DROP TRIGGER kept ON attributions_lease;

CREATE TRIGGER kept
    BEFORE UPDATE ON attributions_lease FOR EACH ROW
    WHEN (
        ROW(
            OLD.essential_worker, OLD.has_priority, OLD.holder_id, OLD.id, OLD.income_quartile, OLD.persons,
            OLD.priority_id, OLD.proposal_id, OLD.recorded_at, OLD.recorded_by_id, OLD.routing_id, OLD.signed_on,
            OLD.state_agent, OLD.urban_renewal, OLD.vacancy_id
        ) IS DISTINCT FROM ROW(
            NEW.essential_worker, NEW.has_priority, NEW.holder_id, NEW.id, NEW.income_quartile, NEW.persons,
            NEW.priority_id, NEW.proposal_id, NEW.recorded_at, NEW.recorded_by_id, NEW.routing_id, NEW.signed_on,
            NEW.state_agent, NEW.urban_renewal, NEW.vacancy_id
        )
        OR (OLD.in_qpv IS DISTINCT FROM NEW.in_qpv AND pg_trigger_depth() = 0)
    )
    EXECUTE FUNCTION reservations_refuse();
