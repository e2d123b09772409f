-- CreateTable
CREATE TABLE "image_check" (
    "workspace_id" TEXT NOT NULL,
    "reference" TEXT NOT NULL,
    "registry" TEXT NOT NULL,
    "digest" TEXT,
    "newer_tag" TEXT,
    "error" TEXT,
    "checked_at" TIMESTAMPTZ(3),
    "tags_at" TIMESTAMPTZ(3),
    "next_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "wanted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "limited_until" TIMESTAMPTZ(3),

    CONSTRAINT "image_check_pkey" PRIMARY KEY ("workspace_id","reference")
);

-- CreateIndex
CREATE INDEX "image_check_next_at_idx" ON "image_check"("next_at");
