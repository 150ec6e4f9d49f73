import type { S3Client } from "@aws-sdk/client-s3";
import type { S3Location } from "../storage/object-location.ts";
import { createS3Client, type S3Credentials } from "../storage/s3-client.ts";

/** The S3 clients of one job, one for every store that its locations name. Dispose it in the end. */
export class Stores implements Disposable {
  readonly #credentials: S3Credentials | undefined;
  readonly #clients = new Map<string, S3Client>();

  /** `credentials` default to the SDK's own chain: the role of the task or the machine. */
  constructor(credentials?: S3Credentials) {
    this.#credentials = credentials;
  }

  client({ region, endpoint, forcePathStyle }: S3Location): S3Client {
    const name = JSON.stringify([region, endpoint, forcePathStyle]);
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const credentials = this.#credentials;
    const client = createS3Client({
      region,
      endpoint,
      forcePathStyle,
      ...(credentials !== undefined && { credentials }),
    });
    this.#clients.set(name, client);
    return client;
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients.values()) client.destroy();
    this.#clients.clear();
  }
}
