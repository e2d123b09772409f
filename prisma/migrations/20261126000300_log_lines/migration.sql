-- NULL: stored before they were counted.
ALTER TABLE "log_chunk" ADD COLUMN "lines" INTEGER;
ALTER TABLE "log_segment" ADD COLUMN "stdout_lines" INTEGER, ADD COLUMN "stderr_lines" INTEGER, ADD COLUMN "dropped_bytes" BIGINT;
