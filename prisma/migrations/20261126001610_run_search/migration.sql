-- The filters of the list: what hardly a run has must not be looked for in all of them. The extension is part of Postgres and trusted:
-- the owner of the database may create it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- A part of a name or an image is looked for among the distinct ones, and the runs that have those are read by the index below.
CREATE TABLE "run_word" (
    "workspace_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "word" TEXT NOT NULL,

    CONSTRAINT "run_word_pkey" PRIMARY KEY ("workspace_id", "kind", "word")
);
INSERT INTO "run_word" SELECT DISTINCT "workspace_id", 'name', "name" FROM "run" UNION ALL SELECT DISTINCT "workspace_id", 'image', "image" FROM "run";
CREATE INDEX "run_word_parts_idx" ON "run_word" USING gin ("word" gin_trgm_ops);

-- Their order names a collation so that Postgres cannot take the index of all runs for it, and walk over those with other words: ids are ASCII.
CREATE INDEX "run_workspace_id_name_id_idx" ON "run"("workspace_id", "name", "id" COLLATE "C" DESC);
CREATE INDEX "run_workspace_id_image_id_idx" ON "run"("workspace_id", "image", "id" COLLATE "C" DESC);

-- Of runs with labels alone, for many have none: by what they have, and in their order. A short pending list, for every search reads it. The
-- order names a collation for the same reason.
CREATE INDEX "run_labels_idx" ON "run" USING gin ("labels") WITH (gin_pending_list_limit = 512) WHERE "labels" <> '{}'::jsonb;
CREATE INDEX "run_labels_id_idx" ON "run"("workspace_id", "id" COLLATE "C" DESC) WHERE "labels" <> '{}'::jsonb;

CREATE INDEX "run_host_id_id_idx" ON "run"("host_id", "id" DESC) WHERE "host_id" IS NOT NULL;
