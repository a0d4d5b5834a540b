/**
 * Keeps the page's files, each by its hash, so that the page works without a connection. What it serves says that the
 * page is isolated, so that there are threads even on hosts that cannot send such headers. A page that is open keeps
 * the version that it began with.
 */
/** Paths from the page, with the start of each file's SHA-256. */
type Files = Readonly<Record<string, string>>;

const worker = self as unknown as ServiceWorkerGlobalScope & { PRECACHE: Files };
worker.importScripts("./precache.js"); // written when the page is put together
const FILES = worker.PRECACHE;
const CACHE = "files";
/** What few need, such as the program for graphics cards: it is kept when it is first asked for. */
const ON_DEMAND = "assets/graphics/";
const NAMED_BY_HASH = "assets/";
const AT_ONCE = 3; // browsers open some six connections, and the page needs the others
const HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "X-Content-Type-Options": "nosniff",
};

const keyOf = (path: string): string => new URL(`${path}?${FILES[path]}`, worker.registration.scope).href;

worker.addEventListener("install", (event) => {
  event.waitUntil(keepAll());
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(dropOld());
});

worker.addEventListener("fetch", (event) => {
  const path = pathOf(event.request);
  if (path !== undefined) event.respondWith(serve(path, event.request));
});

async function keepAll(): Promise<void> {
  const cache = await caches.open(CACHE);
  const paths = Object.keys(FILES).filter((path) => !path.startsWith(ON_DEMAND));
  const next = async (): Promise<void> => {
    for (let path = paths.shift(); path !== undefined; path = paths.shift()) await keep(cache, path);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
}

async function keep(cache: Cache, path: string): Promise<void> {
  if (await cache.match(keyOf(path))) return;
  const response = await fetch(new URL(path, worker.registration.scope), {
    cache: path.startsWith(NAMED_BY_HASH) ? "default" : "no-cache",
  });
  if (!response.ok) throw new Error(`${path} is missing`);
  const bytes = await response.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (!found.startsWith(FILES[path])) throw new Error(`${path} is not of this version`);
  await cache.put(keyOf(path), new Response(bytes, { headers: response.headers }));
}

async function dropOld(): Promise<void> {
  const cache = await caches.open(CACHE);
  const kept = new Set(Object.keys(FILES).map(keyOf));
  for (const { url } of await cache.keys()) if (!kept.has(url)) await cache.delete(url);
}

/** The path from the page of a file that we keep, or nothing for other requests. */
function pathOf(request: Request): string | undefined {
  if (request.method !== "GET" || !request.url.startsWith(worker.registration.scope)) return undefined;
  const path = decodeURIComponent(request.url.slice(worker.registration.scope.length).replace(/[?#].*$/, ""));
  return FILES[path || "index.html"] === undefined ? undefined : path || "index.html";
}

async function serve(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  if (path.startsWith(ON_DEMAND)) await keep(cache, path);
  const kept = await cache.match(keyOf(path));
  if (!kept) return fetch(request);
  const headers = new Headers(kept.headers);
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  return new Response(kept.body, { status: 200, headers });
}
