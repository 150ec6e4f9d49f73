import { fileURLToPath } from "node:url";
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
    publicPath: "/",
    naming: {
      entry: "[name].[ext]",
      chunk: "assets/[name]-[hash].[ext]",
      asset: "assets/[name]-[hash].[ext]",
    },
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
