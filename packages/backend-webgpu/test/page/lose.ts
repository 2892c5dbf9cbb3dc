/** A device that is lost in the middle of work, and one that cannot do what it is asked for. */
import { closeBackends, matmul, tensor, use } from '@stratajs/core';
import { webgpu } from '../../src/index.js';

export interface Lost {
  /** Of a read under way, of a kernel, and of a read afterwards. */
  readonly errors: readonly string[];
  /** What an engine opened anew computes. */
  readonly again: unknown;
}

export async function lose(): Promise<Lost> {
  const devices: GPUDevice[] = [];
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...of): Promise<GPUDevice> {
    const device = await requestDevice.apply(this, of);
    devices.push(device);
    return device;
  };
  await use(webgpu());
  const x = tensor([[1, 2]]);
  const y = matmul(x, tensor([[3], [4]]));
  const errors: string[] = [];
  const said = (error: unknown): void => {
    const { name, message } = error as Error;
    errors.push(`${name}: ${message}`);
  };
  const reading = y.data();
  devices.at(-1)!.destroy();
  await reading.then(() => errors.push('none'), said);
  try {
    matmul(y, y);
    errors.push('none');
  } catch (error) {
    said(error);
  }
  await y.data().then(() => errors.push('none'), said);
  await closeBackends();
  await use(webgpu());
  return { errors, again: await matmul(tensor([[1, 2]]), tensor([[3], [4]])).array() };
}
