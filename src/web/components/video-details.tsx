import type { VideoBody } from "../../http/schemas.ts";
import { formatBytes, formatDuration, formatFrameRate } from "../format.ts";
import { languageName } from "../languages.ts";
import { channelWords, loudnessWords } from "../loudness-words.ts";
import { Renditions } from "./renditions.tsx";
import { SourceWarnings } from "./source-warnings.tsx";

/** What is known about the file and what was made of it. */
export const VideoDetails = ({ video }: { video: VideoBody }) => {
  const { durationSeconds, width, height, frameRate, renditions, sound } = video;
  const madeBytes = renditions.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <section class="card panel" aria-label="Details" data-testid="details">
      <h2>Details</h2>
      <SourceWarnings warnings={video.warnings} />
      <dl class="facts">
        {durationSeconds !== null && <Fact name="Length">{formatDuration(durationSeconds)}</Fact>}
        {width !== null && height !== null && (
          <Fact name="Picture">
            {`${width} × ${height}`}
            {frameRate === null ? "" : `, ${formatFrameRate(frameRate)}`}
          </Fact>
        )}
        {sound.length > 0 && (
          <Fact name="Sound">
            {sound.map((track) => (
              <span key={track.id} class="sound-track" data-testid="sound">
                {sound.length > 1 && `${languageName(track.language)}: `}
                {channelWords(track)}
                <span class="aside">{loudnessWords(track)}</span>
              </span>
            ))}
          </Fact>
        )}
        <Fact name="Original">{formatBytes(video.sourceBytes)}</Fact>
        {renditions.length > 0 && <Fact name="Converted">{formatBytes(madeBytes)}</Fact>}
        <Fact name="Uploaded">
          <time dateTime={video.createdAt}>
            {new Date(video.createdAt).toLocaleString("en-GB", {
              dateStyle: "medium",
              timeStyle: "short",
            })}
          </time>
        </Fact>
      </dl>
      {renditions.length > 0 && <Renditions renditions={renditions} />}
    </section>
  );
};

const Fact = ({ name, children }: { name: string; children: preact.ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
