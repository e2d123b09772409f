ALTER TABLE "run" ADD COLUMN "priority" INTEGER NOT NULL DEFAULT 0, ADD COLUMN "concurrency_key" TEXT;
ALTER TABLE "workspace_settings" ADD COLUMN "placement_strategy" TEXT NOT NULL DEFAULT 'spread', ADD COLUMN "most_runs_at_once" INTEGER;

-- The pending ones in their turn: a row comparison needs one direction, so the priority stands there negated.
DROP INDEX "run_pending_idx";
CREATE INDEX "run_pending_idx" ON "run"("workspace_id", (-"priority"), "id") WHERE "phase" = 'queued' AND "deleted_at" IS NULL;

-- What the scheduler asks of runs under way. Most have no key, no label and keep away from nothing, and are in none of these.
CREATE INDEX "run_holding_idx" ON "run"("workspace_id", "concurrency_key")
  WHERE "concurrency_key" IS NOT NULL AND "finished_at" IS NULL AND "phase" <> 'queued';
CREATE INDEX "run_labelled_idx" ON "run" USING gin ("labels" jsonb_path_ops)
  WHERE "labels" <> '{}'::jsonb AND "finished_at" IS NULL AND "phase" <> 'queued';
CREATE INDEX "run_shunning_idx" ON "run"("workspace_id")
  WHERE "spec" #> '{placement,antiAffinity}' IS NOT NULL AND "finished_at" IS NULL AND "phase" <> 'queued';
CREATE INDEX "attempt_unpulled_idx" ON "attempt"("workspace_id", "finished_at")
  WHERE "reason" IN ('registry-unreachable', 'image-unauthorized');
