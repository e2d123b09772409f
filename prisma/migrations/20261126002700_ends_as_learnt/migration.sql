-- When the api learnt of an end, by the clock of Postgres. What Berth does by time goes by it: a host's own clock may be wrong by an hour.
ALTER TABLE "run" ADD COLUMN "ended_at" TIMESTAMPTZ(3);
UPDATE "run" SET "ended_at" = "finished_at" WHERE "stage" NOT IN ('queued', 'live');
ALTER TABLE "attempt" ADD COLUMN "ended_at" TIMESTAMPTZ(3);
UPDATE "attempt" SET "ended_at" = "finished_at" WHERE "released";

DROP INDEX "run_expiring_idx";
CREATE INDEX "run_expiring_idx" ON "run"("ended_at") WHERE "spec" ? 'ttlSecondsAfterFinished' AND "deleted_at" IS NULL;
DROP INDEX "attempt_unpulled_idx";
CREATE INDEX "attempt_unpulled_idx" ON "attempt"("workspace_id", "ended_at") WHERE "unpulled";
