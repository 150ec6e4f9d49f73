import { SluiceError } from "../errors.ts";

/**
 * One plain mailbox. Far stricter than RFC 5321: no quotes, comments, lists, spaces or control
 * characters, so that nothing in it can be taken for a second recipient or a header.
 */
const ADDRESS = /^[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~.-]+@[\p{L}\p{N}\p{M}.-]+$/u;
/** RFC 5321 section 4.5.3.1. */
const LONGEST = 254;

/** The form in which addresses are compared and stored; always text that PostgreSQL takes. */
export const normaliseEmail = (email: string): string =>
  storable(email).trim().normalize("NFC").toLowerCase();

/** PostgreSQL stores neither NUL nor half a surrogate pair. */
const storable = (text: string): string => text.toWellFormed().replaceAll("\0", " ");

/** @throws SluiceError `validation_failed` */
export const parseEmail = (email: string): string => {
  const address = normaliseEmail(email);
  if (address.length > LONGEST || !ADDRESS.test(address)) {
    const problems = [{ field: "email", message: "This is not an e-mail address." }];
    throw new SluiceError("validation_failed", { details: { problems } });
  }
  return address;
};

/** Names are shown, never interpreted; control and direction characters would let them play tricks. @throws SluiceError `validation_failed` */
export const parseName = (name: string): string => {
  const shown = storable(name)
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, " ")
    .trim();
  if (shown === "") {
    const problems = [{ field: "name", message: "A name is needed." }];
    throw new SluiceError("validation_failed", { details: { problems } });
  }
  return shown;
};
