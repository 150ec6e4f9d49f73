import { SluiceError } from "../errors.ts";
import { isWellKnown } from "./well-known-passwords.ts";

/** Characters; NIST SP 800-63B asks for at least 8 and for allowing 64 and more. */
const SHORTEST = 8;
const LONGEST = 256;

/** The same letters typed on another system may be other bytes; NIST SP 800-63B section 5.1.1.2. */
export const normalisePassword = (password: string): string => password.normalize("NFC");

/** @throws SluiceError `weak_password` */
export const checkPassword = async (password: string): Promise<void> => {
  const { length } = [...normalisePassword(password)];
  if (length < SHORTEST || length > LONGEST || (await isWellKnown(normalisePassword(password)))) {
    throw new SluiceError("weak_password");
  }
};
