DROP INDEX "attempts_by_lease";--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "released_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "presentation_removed_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "attempts_unreleased" ON "attempts" USING btree ("lease_expires_at") WHERE "attempts"."released_at" is null;