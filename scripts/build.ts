/**
 * Makes the standalone executables: `bun run build [--target linux-x64] [--image] [api] [consumer]
 * [transcoder]`. Default: all three for this machine, into `dist/`; other targets go to
 * `dist/<target>/`, or where `--out` says. What was built for another machine was not run here, and
 * the last line says so.
 *
 * `--image` makes them for container images: the transcoder's native part lies beside it as a file,
 * so that nothing is unpacked and no folder need be writable; and the api goes without the embedded
 * database, which wants the transcoder beside it.
 */
import { existsSync } from "node:fs";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { arch, platform } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { BunPlugin } from "bun";
import { bundlePage } from "../src/web/bundle.ts";

const root = resolve(import.meta.dir, "..");
const entries = {
  api: "src/api.ts",
  consumer: "src/consumer.ts",
  transcoder: "src/transcoder/index.ts",
} as const;
type Executable = keyof typeof entries;
const executables = Object.keys(entries) as Executable[];

const targets = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"] as const;
type Target = (typeof targets)[number];

const host = `${platform()}-${arch()}` as Target;

type BuildOptions = {
  executable: Executable;
  target: Target;
  folder: string;
  page: string;
  forImage: boolean;
};

const build = async (options: BuildOptions): Promise<void> => {
  const { executable, target, folder, page, forImage } = options;
  const outfile = join(folder, executable);
  const startedMs = performance.now();
  const result = await Bun.build({
    entrypoints: [join(root, entries[executable])],
    // Names stay: Elysia tells its errors apart by the names of their classes.
    minify: { whitespace: true, syntax: true, identifiers: false },
    bytecode: true,
    format: "esm",
    compile: { target: `bun-${target}`, outfile },
    define: {
      SLUICE_COMMIT: JSON.stringify(await commit()),
      SLUICE_FOR_IMAGE: String(forImage),
    },
    plugins: [
      forImage ? nativeBindingBeside : await nativeBinding(target),
      embeddedPage(page),
      ...(forImage ? [withoutEmbeddedDatabase] : []),
    ],
  });
  if (!result.success) {
    throw new AggregateError(result.logs, `${executable} did not build`);
  }
  const megabytes = (Bun.file(outfile).size / 1e6).toFixed(0);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${outfile}: ${megabytes} MB in ${seconds} s`);
};

/**
 * node-av loads its addon by a computed name, which no bundler can follow; one static require in
 * that module's place makes Bun embed the addon of the target.
 */
const nativeBinding = async (target: Target): Promise<BunPlugin> => {
  const addon = await addonPath(target);
  return {
    name: "native-binding",
    setup: (builder) => {
      builder.onLoad({ filter: /node-av\/dist\/lib\/binding\.js$/ }, () => ({
        loader: "js",
        contents: `export const bindings = require(${JSON.stringify(addon)});`,
      }));
    },
  };
};

/** In an image the addon is a file beside the executable; its place is known only where it runs. */
const nativeBindingBeside: BunPlugin = {
  name: "native-binding-beside",
  setup: (builder) => {
    builder.onLoad({ filter: /node-av\/dist\/lib\/binding\.js$/ }, () => ({
      loader: "js",
      contents: `
        import { dirname, join } from "node:path";
        const addon = { exports: {} };
        process.dlopen(addon, join(dirname(process.execPath), ${JSON.stringify(ADDON_FILE)}));
        export const bindings = addon.exports;
      `,
    }));
  },
};

/** The file's name beside the transcoder in an image. */
const ADDON_FILE = "node-av.node";

/** 17 MB that an api with a PostgreSQL server never touches; `api.ts` says so before this is called. */
const withoutEmbeddedDatabase: BunPlugin = {
  name: "without-embedded-database",
  setup: (builder) => {
    builder.onLoad({ filter: /src\/db\/pglite\.ts$/ }, () => ({
      loader: "ts",
      contents: `export const openPglite = async () => { throw new Error("no embedded database"); };`,
    }));
  },
};

/** The addon in node_modules, or, for another machine, fetched from the registry into `dist/.addons`. */
const addonPath = async (target: Target): Promise<string> => {
  const name = `@seydx/node-av-${target}`;
  const installed = join(root, "node_modules", name, "node-av.node");
  if (existsSync(installed)) {
    return installed;
  }
  const folder = join(root, "dist", ".addons", target);
  const { version } = await Bun.file(join(root, "node_modules/node-av/package.json")).json();
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({ dependencies: { [name]: version } }),
  );
  const [os, cpu] = target.split("-");
  const install = Bun.spawn(
    [process.execPath, "install", "--os", `${os}`, "--cpu", `${cpu}`, "--no-save"],
    { cwd: folder, stdout: "ignore", stderr: "inherit" },
  );
  if ((await install.exited) !== 0) {
    throw new Error(`${name}@${version} could not be installed`);
  }
  return join(folder, "node_modules", name, "node-av.node");
};

/** Puts the finished page in the place of the module that bundles it from source. */
const embeddedPage = (contents: string): BunPlugin => ({
  name: "embedded-page",
  setup: (builder) => {
    builder.onLoad({ filter: /src\/web\/bundle\.ts$/ }, () => ({ loader: "ts", contents }));
  },
});

/** Bundles the page once, before the executables: a bundler that runs inside another one's plugin never ends. */
const embeddedPageSource = async (): Promise<string> => {
  const folder = join(root, "dist", ".page");
  await rm(folder, { recursive: true, force: true });
  const files = await Promise.all(
    (await bundlePage()).map(async (asset, index) => {
      const file = join(folder, `${index}.asset`);
      await Bun.write(file, asset.bytes);
      return { file, path: asset.path };
    }),
  );
  return embeddedPageModule(files);
};

const embeddedPageModule = (files: readonly { file: string; path: string }[]): string => `
  import { toPageAsset } from "./assets.ts";
  ${files.map(({ file }, index) => `import file${index} from ${JSON.stringify(file)} with { type: "file" };`).join("\n")}
  const files = [${files.map(({ path }, index) => `[${JSON.stringify(path)}, file${index}]`).join(", ")}];
  export const bundlePage = () => Promise.all(files.map(async ([path, file]) =>
    toPageAsset({ path, bytes: new Uint8Array(await Bun.file(file).arrayBuffer()) })));
`;

/** From git, or, where there is no checkout (a container build), from the environment. */
const commit = async (): Promise<string> => {
  const given = process.env.SLUICE_COMMIT;
  if (given) {
    return given.slice(0, 12);
  }
  const git = Bun.spawn(["git", "rev-parse", "--short=12", "HEAD"], {
    cwd: root,
    stdout: "pipe",
    stderr: "ignore",
  });
  const text = (await new Response(git.stdout).text()).trim();
  return (await git.exited) === 0 && text !== "" ? text : "unknown";
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    target: { type: "string", default: host },
    image: { type: "boolean", default: false },
    out: { type: "string" },
  },
});
const target = targets.find((name) => name === values.target);
const wanted =
  positionals.length === 0 ? executables : executables.filter((name) => positionals.includes(name));
if (!target || wanted.length !== (positionals.length || executables.length)) {
  console.error(
    `usage: bun run build [--target ${targets.join("|")}] [--image] [--out folder] [${executables.join("] [")}]`,
  );
  process.exit(64);
}
const folder = values.out
  ? resolve(values.out)
  : join(root, "dist", ...(target === host ? [] : [target]), ...(values.image ? ["image"] : []));
const page = wanted.includes("api") ? await embeddedPageSource() : "";
for (const executable of wanted) {
  await build({ executable, target, folder, page, forImage: values.image });
}
if (values.image && wanted.includes("transcoder")) {
  await copyFile(await addonPath(target), join(folder, ADDON_FILE));
}
if (target !== host) {
  console.log(`Built for ${target} on ${host}: not run here.`);
}
