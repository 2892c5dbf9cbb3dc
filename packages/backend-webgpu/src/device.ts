/// <reference lib="dom" />
/** The device of the GPU: how one is asked for, and why there is none. */
import { BackendError } from '@stratajs/core';

export interface OpenedDevice {
  readonly device: GPUDevice;
  readonly info: GPUAdapterInfo;
}

/** What devices have little of unless they are asked for all that the adapter has. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

/** Why WebGPU cannot compute here, or null when it can. Never throws. */
export async function whyNot(): Promise<string | null> {
  try {
    const { device } = await requestDevice();
    device.destroy();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * A device that nobody else uses, with the adapter's limits. Software adapters are welcome: slow is better than not at all, and
 * describe() names them.
 *
 * @throws BackendError that says why there is none.
 */
export async function requestDevice(): Promise<OpenedDevice> {
  const { navigator } = globalThis as { navigator?: { gpu?: GPU } };
  if (navigator?.gpu === undefined) {
    throw new BackendError(
      globalThis.isSecureContext === false
        ? 'WebGPU needs a page from https or localhost: this one is from elsewhere'
        : 'WebGPU needs a browser that offers navigator.gpu, which this environment does not',
    );
  }
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) {
    throw new BackendError(
      'the browser offers WebGPU, and no adapter: it has no GPU that it supports, or WebGPU is turned off',
    );
  }
  const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]));
  try {
    return { device: await adapter.requestDevice({ requiredLimits }), info: adapter.info };
  } catch (error) {
    throw new BackendError(`the adapter gives no device: ${String(error)}`, { cause: error });
  }
}

/** What the browser says of the GPU. */
export function nameOf({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  const parts = [description, vendor, architecture, device].filter((part) => part !== '');
  return parts.length > 0 ? [...new Set(parts)].join(', ') : 'a GPU that the browser does not name';
}

/** Whether a processor stands in for the GPU. */
export function isSoftware({ architecture, isFallbackAdapter }: GPUAdapterInfo): boolean {
  return isFallbackAdapter || architecture === 'swiftshader';
}
