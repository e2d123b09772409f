ALTER TABLE "run" ADD COLUMN "packed_bytes" BIGINT NOT NULL DEFAULT 0;

CREATE TABLE "log_segment" (
    "run_id" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "end_position" BIGINT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,
    "is_dropped" BOOLEAN NOT NULL DEFAULT false,
    "stored_bytes" INTEGER NOT NULL,
    "data" BYTEA NOT NULL,

    CONSTRAINT "log_segment_pkey" PRIMARY KEY ("run_id","position")
);

CREATE INDEX "log_segment_workspace_id_last_at_idx" ON "log_segment"("workspace_id", "last_at");

CREATE TABLE "workspace_settings" (
    "workspace_id" TEXT NOT NULL,
    "log_max_age_days" INTEGER NOT NULL,
    "log_max_bytes" BIGINT NOT NULL,

    CONSTRAINT "workspace_settings_pkey" PRIMARY KEY ("workspace_id")
);

-- Compressed already.
ALTER TABLE "log_segment" ALTER COLUMN "data" SET STORAGE EXTERNAL;
