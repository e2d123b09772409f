-- The key that a workspace's secrets are sealed with, itself sealed with the installation's key, which no row has (docs/decisions/0053).
CREATE TABLE "data_key" (
    "workspace_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "sealed" BYTEA NOT NULL,
    -- Which key of the installation it is sealed with, by a fingerprint.
    "master" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "data_key_pkey" PRIMARY KEY ("workspace_id", "number")
);
-- Those that another key has to be put around, for the sweep.
CREATE INDEX "data_key_master_idx" ON "data_key"("master");

-- A deleted one keeps its row, without values: the versions of its name go on from there, so that no version ever means two values.
CREATE TABLE "secret" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "visible" BOOLEAN NOT NULL DEFAULT false,
    "version" INTEGER NOT NULL,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "resource_version" BIGINT NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "secret_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "secret_workspace_id_id_idx" ON "secret"("workspace_id", "id");
CREATE INDEX "secret_workspace_id_name_idx" ON "secret"("workspace_id", "name");
CREATE UNIQUE INDEX "secret_name_idx" ON "secret"("workspace_id", "name") WHERE deleted_at IS NULL;

CREATE TABLE "secret_version" (
    "secret_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "data_key" INTEGER NOT NULL,
    -- Null once it was destroyed.
    "sealed" BYTEA,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "destroyed_at" TIMESTAMPTZ(3),

    CONSTRAINT "secret_version_pkey" PRIMARY KEY ("secret_id", "number")
);
CREATE INDEX "secret_version_workspace_id_idx" ON "secret_version"("workspace_id");

-- Who uses a secret. Costs a run without nothing; it asks for the stage, as the others do, so that a change of phase is written into no index.
CREATE INDEX "run_secrets_idx" ON "run" USING gin (("spec" -> 'secrets') jsonb_path_ops) WHERE "spec" ? 'secrets' AND "stage" IN ('queued', 'live');
