import { SluiceError } from "../../errors.ts";
import { checkPassword } from "../password-rules.ts";

/** Cognito's pattern for passwords, `[\S]+.*[\S]+`: it refuses a space at either end. */
const SPACE_AT_AN_END = /^\s|\s$/;

/**
 * Our rules, before Cognito applies the pool's: what it would refuse for its form is told apart
 * here from what it refuses for other reasons.
 * @throws SluiceError `weak_password`
 */
export const checkCognitoPassword = async (password: string): Promise<void> => {
  await checkPassword(password);
  if (SPACE_AT_AN_END.test(password)) {
    throw new SluiceError("weak_password", {
      message: "The password must not begin or end with a space.",
    });
  }
};
