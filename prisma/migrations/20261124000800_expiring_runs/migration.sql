-- The runs that go by themselves, in the order of their ends. Partial indexes are not in schema.prisma, which has no words for them.
CREATE INDEX "run_expiring_idx" ON "run"("finished_at") WHERE "spec" ? 'ttlSecondsAfterFinished' AND "deleted_at" IS NULL;
