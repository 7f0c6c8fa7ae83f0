// What the build must hold: its size, and that no page asks anybody but the program.
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";

const dist = path.join(import.meta.dirname, "../dist");
const kilobyte = 1024;
const firstPageLimit = 200 * kilobyte;
const totalLimit = 350 * kilobyte;

/** Addresses that are names or words: nothing ever connects to them. */
const harmless = [
  /^http:\/\/www\.w3\.org\//, // Namespaces of SVG, MathML and XLink.
  /^https:\/\/react\.dev\//, // Where React's error messages point.
  /^https:\/\/reactrouter\.com\//,
  /^https:\/\/github\.com\//, // Licences and hints of libraries.
  /^https:\/\/mantine\.dev\//,
  /^https:\/\/(www\.)?(i18next|locize|react\.i18next)\.com/,
  /^https:\/\/app\.example\.com/, // An example in our own words.
  /^http:\/\/localhost$/, // A base that a relative address is resolved against.
];

/** What goes over the wire: packed as pack-dist.mjs packs it. */
async function gzipSize(file) {
  return gzipSync(await readFile(path.join(dist, file)), { level: 9 }).length;
}

/** The scripts that the browser loads before it can show the first page. */
function firstScripts(manifest) {
  const files = new Set();
  const visit = (name) => {
    const { file, imports = [] } = manifest[name];
    if (files.has(file)) return;
    files.add(file);
    imports.forEach(visit);
  };
  visit("index.html");
  return [...files].filter((file) => file.endsWith(".js"));
}

async function sum(files) {
  const sizes = await Promise.all(files.map(gzipSize));
  return sizes.reduce((total, size) => total + size, 0);
}

async function foreignAddresses(files) {
  const found = [];
  for (const file of files.filter((name) => /\.(js|css|html|svg)$/.test(name))) {
    const text = await readFile(path.join(dist, file), "utf8");
    for (const [address] of text.matchAll(/\b(?:https?|wss?):\/\/[\w.-]+[^\s"'`\\)<>]*/g)) {
      if (!harmless.some((pattern) => pattern.test(address))) found.push(`${file}: ${address}`);
    }
  }
  return found;
}

const manifest = JSON.parse(await readFile(path.join(dist, ".vite/manifest.json"), "utf8"));
const files = (await readdir(dist, { recursive: true })).map((file) => file.replaceAll(path.sep, "/"));
const first = await sum(firstScripts(manifest));
const total = await sum(files.filter((file) => file.endsWith(".js")));
const foreign = await foreignAddresses(files);

const inKilobytes = (size) => `${(size / kilobyte).toFixed(1)} kB`;
console.log(`JavaScript, gzip: ${inKilobytes(first)} before the first page, ${inKilobytes(total)} in all`);
const problems = foreign.map((address) => `an address beyond the program: ${address}`);
if (first > firstPageLimit) problems.push(`the first page needs more than ${inKilobytes(firstPageLimit)}`);
if (total > totalLimit) problems.push(`all scripts are more than ${inKilobytes(totalLimit)}`);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
