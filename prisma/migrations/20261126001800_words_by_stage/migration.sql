-- A list by name or image and by state looks at the state in the index: of the runs of a name hardly one may be in it, and to read the others took 190 ms of
-- a million runs. Behind the id, so that a list by name alone still comes in order.
DROP INDEX "run_workspace_id_name_id_idx";
DROP INDEX "run_workspace_id_image_id_idx";
CREATE INDEX "run_workspace_id_name_id_stage_idx" ON "run"("workspace_id", "name", "id" COLLATE "C" DESC, "stage");
CREATE INDEX "run_workspace_id_image_id_stage_idx" ON "run"("workspace_id", "image", "id" COLLATE "C" DESC, "stage");
