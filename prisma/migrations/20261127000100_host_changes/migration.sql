-- The transaction that last changed what the scheduler judges a host by: of a thousand hosts it reads those that have changed since its last round
-- (apps/api/src/persistence/placement-hosts.ts). The number that Postgres itself keeps of a row is that of its last writing, which every
-- assignment, confirmation and heartbeat is.
ALTER TABLE "host" ADD COLUMN "changed_xid" BIGINT NOT NULL DEFAULT 0;

CREATE FUNCTION "host_note_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.changed_xid := pg_current_xact_id()::text::bigint;
  RETURN NEW;
END
$$;

CREATE TRIGGER "host_is_new" BEFORE INSERT ON "host" FOR EACH ROW EXECUTE FUNCTION "host_note_change"();

-- By the columns of its first line: statements that set none of them do not even compare.
CREATE TRIGGER "host_changes"
  BEFORE UPDATE OF name, labels, state, state_message, session_id, engine_ready, drain_since, approved, cordoned, policy, platform, protocol, images, cpu_millis, memory_bytes, removed_at
  ON "host" FOR EACH ROW
  WHEN ((OLD.name, OLD.labels, OLD.state, OLD.state_message, OLD.session_id, OLD.engine_ready, OLD.drain_since, OLD.approved, OLD.cordoned, OLD.policy,
         OLD.platform, OLD.protocol, OLD.images, OLD.cpu_millis, OLD.memory_bytes, OLD.removed_at)
        IS DISTINCT FROM
        (NEW.name, NEW.labels, NEW.state, NEW.state_message, NEW.session_id, NEW.engine_ready, NEW.drain_since, NEW.approved, NEW.cordoned, NEW.policy,
         NEW.platform, NEW.protocol, NEW.images, NEW.cpu_millis, NEW.memory_bytes, NEW.removed_at))
  EXECUTE FUNCTION "host_note_change"();
