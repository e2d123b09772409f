ALTER TABLE "host" ADD COLUMN "approved" BOOLEAN NOT NULL DEFAULT true;
ALTER TABLE "workspace_settings" ADD COLUMN "hosts_need_approval" BOOLEAN NOT NULL DEFAULT false;
