// Writes static/vendor: the widget bundle, its AudioWorklet files, licences, versions.
// The same lock file gives the same bytes, so the file names' hashes stay stable.
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const modules = path.join(root, "node_modules");
const target = path.join(root, "static", "vendor");
const client = path.join(modules, "@elevenlabs/client/dist/platform/web");

async function write(name, text) {
  // collectstatic stops at a source map that is named but not there.
  const clean = text.replace(/^\/\/[#@] sourceMappingURL=.*$\n?/gm, "");
  await writeFile(path.join(target, name), clean);
  const size = (Buffer.byteLength(clean) / 1024).toFixed(0);
  console.log(`static/vendor/${name}  ${size} KiB`);
}

// The widget's style sheet asks a public host for its font; system fonts follow it in
// the list, and a candidate's browser has no reason to tell anyone else of the visit.
const withoutWebFont = {
  name: "without-web-font",
  setup(build) {
    build.onLoad({ filter: /convai-widget-core[\\/]dist[\\/]index\.js$/ }, async (file) => {
      const source = await readFile(file.path, "utf8");
      return { contents: source.replace(/@import \\?"https:[^";\\]+\\?";/g, "") };
    });
  },
};

async function buildBundle() {
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ["scripts/widget/entry.js"],
    bundle: true,
    format: "iife",
    minify: true,
    charset: "utf8",
    target: "es2022",
    // The licences go into a file of their own, complete.
    legalComments: "none",
    alias: { react: "preact/compat", "react-dom": "preact/compat" },
    define: { "process.env.NODE_ENV": '"production"' },
    plugins: [withoutWebFont],
    write: false,
  });
  const [{ text }] = result.outputFiles;
  if (text.includes("@import")) {
    throw new Error("The widget loads a style sheet from elsewhere: see withoutWebFont.");
  }
  await write("convai-widget.js", text);
}

/** Write one worklet that the client carries as a string and loads from a blob. */
async function extractWorklet(generatedFile, name) {
  // The client's loader is replaced by a function that returns the string itself.
  const returnSource = {
    name: "return-source",
    setup(build) {
      build.onResolve({ filter: /createWorkletModuleLoader/ }, () => ({
        path: "loader",
        namespace: "return-source",
      }));
      build.onLoad({ filter: /.*/, namespace: "return-source" }, () => ({
        contents: "export const createWorkletModuleLoader = (name, source) => source;",
      }));
    },
  };
  const result = await esbuild.build({
    entryPoints: [path.join(client, generatedFile)],
    bundle: true,
    format: "esm",
    plugins: [returnSource],
    write: false,
  });
  const code = Buffer.from(result.outputFiles[0].text).toString("base64");
  const [source] = Object.values(await import(`data:text/javascript;base64,${code}`));
  if (typeof source !== "string" || !source.includes("registerProcessor")) {
    throw new Error(`${generatedFile} holds no worklet: the client has changed.`);
  }
  await write(name, `${source.trim()}\n`);
}

async function describe(folder) {
  const at = path.join(root, folder);
  const { name, version, license } = JSON.parse(
    await readFile(path.join(at, "package.json"), "utf8"),
  );
  const files = (await readdir(at)).filter((file) => /^licen[cs]e/i.test(file)).sort();
  const texts = await Promise.all(
    files.map((file) => readFile(path.join(at, file), "utf8")),
  );
  return { name, version, license: license ?? "see its text", text: texts.join("\n").trim() };
}

/**
 * List every installed package but the build tool: the widget arrives with its own
 * dependencies already merged in, so the bundle alone does not tell which they are.
 */
async function writeNotices() {
  const lock = JSON.parse(await readFile(path.join(root, "package-lock.json"), "utf8"));
  const folders = Object.keys(lock.packages).filter(
    (folder) => folder && !/node_modules\/@?esbuild(\/|$)/.test(folder),
  );
  const packages = await Promise.all(folders.sort().map(describe));
  const heading = ({ name, version, license }) => `${name} ${version} (${license})`;
  await write(
    "VERSIONS.txt",
    `Made by "make widget" from package-lock.json.\n\n${packages.map(heading).join("\n")}\n`,
  );
  const line = "-".repeat(72);
  const notices = packages.map(
    (item) => `${heading(item)}\n\n${item.text || `Licence: ${item.license}`}\n`,
  );
  await write("LICENSES.txt", notices.join(`\n${line}\n`));
}

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
await buildBundle();
await extractWorklet("rawAudioProcessor.generated.js", "raw-audio-processor.js");
await extractWorklet("audioConcatProcessor.generated.js", "audio-concat-processor.js");
const libsamplerate = "@alexanderolsen/libsamplerate-js/dist/libsamplerate.worklet.js";
await write(
  "libsamplerate.worklet.js",
  await readFile(path.join(modules, libsamplerate), "utf8"),
);
await writeNotices();
