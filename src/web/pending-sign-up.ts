type Credentials = { readonly email: string; readonly password: string };

/** Kept in memory alone, so that confirming in the same tab signs in without typing the password again. */
let pending: Credentials | null = null;

export const rememberForConfirming = (credentials: Credentials): void => {
  pending = credentials;
};

/** The credentials given at sign-up for this address, once. */
export const takeForConfirming = (email: string): Credentials | null => {
  const found = pending?.email === email ? pending : null;
  pending = null;
  return found;
};
