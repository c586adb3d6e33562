-- Copies of what the product folded: `copies` says how many there are and how far each lies back.
CREATE FUNCTION pg_temp.copied(id uuid, k integer) RETURNS uuid LANGUAGE sql IMMUTABLE
RETURN (lpad(to_hex(k), 8, '0') || substr(id::text, 9))::uuid;

-- The id of an event begins with its instant; some milliseconds keep the copies of a day apart.
CREATE FUNCTION pg_temp.earlier(id uuid, k integer, at timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE
RETURN (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint + k), 12, '0')
        || substr(replace(id::text, '-', ''), 13))::uuid;

INSERT INTO facts.ticket_facts (id, origin, known)
SELECT pg_temp.copied(id, k), origin, known FROM facts.ticket_facts, copies;

INSERT INTO facts.contributions (id, fact_id, ticket_id, measure, day, org_unit_id, channel,
    category_id, priority, kind, tier, bucket, value)
SELECT pg_temp.copied(id, k), pg_temp.copied(fact_id, k), pg_temp.copied(ticket_id, k), measure,
    day - days, org_unit_id, channel, category_id, priority, kind, tier, bucket, value
FROM facts.contributions, copies;

INSERT INTO facts.contacts (ticket_id, customer_id, category_id, top_category_id, created_at,
    resolved_at)
SELECT pg_temp.copied(ticket_id, k), pg_temp.copied(customer_id, k), category_id, top_category_id,
    created_at - days * interval '1 day', resolved_at - days * interval '1 day'
FROM facts.contacts, copies;

CREATE TEMPORARY TABLE cells AS
SELECT measure, day - days AS day, org_unit_id, channel, category_id, priority, kind, tier, bucket,
    sum(n) AS n, sum(total) AS total, sum(squares) AS squares
FROM facts.figures, (SELECT days FROM copies UNION ALL SELECT 0) AS copies
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
TRUNCATE facts.figures;
INSERT INTO facts.figures (measure, day, org_unit_id, channel, category_id, priority, kind, tier,
    bucket, n, total, squares)
SELECT * FROM cells;

CREATE TEMPORARY TABLE narrow AS
SELECT form, dimension, measure, day - days AS day, org_unit_id, channel, category_id, priority,
    kind, tier, bucket, sum(n) AS n, sum(total) AS total, sum(squares) AS squares
FROM facts.narrow_figures, (SELECT days FROM copies UNION ALL SELECT 0) AS copies
WHERE form <> 'month_buckets'
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11;
TRUNCATE facts.narrow_figures;
INSERT INTO facts.narrow_figures (form, dimension, measure, day, org_unit_id, channel, category_id,
    priority, kind, tier, bucket, n, total, squares)
SELECT * FROM narrow
UNION ALL
SELECT 'month_buckets', dimension, measure, date_trunc('month', day), org_unit_id, channel,
    category_id, priority, kind, tier, bucket, sum(n), sum(total), sum(squares)
FROM narrow WHERE form = 'day_buckets'
GROUP BY 2, 3, 4, 5, 6, 7, 8, 9, 10, 11;

INSERT INTO events.event_log (id, position, type, version, subject, epoch, sequence, time, origin,
    data)
SELECT pg_temp.earlier(id, k, now() - days * interval '1 day'), position + k * events, type,
    version, pg_temp.copied(subject, k), epoch, sequence, time - days * interval '1 day', origin,
    data
FROM events.event_log, copies;
