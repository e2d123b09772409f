ALTER TABLE "log_segment" ADD COLUMN "grams" BYTEA;
ALTER TABLE "log_segment" ADD COLUMN "open_lines" BYTEA;
ALTER TABLE "log_segment" ADD COLUMN "open_from" BIGINT;
