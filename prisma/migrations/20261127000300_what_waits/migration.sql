-- What the scheduler has looked at and left. Wherever something ends it is asked whether there is such a run; among many that are on their way
-- there is usually none, and to find none they were all looked at. Derived, so that a reason, which changes with every phase, is in no index.
ALTER TABLE "run" ADD COLUMN "left_waiting" BOOLEAN NOT NULL GENERATED ALWAYS AS
  ("phase" = 'queued' AND "deleted_at" IS NULL AND "reason" <> 'waiting-for-placement') STORED;
CREATE INDEX "run_left_waiting_idx" ON "run"("workspace_id") WHERE "left_waiting";

-- Which hosts have changed is asked by every round of placement, and nearly always answered with none.
CREATE INDEX "host_changed_idx" ON "host"("workspace_id", "changed_xid");
