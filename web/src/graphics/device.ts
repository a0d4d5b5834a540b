/** The graphics card as the browser gives it. */

// What onnxruntime's programs for the card go up to, where the card can.
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupsPerDimension",
] as const;

/** Returns a device, or nothing where there is none; one that the processor imitates only if `isForced`. */
export async function findDevice(isForced: boolean): Promise<GPUDevice | undefined> {
  const { gpu } = navigator as { gpu?: GPU };
  const adapter = await gpu?.requestAdapter();
  if (!adapter || (adapter.info.isFallbackAdapter && !isForced)) return undefined;
  const limits = LIMITS.map((name) => [name, adapter.limits[name]] as const);
  return adapter.requestDevice({ requiredLimits: Object.fromEntries(limits) });
}
