-- Data with a name that outlives runs: it lies on one host, and the runs that have it are placed there.
CREATE TABLE "volume" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "host_id" TEXT,
    "bound_at" TIMESTAMPTZ(3),
    "size_bytes" BIGINT,
    "measured_at" TIMESTAMPTZ(3),
    "missing_since" TIMESTAMPTZ(3),
    "asked_at" TIMESTAMPTZ(3),
    "resource_version" BIGINT NOT NULL DEFAULT 1,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "volume_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "volume_workspace_id_id_idx" ON "volume"("workspace_id", "id");
CREATE INDEX "volume_host_id_idx" ON "volume"("host_id");
CREATE UNIQUE INDEX "volume_name_idx" ON "volume"("workspace_id", "name") WHERE deleted_at IS NULL;
-- Those that are still to be removed on their hosts.
CREATE INDEX "volume_removal_idx" ON "volume"("host_id") WHERE deleted_at IS NOT NULL;

-- Which volumes the names in a run's spec mean.
CREATE TABLE "run_volume" (
    "run_id" TEXT NOT NULL,
    "volume_id" TEXT NOT NULL,

    CONSTRAINT "run_volume_pkey" PRIMARY KEY ("run_id", "volume_id")
);
-- Who uses a volume is asked of the runs that are not at an end: they are few where those that are at one are many.
CREATE INDEX "run_with_volumes_idx" ON "run"("workspace_id", "id") WHERE stage IN ('queued', 'live') AND spec ? 'volumes';

-- False: a run that names a volume which is not there is refused.
ALTER TABLE "workspace_settings" ADD COLUMN "volumes_by_runs" BOOLEAN NOT NULL DEFAULT true;
