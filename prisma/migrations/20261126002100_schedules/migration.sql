-- A schedule starts runs by cron; a run array is many runs of one template. Their runs name them.
CREATE TABLE "schedule" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "spec" JSONB NOT NULL,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "next_at" TIMESTAMPTZ(3),
    "last_at" TIMESTAMPTZ(3),
    "last_run_id" TEXT,
    "paused_by" TEXT,
    "outcomes" JSONB NOT NULL DEFAULT '[]',
    "started" INTEGER NOT NULL DEFAULT 0,
    "skipped" INTEGER NOT NULL DEFAULT 0,
    "missed" INTEGER NOT NULL DEFAULT 0,
    "refused" INTEGER NOT NULL DEFAULT 0,
    "resource_version" BIGINT NOT NULL DEFAULT 1,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "schedule_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "schedule_workspace_id_id_idx" ON "schedule"("workspace_id", "id");
CREATE UNIQUE INDEX "schedule_name_idx" ON "schedule"("workspace_id", "name") WHERE deleted_at IS NULL;
-- Those that are due, and when the next one is.
CREATE INDEX "schedule_due_idx" ON "schedule"("next_at") WHERE next_at IS NOT NULL AND deleted_at IS NULL;

CREATE TABLE "run_array" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "spec" JSONB NOT NULL,
    "total" INTEGER NOT NULL,
    "cancelled_by" TEXT,
    "work" TEXT,
    "resource_version" BIGINT NOT NULL DEFAULT 1,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "run_array_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "run_array_workspace_id_id_idx" ON "run_array"("workspace_id", "id");
-- What is still to be carried out: of a handful.
CREATE INDEX "run_array_work_idx" ON "run_array"("id") WHERE work IS NOT NULL;

ALTER TABLE "run" ADD COLUMN "schedule_id" TEXT,
                  -- As its cron names it; null where somebody asked for it then.
                  ADD COLUMN "scheduled_at" TIMESTAMPTZ(3),
                  ADD COLUMN "array_id" TEXT,
                  ADD COLUMN "array_index" INTEGER;
-- Each time of a schedule has one run at most, whoever starts it.
CREATE UNIQUE INDEX "run_of_schedule_time_idx" ON "run"("schedule_id", "scheduled_at") WHERE scheduled_at IS NOT NULL;
-- In the order of the list, which none of the others have; with the stage, for those that have not ended, and for the counts of an array.
CREATE INDEX "run_of_schedule_idx" ON "run"("schedule_id", "id" COLLATE "C" DESC, "stage") WHERE schedule_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX "run_of_array_idx" ON "run"("array_id", "id" COLLATE "C" DESC, "stage", "exit_code") WHERE array_id IS NOT NULL AND deleted_at IS NULL;
