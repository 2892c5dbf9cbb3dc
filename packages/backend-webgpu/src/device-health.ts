/// <reference lib="dom" />
import { BackendError } from '@stratajs/core';

/** Milliseconds that a device may take to say that it is lost. */
const PATIENCE = 1000;

/** Whether a device still computes: what it reports by events becomes an error of the next call. */
export class DeviceHealth {
  private readonly device: GPUDevice;
  private lost: string | null = null;
  /** The first thing that went wrong since the last call that told. */
  private failure: string | null = null;
  private closed = false;

  constructor(device: GPUDevice) {
    this.device = device;
    void device.lost.then(({ reason, message }) => {
      if (!this.closed) this.lost = message === '' ? reason : message;
    });
    device.addEventListener('uncapturederror', ({ error }) => (this.failure ??= error.message));
  }

  /** @throws BackendError when the device is lost. */
  check(): void {
    if (this.lost === null) return;
    throw new BackendError(
      `The GPU's device was lost, and all tensors on it: ${this.lost}. closeBackends(), use(webgpu()) again or another engine, and go on from a ` +
        'checkpoint.',
    );
  }

  /**
   * What `read` gives, when everything before it has gone well.
   *
   * @throws BackendError when the device is lost, meanwhile too, or has reported an error.
   */
  async watch<T>(read: () => Promise<T>): Promise<T> {
    this.check();
    let value: T;
    try {
      value = await read();
    } catch (error) {
      // A read that is cut off is told of before the device is.
      await Promise.race([
        this.device.lost,
        new Promise((resolve) => setTimeout(resolve, PATIENCE)),
      ]);
      this.check();
      throw error;
    }
    this.check();
    const { failure } = this;
    if (failure === null) return value;
    this.failure = null;
    throw new BackendError(
      `The GPU reported an error since values were read last, so that they mean nothing: ${failure}`,
    );
  }

  /** From here on nobody is told. */
  close(): void {
    this.closed = true;
  }
}
