-- Which engine a host has, and whether a host of another workspace had it before: then its runs stay out of the engine's default network.
ALTER TABLE "host" ADD COLUMN "engine_id" TEXT, ADD COLUMN "shares_engine" BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX "host_engine_id_idx" ON "host"("engine_id");
