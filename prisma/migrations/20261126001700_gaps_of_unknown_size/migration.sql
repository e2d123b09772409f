-- True: how many bytes are missing is not known. NULL: it is, or nothing is missing.
ALTER TABLE "log_chunk" ADD COLUMN "dropped_at_least" BOOLEAN;
