import { type ErrorCode, SluiceError } from "../../errors.ts";

/** What is being done at Cognito; the same exception means different things in different places. */
export const cognitoOperations = [
  "sign_up",
  "confirm_sign_up",
  "resend_code",
  "sign_in",
  "challenge",
  "refresh",
  "forgot_password",
  "reset_password",
  "change_password",
  "account",
  "totp",
  "revoke",
  "check",
] as const;
export type CognitoOperation = (typeof cognitoOperations)[number];

/** `neutral`: the caller gets the same answer as if all had gone well, because any other would tell whether the account exists. */
export type Meaning = ErrorCode | "neutral";

/**
 * Every exception that the commands we call can throw (the list in the SDK's models; a test holds the
 * two together), and what it means unless the operation says otherwise below.
 */
const meanings = {
  // The account, or what was typed.
  NotAuthorizedException: "invalid_credentials",
  UserNotFoundException: "invalid_credentials",
  UserNotConfirmedException: "account_not_confirmed",
  // Its password works no more, right or wrong: told apart from a wrong one, it would give the account away.
  PasswordResetRequiredException: "invalid_credentials",
  UsernameExistsException: "neutral",
  AliasExistsException: "invalid_code",
  InvalidPasswordException: "weak_password",
  PasswordHistoryPolicyViolationException: "weak_password",
  CodeMismatchException: "invalid_code",
  ExpiredCodeException: "invalid_code",
  EnableSoftwareTokenMFAException: "invalid_code",
  SoftwareTokenMFANotFoundException: "totp_unavailable",
  MFAMethodNotFoundException: "challenge_unsupported",
  UserLambdaValidationException: "not_allowed",
  UnsupportedUserStateException: "invalid_credentials",
  RefreshTokenReuseException: "session_ended",

  // Too often.
  TooManyRequestsException: "rate_limited",
  TooManyFailedAttemptsException: "rate_limited",
  LimitExceededException: "rate_limited",

  // For a moment.
  InternalErrorException: "identity_unavailable",
  InternalServerException: "identity_unavailable",
  ConcurrentModificationException: "identity_unavailable",
  CodeDeliveryFailureException: "identity_unavailable",

  // For the operator.
  ResourceNotFoundException: "identity_misconfigured",
  InvalidParameterException: "identity_misconfigured",
  InvalidUserPoolConfigurationException: "identity_misconfigured",
  InvalidLambdaResponseException: "identity_misconfigured",
  UnexpectedLambdaException: "identity_misconfigured",
  InvalidEmailRoleAccessPolicyException: "identity_misconfigured",
  InvalidSmsRoleAccessPolicyException: "identity_misconfigured",
  InvalidSmsRoleTrustRelationshipException: "identity_misconfigured",
  UserPoolAddOnNotEnabledException: "identity_misconfigured",
  FeatureUnavailableInTierException: "identity_misconfigured",
  OperationNotEnabledException: "identity_misconfigured",
  UnsupportedOperationException: "identity_misconfigured",
  UnsupportedTokenTypeException: "identity_misconfigured",
  UnauthorizedException: "identity_misconfigured",
  AccessDeniedException: "identity_misconfigured",
  /** A web ACL in front of the pool blocks this server. */
  ForbiddenException: "identity_misconfigured",
} as const satisfies Record<string, Meaning>;

export type CognitoException = keyof typeof meanings;

/** Codes for mails: nothing that has to do with one account may show. */
const codeByMail = {
  NotAuthorizedException: "neutral",
  UserNotFoundException: "neutral",
  UserNotConfirmedException: "neutral",
  // "User is already confirmed", or no address to send to.
  InvalidParameterException: "neutral",
  CodeDeliveryFailureException: "neutral",
  LimitExceededException: "neutral",
  UserLambdaValidationException: "neutral",
} as const;

/** Codes typed in: an address that nobody has is a wrong code. */
const codeTyped = {
  NotAuthorizedException: "invalid_code",
  UserNotFoundException: "invalid_code",
  UserNotConfirmedException: "invalid_code",
  InvalidParameterException: "invalid_code",
  CodeDeliveryFailureException: "invalid_code",
} as const;

