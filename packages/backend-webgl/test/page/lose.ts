/** A context that is lost in the middle of work. */
import { closeBackends, matmul, tensor, use } from '@stratajs/core';
import { webgl } from '../../src/index.js';

export interface Lost {
  /** Of a read under way, of a kernel, and of a read afterwards. */
  readonly errors: readonly string[];
  /** What an engine opened anew computes. */
  readonly again: unknown;
}

export async function lose(): Promise<Lost> {
  const contexts: WebGL2RenderingContext[] = [];
  const { getContext } = HTMLCanvasElement.prototype;
  HTMLCanvasElement.prototype.getContext = function (
    this: HTMLCanvasElement,
    ...of: [string, unknown]
  ) {
    const context = getContext.apply(this, of as never);
    contexts.push(context as unknown as WebGL2RenderingContext);
    return context;
  } as typeof getContext;
  await use(webgl());
  const x = tensor([[1, 2]]);
  const y = matmul(x, tensor([[3], [4]]));
  const errors: string[] = [];
  const said = (error: unknown): void => {
    const { name, message } = error as Error;
    errors.push(`${name}: ${message}`);
  };
  const reading = y.data();
  contexts.at(-1)!.getExtension('WEBGL_lose_context')!.loseContext();
  await reading.then(() => errors.push('none'), said);
  try {
    matmul(y, y);
    errors.push('none');
  } catch (error) {
    said(error);
  }
  await y.data().then(() => errors.push('none'), said);
  await closeBackends();
  await use(webgl());
  return { errors, again: await matmul(tensor([[1, 2]]), tensor([[3], [4]])).array() };
}
