-- Frozen once released: later versions add files, they never edit this one.

-- What a receiver knows the message by that this delivery was first attempted in; NULL = it was not attempted yet. Deliveries
-- that are told together share it, and keep it whatever becomes of the others.
ALTER TABLE delivery ADD COLUMN identity TEXT;

-- What is repeated after the update is known by what it was known by before.
UPDATE delivery SET identity = (
    SELECT printf('%d-%x', first.id, n.received_at)
    FROM delivery first JOIN notification n ON n.id = first.notification_id
    WHERE first.record_id = delivery.record_id AND first.status = delivery.status
        AND first.scheduled_delivery = delivery.scheduled_delivery
        AND first.retry_attempts = delivery.retry_attempts AND first.grouping = delivery.grouping
        AND CASE delivery.grouping
            WHEN 'single' THEN first.id = delivery.id
            WHEN 'summary' THEN n.source_id =
                (SELECT source_id FROM notification WHERE id = delivery.notification_id)
            ELSE 1 END
    ORDER BY first.id LIMIT 1)
WHERE status IN ('SENDING', 'RETRY') AND record_id IS NOT NULL AND retry_attempts > 0;
