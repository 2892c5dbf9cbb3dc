/** What the plugin says in browsers that cannot run it: this one, with WebGL taken away piece by piece. */
import { use } from '@stratajs/core';
import { webgl } from '../../src/index.js';

export interface Refused {
  readonly sound: string | null;
  readonly withoutContext: string | null;
  readonly withoutFloat32: string | null;
  readonly brokenContext: string | null;
  /** The error of use(). */
  readonly error: string;
}

export async function refuse(): Promise<Refused> {
  const { probe } = webgl();
  const sound = await probe();
  const canvas = HTMLCanvasElement.prototype;
  const { getContext } = canvas;

  canvas.getContext = () => null;
  const withoutContext = await probe();
  const error = await use(webgl()).then(
    () => 'none',
    (e: Error) => `${e.name}: ${e.message}`,
  );
  canvas.getContext = () => {
    throw new Error('no more contexts');
  };
  const brokenContext = await probe();
  canvas.getContext = getContext;

  const gl = WebGL2RenderingContext.prototype;
  const { getExtension } = gl;
  gl.getExtension = function (this: WebGL2RenderingContext, name: 'WEBGL_multi_draw') {
    return String(name) === 'EXT_color_buffer_float' ? null : getExtension.call(this, name);
  } as typeof getExtension;
  const withoutFloat32 = await probe();
  gl.getExtension = getExtension;
  return { sound, withoutContext, withoutFloat32, brokenContext, error };
}
