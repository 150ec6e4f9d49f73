import { readCopiedPicture } from "./copied-picture.ts";
import { PacketReader } from "./ffmpeg/packet-reader.ts";
import { readDecoderConfiguration } from "./h264/decoder-configuration.ts";
import type { CopyObstacle } from "./plan/copy-conditions.ts";
import { obstacleInHeader, planCopy } from "./plan/copy-plan.ts";
import { GopSurvey, type SourceGops } from "./plan/gop-survey.ts";
import type { TranscodePlan } from "./plan/plan.ts";
import type { Source } from "./source.ts";
import { type SourceFacts, toNumber } from "./source-facts.ts";

/** A plan that copies the source's pictures into the highest rung, or why it must not. */
export type CopyDecision =
  | { readonly plan: TranscodePlan; readonly obstacle: null }
  | { readonly plan: null; readonly obstacle: CopyObstacle };

export type ConsiderOptions = {
  readonly signal: AbortSignal;
  /** Something moved, for a watchdog. */
  readonly onActivity: () => void;
};

/**
 * Looks at every picture of a source that might be copied, without decoding one, and stops at the
 * first that stands in the way: most sources that fail do so within the first seconds.
 */
export const considerCopy = async (
  source: Source,
  facts: SourceFacts,
  plan: TranscodePlan,
  options: ConsiderOptions,
): Promise<CopyDecision> => {
  // Told before the container is opened once more.
  if (facts.video?.codec !== "h264" || plan.picture === null) return refuse("codec");
  await using reader = await PacketReader.open(source, plan.picture.streamIndex);
  const { header } = reader;
  const inHeader = obstacleInHeader(plan, facts, header);
  if (inHeader !== null || header === null) return refuse(inHeader ?? "parameters");
  const gops = await surveyGops(reader, header, plan, options);
  if (typeof gops === "string") return refuse(gops);
  const copying = planCopy(plan, header, gops);
  return typeof copying === "string" ? refuse(copying) : { plan: copying, obstacle: null };
};

const refuse = (obstacle: CopyObstacle): CopyDecision => ({ plan: null, obstacle });

const surveyGops = async (
  reader: PacketReader,
  header: Uint8Array,
  { frameRate, pictureZeroSeconds, maxFrames }: TranscodePlan,
  { signal, onActivity }: ConsiderOptions,
): Promise<SourceGops | CopyObstacle> => {
  const configuration = readDecoderConfiguration(header);
  if (configuration === null) return "parameters";
  const rate = toNumber(frameRate);
  const survey = new GopSurvey({ rate, clock: reader.tick * rate });
  let pictures = 0;
  for await (const packet of reader.packets()) {
    signal.throwIfAborted();
    onActivity();
    const picture = readCopiedPicture(packet, configuration);
    if (typeof picture === "string") return picture;
    const { isIdr, units, seconds, durationSeconds } = picture;
    const obstacle = survey.add({
      isIdr,
      position: (seconds - pictureZeroSeconds) * rate,
      length: durationSeconds * rate,
      sizeBytes: units.reduce((sum, unit) => sum + 4 + unit.length, 0),
    });
    if (obstacle !== null) return obstacle;
    pictures += 1;
    // The render will say that it is too long.
    if (pictures > maxFrames) return "rate";
  }
  return survey.end();
};
