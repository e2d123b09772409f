ALTER TABLE "log_segment" ADD COLUMN "long_grams" BYTEA;
-- Half of its bits are set, at random: there is nothing to compress.
ALTER TABLE "log_segment" ALTER COLUMN "long_grams" SET STORAGE EXTERNAL;
