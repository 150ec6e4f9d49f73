-- Codes live for minutes: nothing is lost, and the new column can be required.
DELETE FROM "codes";
--> statement-breakpoint
ALTER TABLE "codes" DROP CONSTRAINT "codes_user_id_users_id_fk";
--> statement-breakpoint
DROP INDEX "codes_by_user";--> statement-breakpoint
ALTER TABLE "codes" ADD COLUMN "email" text NOT NULL;--> statement-breakpoint
ALTER TABLE "codes" ADD COLUMN "sign_up" jsonb;--> statement-breakpoint
ALTER TABLE "codes" ADD COLUMN "tries" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "codes_by_email" ON "codes" USING btree ("email","purpose","created_at");--> statement-breakpoint
CREATE INDEX "codes_by_age" ON "codes" USING btree ("created_at");--> statement-breakpoint
ALTER TABLE "codes" DROP COLUMN "user_id";--> statement-breakpoint
ALTER TABLE "codes" DROP COLUMN "failed_tries";