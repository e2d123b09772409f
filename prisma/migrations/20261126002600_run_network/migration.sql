-- Of runs that name no network: the engine's default one, or the private one of their workspace.
ALTER TABLE "workspace_settings" ADD COLUMN "runs_apart" BOOLEAN NOT NULL DEFAULT false;
