-- How far the clock of a host was ahead of the api's when its agent last spoke; behind where it is negative. Null: its agent does not say.
ALTER TABLE "host" ADD COLUMN "clock_offset_ms" BIGINT;