/** Done with an access token that Cognito may have taken back. */
const withAccessToken = {
  NotAuthorizedException: "session_ended",
  UserNotFoundException: "session_ended",
  UserNotConfirmedException: "session_ended",
  PasswordResetRequiredException: "session_ended",
} as const;

const exceptions: Record<CognitoOperation, Partial<Record<CognitoException, Meaning>>> = {
  sign_up: {
    // "SignUp is not permitted for this user pool."
    NotAuthorizedException: "sign_up_closed",
    // The account is there, and the code can be asked for again.
    CodeDeliveryFailureException: "neutral",
  },
  confirm_sign_up: codeTyped,
  resend_code: codeByMail,
  sign_in: {
    // Characters that no user name can have.
    InvalidParameterException: "invalid_credentials",
    UserLambdaValidationException: "invalid_credentials",
  },
  challenge: {
    // "Invalid session for the user": answered before, or older than three minutes.
    NotAuthorizedException: "challenge_not_pending",
    UserNotFoundException: "challenge_not_pending",
    UserNotConfirmedException: "challenge_not_pending",
    PasswordResetRequiredException: "challenge_not_pending",
    UsernameExistsException: "account_conflict",
    AliasExistsException: "account_conflict",
    ExpiredCodeException: "challenge_not_pending",
  },
  refresh: withAccessToken,
  forgot_password: codeByMail,
  reset_password: codeTyped,
  change_password: {
    UserNotFoundException: "session_ended",
    UserNotConfirmedException: "session_ended",
  },
  account: withAccessToken,
  totp: withAccessToken,
  revoke: {},
  check: {},
};

/** The whole table as one function. */
export const meaningOf = (operation: CognitoOperation, exception: CognitoException): Meaning =>
  exceptions[operation][exception] ?? meanings[exception];

export const isCognitoException = (name: string): name is CognitoException =>
  Object.hasOwn(meanings, name);

/**
 * Two faults of the settings come under names that usually mean the person's own:
 * "Client X is configured with secret but SECRET_HASH was not received", "Unable to verify secret
 * hash for client X", and "USER_PASSWORD_AUTH flow not enabled for this client".
 */
const CLIENT_FAULT = /secret|flow not enabled|not supported for this client/i;

/** Retry-After where Cognito gives none: its quotas are per second, its lock-outs start at one second. */
const RETRY_AFTER_SECONDS = 5;

/** Sentences for codes where Cognito knows more than ours do. Neutral ones: the same for every account. */
const sentences: Partial<Record<ErrorCode, (message: string) => string>> = {
  invalid_credentials: () =>
    "The e-mail address or the password is wrong. If you are sure of both, set a new password with “Forgot your password?”.",
  weak_password: (message) => `The password does not meet the rules of this server: ${message}`,
};

/**
 * What a failed call to Cognito means.
 * @returns null where nothing may show (`neutral`)
 */
export const fromCognito = (operation: CognitoOperation, thrown: unknown): SluiceError | null => {
  const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
  const meaning = meaningOfError(operation, name, message);
  if (meaning === "neutral") {
    return null;
  }
  const sentence = sentences[meaning]?.(message);
  return new SluiceError(meaning, {
    cause: thrown,
    ...(sentence === undefined ? {} : { message: sentence }),
    ...(meaning === "rate_limited" ? { details: { retryAfterSeconds: RETRY_AFTER_SECONDS } } : {}),
  });
};

/** Errors of the SDK itself that no waiting mends: no credentials were found, or they are refused. */
const OPERATOR_ERRORS =
  /^(CredentialsProviderError|TokenProviderError|UnrecognizedClientException|InvalidSignatureException|ExpiredTokenException|MissingAuthenticationTokenException|IncompleteSignatureException|InvalidClientTokenId)$/;

const meaningOfError = (operation: CognitoOperation, name: string, message: string): Meaning => {
  if (!isCognitoException(name)) {
    // The rest is the network's: no connection, no answer in time, no answer that can be read.
    return OPERATOR_ERRORS.test(name) ? "identity_misconfigured" : "identity_unavailable";
  }
  const ofTheClient = name === "NotAuthorizedException" || name === "InvalidParameterException";
  return ofTheClient && CLIENT_FAULT.test(message)
    ? "identity_misconfigured"
    : meaningOf(operation, name);
};
