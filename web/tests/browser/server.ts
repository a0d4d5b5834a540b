/** Serves the built page on loopback, with or without the headers that isolate it. */
import { createServer, type Server, type ServerResponse } from "node:http";
import { existsSync, readFileSync, statSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import type { AddressInfo } from "node:net";

export const DIST = join(import.meta.dirname, "../../dist");
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
};

export interface Served {
  readonly url: string;
  /** The paths that were asked for. */
  readonly asked: ReadonlySet<string>;
  close(): Promise<void>;
}

export interface ServeOptions {
  /** Whether to send the headers that isolate the page. */
  readonly isolated?: boolean;
  /** A folder to serve besides, under `more/`. */
  readonly more?: string;
  /** Files to serve besides, or in place of the page's, by their path from it. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

export async function serve({ isolated = false, more = "", files = {} }: ServeOptions = {}): Promise<Served> {
  const asked = new Set<string>();
  const server: Server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname));
    asked.add(path);
    const inner = path.endsWith("/") ? `${path}index.html` : path;
    const file = inner.startsWith("/more/") ? join(more, inner.slice(6)) : join(DIST, inner);
    if (inner === "/blank.html") {
      response.setHeader("Content-Type", "text/html");
      isolate(response, isolated);
      response.end("<!doctype html><title>blank</title>");
      return;
    }
    const given = files[inner.slice(1)];
    if (given) {
      isolate(response, isolated);
      response.setHeader("Content-Type", TYPES[extname(inner)] ?? "application/octet-stream");
      response.end(given);
      return;
    }
    if (!existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("Content-Type", TYPES[extname(file)] ?? "application/octet-stream");
    isolate(response, isolated);
    response.end(readFileSync(file));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function isolate(response: ServerResponse, isIsolated: boolean): void {
  if (!isIsolated) return;
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
}
