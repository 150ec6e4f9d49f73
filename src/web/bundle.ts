import { fileURLToPath } from "node:url";
import type { BunPlugin } from "bun";
import { type PageAsset, toPageAsset } from "./assets.ts";

/**
 * Bundles the page from source. Only runs from source call this: in the executables
 * `scripts/build.ts` puts the finished files in this module's place.
 * @throws AggregateError with the bundler's messages
 */
export const bundlePage = async (): Promise<PageAsset[]> => {
  const result = await Bun.build({
    entrypoints: [fileURLToPath(new URL("./index.html", import.meta.url))],
    target: "browser",
    minify: true,
    // The player is most of the code and is loaded by the watch page alone.
    splitting: true,
    publicPath: "/",
    naming: {
      entry: "[name].[ext]",
      chunk: "assets/[name]-[hash].[ext]",
      asset: "assets/[name]-[hash].[ext]",
    },
    plugins: [withoutRemoteFonts],
  });
  return await Promise.all(
    result.outputs.map(async (output) =>
      toPageAsset({
        path: output.path.replace(/^\.?\/?/, "/"),
        bytes: new Uint8Array(await output.arrayBuffer()),
      }),
    ),
  );
};

/** Shaka Player's style sheet names a font on another host; the page speaks to its own server alone. */
const withoutRemoteFonts: BunPlugin = {
  name: "without-remote-fonts",
  setup: (builder) => {
    builder.onLoad({ filter: /shaka-player\/dist\/controls\.css$/ }, async ({ path }) => ({
      loader: "css",
      contents: (await Bun.file(path).text()).replaceAll(/@font-face\s*\{[^}]*\}/g, ""),
    }));
  },
};
