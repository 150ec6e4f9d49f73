import type { SourceWarning } from "../videos/job-message.ts";
import { cutShort } from "./cut-short.ts";
import type { TranscodePlan } from "./plan/plan.ts";
import { textWarnings } from "./publish-text.ts";
import type { RenderOutcome } from "./render/render.ts";
import { type SourceFacts, toNumber } from "./source-facts.ts";

/** What of a source was worked around, beside what the probe found: for the person whose video it is. Pure. */
export const renderWarnings = (
  facts: SourceFacts,
  plan: TranscodePlan,
  outcome: RenderOutcome,
): SourceWarning[] => [
  ...planWarnings(plan),
  ...damageWarnings(outcome),
  ...cutShort(facts, madeSeconds(plan, outcome)),
  ...textWarnings(outcome.text),
];

const planWarnings = ({ rungs, emptyRungs }: TranscodePlan): SourceWarning[] => {
  const top = rungs.at(-1);
  if (top === undefined || emptyRungs.length === 0) return [];
  const names = emptyRungs.map(({ name }) => name).join(" and ");
  return [
    {
      code: "rendition_left_out",
      message: `The picture was enlarged before it was uploaded and shows no more than ${top.name}, so ${names} was left out.`,
    },
  ];
};

const madeSeconds = (plan: TranscodePlan, { video }: RenderOutcome): number =>
  plan.picture === null ? plan.soundEndSeconds : video.end / toNumber(plan.frameRate);

const damageWarnings = ({ video, audio }: RenderOutcome): SourceWarning[] => {
  const warnings: SourceWarning[] = [];
  if (video.damaged > 0) {
    warnings.push({
      code: "frames_damaged",
      message: `${video.damaged} pictures of the source are damaged; they were left out or repaired.`,
    });
  }
  const damagedSound = audio.reduce((sum, track) => sum + track.damaged, 0);
  if (damagedSound > 0) {
    warnings.push({
      code: "sound_damaged",
      message: `${damagedSound} pieces of the source's sound are damaged; they were left out.`,
    });
  }
  if (audio.some(({ segments }) => segments === 0)) {
    warnings.push({
      code: "sound_undecodable",
      message: "Some of the sound could not be decoded.",
    });
  }
  return warnings;
};
