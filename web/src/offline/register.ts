/** Keeps the page for use offline, where the browser can; without that it works as before. */
export async function keepOffline(): Promise<void> {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("./sw.js", { updateViaCache: "none" });
  } catch (error) {
    console.info("The page is not kept for use offline:", error);
  }
}
