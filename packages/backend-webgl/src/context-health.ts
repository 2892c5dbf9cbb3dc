/// <reference lib="dom" />
import { BackendError } from '@stratajs/core';

/** Whether a context still computes: browsers take them away, when a driver restarts or too many are open. */
export class ContextHealth {
  private readonly gl: WebGL2RenderingContext;
  /** Rejects when the context is lost. */
  private readonly loss: Promise<never>;

  constructor(gl: WebGL2RenderingContext) {
    this.gl = gl;
    this.loss = new Promise((_, reject) =>
      gl.canvas.addEventListener('webglcontextlost', () => reject(lost()), { once: true }),
    );
    // Of interest to reads alone.
    this.loss.catch(() => {});
  }

  /** @throws BackendError when the context is lost. */
  check(): void {
    if (this.gl.isContextLost()) throw lost();
  }

  /**
   * What `read` gives. In a lost context it would wait for ever.
   *
   * @throws BackendError when the context is lost, also meanwhile.
   */
  async watch<T>(read: () => Promise<T>): Promise<T> {
    this.check();
    const value = await Promise.race([read(), this.loss]);
    this.check();
    return value;
  }
}

function lost(): BackendError {
  return new BackendError(
    "The browser took the engine's WebGL context away, and all tensors on it. closeBackends(), use(webgl()) again or another engine, and go " +
      'on from a checkpoint.',
  );
}
