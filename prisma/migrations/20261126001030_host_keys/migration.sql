ALTER TABLE "host" ADD COLUMN "next_public_key" TEXT;
ALTER TABLE "host" ADD COLUMN "key_changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;
ALTER TABLE "host" ADD COLUMN "key_asked_at" TIMESTAMPTZ(3);
ALTER TABLE "host" ADD COLUMN "key_revoked_at" TIMESTAMPTZ(3);
UPDATE "host" SET "key_changed_at" = "created_at";
