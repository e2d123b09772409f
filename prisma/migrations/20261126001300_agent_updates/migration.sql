ALTER TABLE "host" ADD COLUMN "bundle" JSONB;

CREATE TABLE "agent_update" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "spec" JSONB NOT NULL,
    "version" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "bytes" INTEGER NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'running',
    "message" TEXT NOT NULL,
    "pause_at_failures" INTEGER NOT NULL,
    "resource_version" BIGINT NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "agent_update_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "agent_update_host" (
    "update_id" TEXT NOT NULL,
    "host_id" TEXT NOT NULL,
    "host_name" TEXT NOT NULL,
    "stage" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "from_version" TEXT,
    "deadline_at" TIMESTAMPTZ(3),
    "asked_at" TIMESTAMPTZ(3),
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "agent_update_host_pkey" PRIMARY KEY ("update_id", "host_id")
);

CREATE INDEX "agent_update_workspace_id_id_idx" ON "agent_update"("workspace_id", "id");
CREATE INDEX "agent_update_host_host_id_update_id_idx" ON "agent_update_host"("host_id", "update_id");

-- What every tick looks for: few rows, whatever is kept of earlier updates. A host is in one update at a time.
CREATE INDEX "agent_update_unfinished" ON "agent_update" ("id") WHERE "finished_at" IS NULL;
CREATE UNIQUE INDEX "agent_update_host_under_way" ON "agent_update_host" ("host_id") WHERE "state" IN ('waiting', 'asking', 'updating');
