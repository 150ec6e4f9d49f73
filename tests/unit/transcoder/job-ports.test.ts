import { expect, test } from "bun:test";
import type { ObjectLocation } from "../../../src/storage/object-location.ts";
import { jobPorts } from "../../../src/transcoder/job-rules.ts";
import type { JobDocument } from "../../../src/videos/job-message.ts";

const documentOf = (place: ObjectLocation, scopedCredentials?: boolean): JobDocument => ({
  version: 1,
  jobId: "j",
  attempt: 1,
  videoId: "v",
  presentationId: "p",
  source: place,
  output: place,
  ...(scopedCredentials !== undefined && { scopedCredentials }),
  maxDurationSeconds: 60,
  loudnessLufs: null,
});
const s3 = (endpoint: string | null): ObjectLocation => ({
  adapter: "s3",
  bucket: "bucket",
  key: "key/",
  region: "eu-central-1",
  endpoint,
  forcePathStyle: true,
});
const api = "http://api.internal:3001";

test("a job connects to the api, to its store, and without keys of its own to where its role's come from", () => {
  expect(jobPorts(documentOf({ adapter: "disk", path: "/x" }), api)).toEqual([3001]);
  expect(jobPorts(documentOf(s3(null), true), api)).toEqual([3001, 443]);
  expect(jobPorts(documentOf(s3("http://minio:9000"), true), api)).toEqual([3001, 9000]);
  expect(jobPorts(documentOf(s3("http://minio:9000")), api)).toEqual([3001, 9000, 80, 443]);
  expect(jobPorts(documentOf(s3(null)), "https://api")).toEqual([443, 80]);
});
