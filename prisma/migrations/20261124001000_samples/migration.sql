CREATE TABLE "run_sample" (
    "run_id" TEXT NOT NULL,
    "step" SMALLINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "cpu_millis" REAL NOT NULL,
    "cpu_millis_max" REAL NOT NULL,
    "memory_bytes" DOUBLE PRECISION NOT NULL,
    "memory_bytes_max" DOUBLE PRECISION NOT NULL,
    "received_bytes" DOUBLE PRECISION NOT NULL,
    "sent_bytes" DOUBLE PRECISION NOT NULL,
    "read_bytes" DOUBLE PRECISION NOT NULL,
    "written_bytes" DOUBLE PRECISION NOT NULL,
    "pids" REAL NOT NULL,

    CONSTRAINT "run_sample_pkey" PRIMARY KEY ("run_id","step","at")
);

CREATE INDEX "run_sample_step_at_idx" ON "run_sample"("step", "at");
