-- What an apply last set of a resource: what it does not name any more is taken away by the next one, and what others set stays.
CREATE TABLE "applied_manifest" (
    "workspace_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "resource_id" TEXT NOT NULL,
    "document" JSONB NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "applied_by" TEXT NOT NULL,
    "applied_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "applied_manifest_pkey" PRIMARY KEY ("workspace_id", "kind", "name")
);

ALTER TABLE "registry" ADD COLUMN "labels" JSONB NOT NULL DEFAULT '{}';
