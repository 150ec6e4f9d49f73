import { afterAll, beforeAll, describe, setDefaultTimeout } from "bun:test";
import { identityContract } from "../contract/identity-contract.ts";
import { openAccounts } from "../fixtures/accounts.ts";
import { createTestPool } from "../fixtures/aws/cognito-pool.ts";
import { type Emulator, startMinistack, testAwsEnvironment } from "../fixtures/aws/emulators.ts";
import { databaseKinds, openTestDatabase } from "../fixtures/databases.ts";

// Installing the emulators takes two minutes where they are not there yet.
setDefaultTimeout(300_000);

let emulator: Emulator;
beforeAll(async () => {
  Object.assign(process.env, testAwsEnvironment);
  emulator = await startMinistack();
});
afterAll(() => emulator.stop());

/** The emulator takes any six digits for a code it sent; wrong ones are the replayed answers' part. */
const codeFor = async () => "123456";

for (const kind of databaseKinds) {
  for (const adminAuth of [false, true]) {
    const flow = adminAuth ? "ADMIN_USER_PASSWORD_AUTH" : "USER_PASSWORD_AUTH";
    describe(`accounts in Cognito, ${flow}, on ${kind}`, () => {
      identityContract(async () => {
        const database = await openTestDatabase(kind);
        const pool = await createTestPool(emulator.url, { secret: true });
        const settings = { ...pool.settings, COGNITO_ADMIN_AUTH: adminAuth };
        return {
          database,
          open: (options) => openAccounts(database, { codeFor, settings, ...options }),
        };
      });
    });
  }
}
