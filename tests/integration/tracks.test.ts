import { databaseKinds } from "../fixtures/databases.ts";
import { startTestServer } from "../fixtures/http-server.ts";
import { trackSuite } from "./tracks-suite.ts";

for (const database of databaseKinds) {
  trackSuite(`in a folder, on ${database}`, () => startTestServer({ database }));
}
