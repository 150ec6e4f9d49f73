import type { VideoBody } from "../../http/schemas.ts";
import { formatBitrate, formatBytes, formatFrameRate } from "../format.ts";
import { formatLikeness, qualityWords } from "../quality-words.ts";

type RenditionsProps = Pick<VideoBody, "renditions">;

/** What was made of the original, best last: size, rate, and how much was lost. */
export const Renditions = ({ renditions }: RenditionsProps) => (
  <>
    <RenditionTable renditions={renditions} />
    <p class="small soft">
      Quality is how like the original's the pictures are, at each rendition's own size (SSIM of
      luma; 100 % is the same).
    </p>
  </>
);

const RenditionTable = ({ renditions }: RenditionsProps) => (
  <table class="renditions" data-testid="renditions">
    <caption class="visually-hidden">Renditions</caption>
    <thead>
      <tr>
        <th scope="col">Rendition</th>
        <th scope="col">Bit rate</th>
        <th scope="col">Size</th>
        <th scope="col">Quality</th>
      </tr>
    </thead>
    <tbody>
      {renditions.map((rung) => (
        <tr key={rung.name} data-testid="rendition">
          <th scope="row">
            {rung.name}
            <span class="aside">
              {`${rung.width} × ${rung.height}, `}
              <span class="unbroken">{formatFrameRate(rung.frameRate)}</span>
            </span>
          </th>
          <td>{formatBitrate(rung.averageBandwidth)}</td>
          <td>{formatBytes(rung.bytes)}</td>
          <td data-testid="quality">
            <Likeness ssim={rung.ssim} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

const Likeness = ({ ssim }: { ssim: number | undefined }) =>
  ssim === undefined ? (
    <span class="aside">not measured</span>
  ) : (
    <>
      {qualityWords(ssim)}
      <span class="aside">{formatLikeness(ssim)}</span>
    </>
  );
