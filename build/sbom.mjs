// Adds the npm packages of the pages to the bill of materials that
// cyclonedx-gomod wrote of a program, and dates it by the commit, so that the
// same commit gives the same bytes.
//
//   node build/sbom.mjs GO.json OUT.json SECONDS
import { readFileSync, writeFileSync } from "node:fs";

const [, , from, to, seconds] = process.argv;
const bill = JSON.parse(readFileSync(from, "utf8"));
const { packages } = JSON.parse(readFileSync("frontend/package-lock.json", "utf8"));

for (const [place, p] of Object.entries(packages)) {
  const name = place.split("node_modules/").at(-1);
  if (place === "" || p.dev || p.optional || p.devOptional || name.startsWith("@types/")) continue;
  const purl = `pkg:npm/${name.replace("@", "%40")}@${p.version}`;
  // Two that depend on the same version of a third may each have their own copy.
  if (bill.components.some((c) => c.purl === purl)) continue;
  const [algorithm, digest] = p.integrity?.split("-") ?? [];
  bill.components.push({
    "bom-ref": purl,
    type: "library",
    name,
    version: p.version,
    purl,
    ...(algorithm === "sha512" && { hashes: [{ alg: "SHA-512", content: Buffer.from(digest, "base64").toString("hex") }] }),
    ...(p.license && { licenses: [/[ (]/.test(p.license) ? { expression: p.license } : { license: { id: p.license } }] }),
  });
}

bill.components.sort((a, b) => (a["bom-ref"] < b["bom-ref"] ? -1 : 1));
bill.metadata.timestamp = new Date(Number(seconds) * 1000).toISOString();
delete bill.serialNumber;
writeFileSync(to, JSON.stringify(bill, null, 2) + "\n");
