import { $ } from "bun";

/** The system's ffmpeg, the peer in comparisons. @throws Error when there is none */
export const systemFfmpeg = (): string => {
  const path = Bun.which("ffmpeg");
  if (path === null) throw new Error("No ffmpeg on this machine; run: apt-get install ffmpeg");
  return path;
};

/** For example `ffmpeg version 5.1.9-0+deb12u1`. */
export const ffmpegVersion = async (path: string): Promise<string> => {
  const [firstLine = ""] = (await $`${path} -version`.text()).split("\n");
  return firstLine.replace(/ (Copyright|https?:).*/, "");
};
