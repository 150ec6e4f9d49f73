CREATE TABLE "cognito_sign_ups" (
	"email" text PRIMARY KEY NOT NULL,
	"sub" text NOT NULL,
	"name" text NOT NULL,
	"invitation_id" uuid,
	"password_hash" text NOT NULL,
	"contested" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "cognito_origin_jti" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "cognito_tokens" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "cognito_renewed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "cognito_renewing_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "must_reset_password" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "password_reset_at" timestamp with time zone;