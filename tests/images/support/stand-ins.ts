/**
 * Base images under their real names, made from the system's packages: the tests build the real
 * Dockerfile where no registry of images can be reached. `SLUICE_TEST_BASES=registry` takes the real
 * ones instead.
 */
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { $ } from "bun";
import { engine, tryEngine } from "./engine.ts";

/** What `gcr.io/distroless/cc-debian12` holds. */
const RUNTIME_PACKAGES = [
  ...["base-files", "netbase", "media-types", "tzdata", "ca-certificates"],
  ...["libc6", "libgcc-s1", "libstdc++6", "libgomp1"],
] as const;

/** What a build needs besides Bun: a shell and its everyday commands. */
const BUILD_PACKAGES = [
  ...["base-files", "libc6", "libgcc-s1", "dash", "coreutils"],
  ...["libacl1", "libattr1", "libselinux1", "libpcre2-8-0", "libgmp10"],
] as const;

export const RUNTIME_BASE = "gcr.io/distroless/cc-debian12:nonroot";

/** Makes whatever is missing. @param buildBase the name in the Dockerfile's first FROM */
export const provideBases = async (buildBase: string): Promise<void> => {
  if (process.env.SLUICE_TEST_BASES === "registry") {
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), "sluice-bases-"));
  try {
    const packages = new Set([...RUNTIME_PACKAGES, ...BUILD_PACKAGES]);
    await $`apt-get download -q ${[...packages]}`.cwd(folder).quiet();
    await provide(RUNTIME_BASE, () => runtimeRoot(folder), [
      ...["--user", "65532", "--workingdir", "/home/nonroot"],
      ...["--env", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
      ...["--env", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"],
    ]);
    await provide(buildBase, () => buildRoot(folder), [
      ...["--env", "PATH=/usr/local/bin:/usr/bin:/bin"],
      // A machine that trusts a certificate of its own is trusted in the build as well.
      ...["--env", `NODE_EXTRA_CA_CERTS=${CERTIFICATES}`],
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

const provide = async (
  name: string,
  makeRoot: () => Promise<string>,
  config: readonly string[],
): Promise<void> => {
  if ((await tryEngine("buildah", ["inspect", "--type", "image", name])).exitCode === 0) {
    return;
  }
  const root = await makeRoot();
  const container = await engine("buildah", "from", "scratch");
  await engine("buildah", "copy", container, root, "/");
  await engine("buildah", "config", ...config, container);
  await engine("buildah", "commit", "--rm", "--format", "docker", container, name);
};

const unpack = async (folder: string, root: string, packages: readonly string[]) => {
  const files = await readdir(folder);
  for (const name of packages) {
    const file = files.find((candidate) => candidate.startsWith(`${name}_`));
    if (file === undefined) {
      throw new Error(`${name} was not downloaded`);
    }
    await $`dpkg-deb -x ${join(folder, file)} ${root}`.quiet();
  }
};

const runtimeRoot = async (folder: string): Promise<string> => {
  const root = join(folder, "runtime");
  await mkdir(root);
  await unpack(folder, root, RUNTIME_PACKAGES);
  await rm(join(root, "usr/share/doc"), { recursive: true, force: true });
  await rm(join(root, "usr/share/man"), { recursive: true, force: true });
  await mkdir(join(root, "etc/ssl/certs"), { recursive: true });
  await writeFile(join(root, CERTIFICATES), await mozillaCertificates(root));
  await writeFile(
    join(root, "etc/passwd"),
    "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
  );
  await writeFile(join(root, "etc/group"), "root:x:0:\nnonroot:x:65532:\n");
  await writeFile(join(root, "etc/nsswitch.conf"), "hosts: files dns\n");
  await mkdir(join(root, "home/nonroot"), { recursive: true });
  await mkdir(join(root, "tmp"), { recursive: true });
  await chmod(join(root, "tmp"), 0o1777);
  return root;
};

const mozillaCertificates = async (root: string): Promise<string> => {
  const mozilla = join(root, "usr/share/ca-certificates/mozilla");
  const names = (await readdir(mozilla)).sort();
  return (await Promise.all(names.map((name) => readFile(join(mozilla, name), "utf8")))).join("");
};

const buildRoot = async (folder: string): Promise<string> => {
  const root = join(folder, "build");
  await mkdir(root);
  await unpack(folder, root, BUILD_PACKAGES);
  await symlink("dash", join(root, "bin/sh")).catch(() => {});
  await mkdir(join(root, "usr/local/bin"), { recursive: true });
  await copyFile(process.execPath, join(root, "usr/local/bin/bun"));
  await chmod(join(root, "usr/local/bin/bun"), 0o755);
  await mkdir(join(root, "etc/ssl/certs"), { recursive: true });
  const trusted = process.env.NODE_EXTRA_CA_CERTS || CERTIFICATES;
  await copyFile(trusted, join(root, CERTIFICATES));
  await mkdir(join(root, "tmp"), { recursive: true });
  return root;
};
