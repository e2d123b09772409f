ALTER TABLE "attempt" ADD COLUMN "retry_until" TIMESTAMPTZ(3);
