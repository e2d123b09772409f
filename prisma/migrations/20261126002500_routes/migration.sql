-- Domains in front of services: who has which, where their replicas are reached, and which of them are on their way out of it.
ALTER TABLE "host" ADD COLUMN "address" TEXT;
ALTER TABLE "run" ADD COLUMN "leaving_at" TIMESTAMPTZ(3);
CREATE TABLE "route_claim" (
    "domain" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "service_id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,

    CONSTRAINT "route_claim_pkey" PRIMARY KEY ("domain", "path")
);
CREATE INDEX "route_claim_service_id_idx" ON "route_claim"("service_id");
