-- The stage of a run changes twice in its life, its phase six times. Indexes know the stage alone, so that a change of phase is written
-- within its page and into no index (HOT); the fill factors leave the room for that.
ALTER TABLE "run" ADD COLUMN "stage" TEXT NOT NULL GENERATED ALWAYS AS
  (CASE WHEN "phase" IN ('queued', 'exited', 'failed', 'cancelled', 'lost') THEN "phase" ELSE 'live' END) STORED;

DROP INDEX "run_workspace_id_phase_id_idx";
CREATE INDEX "run_workspace_id_stage_id_idx" ON "run"("workspace_id", "stage", "id" DESC);

DROP INDEX "run_pending_idx";
CREATE INDEX "run_pending_idx" ON "run"("workspace_id", (-"priority"), "id") WHERE "stage" = 'queued' AND "deleted_at" IS NULL;

DROP INDEX "run_holding_idx";
CREATE INDEX "run_holding_idx" ON "run"("workspace_id", "concurrency_key") WHERE "concurrency_key" IS NOT NULL AND "stage" = 'live';
DROP INDEX "run_labelled_idx";
CREATE INDEX "run_labelled_idx" ON "run" USING gin ("labels" jsonb_path_ops) WHERE "labels" <> '{}'::jsonb AND "stage" = 'live';
DROP INDEX "run_shunning_idx";
CREATE INDEX "run_shunning_idx" ON "run"("workspace_id") WHERE "spec" #> '{placement,antiAffinity}' IS NOT NULL AND "stage" = 'live';

-- What is deleted and not yet gone: a handful among a million.
CREATE INDEX "run_deleted_idx" ON "run"("deleted_at") WHERE "deleted_at" IS NOT NULL;

-- The same for attempts: a reason changes with every phase.
ALTER TABLE "attempt" ADD COLUMN "unpulled" BOOLEAN NOT NULL GENERATED ALWAYS AS
  ("reason" IN ('registry-unreachable', 'image-unauthorized')) STORED;
DROP INDEX "attempt_unpulled_idx";
CREATE INDEX "attempt_unpulled_idx" ON "attempt"("workspace_id", "finished_at") WHERE "unpulled";

-- What is reserved on all hosts of a workspace is read at every round of placement.
CREATE INDEX "attempt_reserved_idx" ON "attempt"("workspace_id", "host_id") WHERE NOT "released";

ALTER TABLE "run" SET (fillfactor = 70);
ALTER TABLE "attempt" SET (fillfactor = 70);
ALTER TABLE "host" SET (fillfactor = 50);

-- Whether some host refuses ordinary runs is asked at every create, and nearly always answered with no.
CREATE INDEX "host_limiting_idx" ON "host"("workspace_id") WHERE "removed_at" IS NULL AND (
  "policy"->>'registries' IS NOT NULL OR "policy"->>'mostCpuMillis' IS NOT NULL OR "policy"->>'mostMemoryBytes' IS NOT NULL);

-- The oldest events are those with the lowest seq.
DROP INDEX "event_at_idx";
