-- A service keeps runs of one template at count; a revision is a template that it had. Its runs name it, and their place in it.
CREATE TABLE "service" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "spec" JSONB NOT NULL,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "observed_generation" INTEGER NOT NULL DEFAULT 0,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "target_revision" INTEGER NOT NULL DEFAULT 1,
    "rollout" JSONB NOT NULL DEFAULT '{}',
    "status" JSONB NOT NULL DEFAULT '{}',
    "autoscale" JSONB,
    "look_at" TIMESTAMPTZ(3) DEFAULT CURRENT_TIMESTAMP,
    "resource_version" BIGINT NOT NULL DEFAULT 1,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "service_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "service_workspace_id_id_idx" ON "service"("workspace_id", "id");
CREATE UNIQUE INDEX "service_name_idx" ON "service"("workspace_id", "name") WHERE deleted_at IS NULL;
-- Those that are to be looked at by a time, for the sweep.
CREATE INDEX "service_due_idx" ON "service"("look_at") WHERE look_at IS NOT NULL;

CREATE TABLE "service_revision" (
    "service_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "template" JSONB NOT NULL,
    "digest" TEXT,
    "pin" TEXT NOT NULL DEFAULT 'pending',
    "was_good" BOOLEAN NOT NULL DEFAULT false,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "service_revision_pkey" PRIMARY KEY ("service_id", "number")
);

ALTER TABLE "run" ADD COLUMN "service_id" TEXT,
                  ADD COLUMN "service_revision" INTEGER,
                  ADD COLUMN "service_slot" INTEGER,
                  -- Since when it has been ready, by the api's clock: running, and healthy where it has a check.
                  ADD COLUMN "ready_at" TIMESTAMPTZ(3);
CREATE INDEX "run_of_service_idx" ON "run"("service_id", "id") WHERE service_id IS NOT NULL;

-- That something of a replica changed: its service is looked at. Without a key, so that no writer waits for another one.
CREATE TABLE "service_wake" (
    "id" BIGSERIAL NOT NULL,
    "service_id" TEXT NOT NULL,
    CONSTRAINT "service_wake_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "service_wake_service_id_idx" ON "service_wake"("service_id");
CREATE FUNCTION wake_service() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO service_wake (service_id) VALUES (NEW.service_id);
  RETURN NULL;
END $$;
CREATE TRIGGER "run_wakes_service" AFTER UPDATE ON "run" FOR EACH ROW
  WHEN (NEW.service_id IS NOT NULL
        AND (OLD.phase, OLD.reason, OLD.waiting->>'reason', OLD.health, OLD.restarts, OLD.desired, OLD.image_digest, OLD.deleted_at)
        IS DISTINCT FROM (NEW.phase, NEW.reason, NEW.waiting->>'reason', NEW.health, NEW.restarts, NEW.desired, NEW.image_digest, NEW.deleted_at))
  EXECUTE FUNCTION wake_service();
