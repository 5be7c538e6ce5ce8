// npm run pack [-- DIR]: builds the packages and writes their tarballs into DIR (default: outputs/packages). They can be
// installed together in any project: npm install DIR/*.tgz
import { join, relative } from "node:path";
import { buildAndPack, ROOT } from "./packages.mjs";

for (const { file, size } of buildAndPack(process.argv[2] ?? join(ROOT, "outputs", "packages"))) {
  process.stdout.write(`${relative(process.cwd(), file)}  ${(size / 1000).toFixed(0)} kB\n`);
}
