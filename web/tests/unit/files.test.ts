/** What files are, by their first bytes; names; and archives. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { distinct, savedName } from "../../src/files/names";
import { announcedSize, kindOf } from "../../src/files/sniff";
import { zip } from "../../src/files/zip";
import { heic, pngHead, scene, styleFile } from "../browser/files";

test("kinds and sizes by the first bytes", () => {
  const photo = new Uint8Array(scene("town").bytes);
  expect(kindOf(photo)).toBe("jpeg");
  expect(announcedSize("jpeg", photo)).toEqual({ width: 1024, height: 768 });
  const png = new Uint8Array(pngHead(10_000, 9_000).bytes);
  expect([kindOf(png), announcedSize("png", png)]).toEqual(["png", { width: 10_000, height: 9_000 }]);
  expect(kindOf(new Uint8Array(heic.bytes))).toBe("heic");
  expect(kindOf(new Uint8Array(styleFile("mine").bytes))).toBe("style");
  expect(kindOf(new TextEncoder().encode("<svg xmlns=''>"))).toBe("svg");
  expect(kindOf(new Uint8Array(0))).toBe("unknown");
  expect(announcedSize("jpeg", photo.subarray(0, 30))).toBeUndefined();
});

test("names of saved files", () => {
  expect(savedName("IMG 7.HEIC", "waves", "jpg")).toBe("IMG 7-waves.jpg");
  expect(savedName("../a:b.png", "klee", "webp")).toBe(".._a_b-klee.webp");
  expect(distinct(["a.jpg", "b.jpg", "a.jpg", "a.jpg"])).toEqual(["a.jpg", "b.jpg", "a-2.jpg", "a-3.jpg"]);
});

test("an archive that other programs open", async () => {
  const archive = await zip([
    { name: "ä.txt", blob: new Blob(["one"]) },
    { name: "b.txt", blob: new Blob(["two", "three"]) },
  ]);
  const path = join(mkdtempSync(join(tmpdir(), "nst-zip-")), "a.zip");
  writeFileSync(path, new Uint8Array(await archive.arrayBuffer()));
  const program =
    "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), {n: z.read(n) for n in z.namelist()})";
  const read = execFileSync("python3", ["-c", program, path], { encoding: "utf8", env: { PYTHONIOENCODING: "utf8" } });
  expect(read.trim()).toBe("None {'ä.txt': b'one', 'b.txt': b'twothree'}");
  expect(readFileSync(path).length).toBe(archive.size);
});
