-- Nothing is looked for by these values, and each is another one: ANALYZE sorted tens of thousands of them whenever a table had grown by a tenth,
-- which took more of Postgres than any statement while many runs came.
ALTER TABLE "run" ALTER COLUMN "spec" SET STATISTICS 0, ALTER COLUMN "phase_times" SET STATISTICS 0;
ALTER TABLE "attempt"
  ALTER COLUMN "placement" SET STATISTICS 0,
  ALTER COLUMN "pull" SET STATISTICS 0,
  ALTER COLUMN "phase_times" SET STATISTICS 0,
  ALTER COLUMN "exits" SET STATISTICS 0;
ALTER TABLE "event" ALTER COLUMN "data" SET STATISTICS 0;
ALTER TABLE "log_chunk" ALTER COLUMN "data" SET STATISTICS 0;

-- A run's rows are written some times in its life, so that a young table was analysed in every round of autovacuum. What is known of its values is still
-- true where it has grown by half; of its size Postgres asks the file.
ALTER TABLE "run" SET (autovacuum_analyze_scale_factor = 0.5);
ALTER TABLE "attempt" SET (autovacuum_analyze_scale_factor = 0.5);
ALTER TABLE "event" SET (autovacuum_analyze_scale_factor = 0.5);
