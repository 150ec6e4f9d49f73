/** Settings that another one makes necessary. */
export type Need = {
  readonly setting: string;
  /** The value that asks for the others; without it any value does. */
  readonly value?: string;
  /** A second condition. Default: none. */
  readonly along?: { readonly setting: string; readonly value: string };
  readonly needs: readonly string[];
  /** What to do, after "required with X". Default: "set it." */
  readonly advice?: string;
};

/** Checked when settings are read, each where its name is part of the process's settings. */
export const needs: readonly Need[] = [
  {
    setting: "DATABASE_URL",
    needs: ["SLUICE_SECRET"],
    advice: "make one with `openssl rand -hex 32` and give it to api and consumer.",
  },
  { setting: "QUEUE", value: "sqs", needs: ["SQS_QUEUE_URL", "AWS_REGION"] },
  { setting: "SQS_TASK_EVENTS_QUEUE_URL", needs: ["AWS_REGION"] },
  {
    setting: "DELIVERY",
    value: "cloudfront",
    needs: ["MEDIA_URL", "CLOUDFRONT_KEY_PAIR_ID", "CLOUDFRONT_PRIVATE_KEY", "MEDIA_COOKIE_DOMAIN"],
  },
  { setting: "STORAGE", value: "s3", needs: ["UPLOADS_BUCKET", "MEDIA_BUCKET", "AWS_REGION"] },
  { setting: "TRANSCODER_ROLE_ARN", needs: ["AWS_REGION"] },
  {
    setting: "IDENTITY",
    value: "cognito",
    needs: ["COGNITO_USER_POOL_ID", "COGNITO_CLIENT_ID"],
  },
  ...(["invitation", "closed"] as const).map((value) => ({
    setting: "SIGN_UP",
    value,
    along: { setting: "IDENTITY", value: "cognito" },
    needs: ["COGNITO_CLIENT_SECRET"],
    advice:
      "a client without a secret lets anyone sign up at Cognito itself, past this server; make a client with one.",
  })),
  {
    setting: "LAUNCHER",
    value: "ecs",
    needs: ["ECS_CLUSTER", "ECS_TASK_DEFINITION", "ECS_SUBNETS", "AWS_REGION", "INTERNAL_URL"],
  },
];

/** A line for each setting that is missing. */
export const unmetNeeds = (
  settings: Readonly<Record<string, unknown>>,
  known: readonly string[],
  table: readonly Need[] = needs,
): string[] =>
  table.flatMap(({ setting, value, along, needs: names, advice = "set it." }) => {
    const given = settings[setting];
    const applies = given !== undefined && (value === undefined || given === value);
    if (!applies || (along && settings[along.setting] !== along.value)) {
      return [];
    }
    const first = value === undefined ? setting : `${setting}=${value}`;
    const condition = along ? `${first} and ${along.setting}=${along.value}` : first;
    return names
      .filter((name) => known.includes(name) && settings[name] === undefined)
      .map((name) => `${name}: required with ${condition}; ${advice}`);
  });
