-- Retention goes by the database's clock: that of a host may be wrong by a year.
ALTER TABLE "log_segment" ADD COLUMN "stored_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;
UPDATE "log_segment" SET "stored_at" = least("last_at", now());
DROP INDEX "log_segment_workspace_id_last_at_idx";
CREATE INDEX "log_segment_workspace_id_stored_at_idx" ON "log_segment"("workspace_id", "stored_at");
