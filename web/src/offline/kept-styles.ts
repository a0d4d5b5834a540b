/** Style files that people added: kept in the browser's own storage, and there again at the next visit. */
import { Problem } from "../engine/problem";

const CACHE = "own-styles";

export async function keepStyle(name: string, bytes: Uint8Array): Promise<void> {
  if (!("caches" in self)) return;
  try {
    await (await caches.open(CACHE)).put(`./own-styles/${name}`, new Response(bytes as BufferSource));
  } catch {
    throw new Problem("The style is ready, but this device has no room to keep it: it is gone when the page closes.");
  }
}

export async function forgetStyle(name: string): Promise<void> {
  if ("caches" in self) await (await caches.open(CACHE)).delete(`./own-styles/${name}`);
}

export async function keptStyles(): Promise<{ name: string; bytes: Uint8Array }[]> {
  if (!("caches" in self)) return [];
  const cache = await caches.open(CACHE);
  const found = [];
  for (const request of await cache.keys()) {
    const response = await cache.match(request);
    const name = request.url.slice(request.url.lastIndexOf("/") + 1);
    if (response) found.push({ name, bytes: new Uint8Array(await response.arrayBuffer()) });
  }
  return found;
}
