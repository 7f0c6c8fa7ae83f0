// Packs what the program carries of the pages: a third of the bytes, in the program and on the way to a browser. The
// server unpacks for whoever does not take gzip, as the window.
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";

const assets = path.join(import.meta.dirname, "../dist/assets");

for (const name of await readdir(assets)) {
  if (!/\.(js|css|svg|json)$/.test(name)) continue;
  const file = path.join(assets, name);
  const packed = gzipSync(await readFile(file), { level: 9 });
  // Which system packed it is not said: everywhere the same bytes.
  packed[9] = 255;
  await writeFile(`${file}.gz`, packed);
  await rm(file);
}
