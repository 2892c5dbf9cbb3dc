/**
 * Programs that run without tfjs's frame: they may have several results, and what differs from call to call, shapes too, reaches them as
 * uniforms. One program serves all shapes; tfjs compiles one for each.
 */
import { BackendError } from '@stratajs/core';
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from './program.js';

export type Named<T> = Readonly<Record<string, T>>;

export interface Result {
  readonly shape: readonly number[];
  readonly dtype: TensorInfo['dtype'];
}

export interface Fragment {
  /** Tensors on the GPU, `sampler2D` in the code. */
  readonly textures?: Named<TensorInfo>;
  readonly floats?: Named<number>;
  /** Of one to four elements: `int`, `ivec2`, … */
  readonly ints?: Named<readonly number[]>;
  /** `vec4` in the code. Their shapes are of as many rows and columns; four at most, as many as every WebGL 2 writes at once. */
  readonly results: Named<Result>;
  /** Whether a texel of the results holds two rows of two elements, or else one element. */
  readonly packed: boolean;
  /** GLSL ES 3 with main(), after PLACE. */
  readonly code: string;
}

/**
 * `texelAt(x, i)` reads texel i of a texture, in the order of the tensor's elements; `texelHere(x)` the one in the place of the result's.
 * `texel()`: which of the result's texels is computed, in the order of its elements. Of one that is packed `element()` is the first of its
 * four elements, the second follows, the third is `place.y` further; `inside()`: which of them the result has. The others must be 0,
 * because products add them.
 */
const PLACE = `
  // Rows and columns of the result's last two axes, and texels from left to right in its texture.
  uniform ivec3 place;

  vec4 texelAt(sampler2D x, int i) {
    int width = textureSize(x, 0).x;
    return texelFetch(x, ivec2(i % width, i / width), 0);
  }

  int texel() { return int(gl_FragCoord.y) * place.z + int(gl_FragCoord.x); }

  // Tensors of one shape may lie in textures of several widths: what is uploaded is laid out as matrices.
  vec4 texelHere(sampler2D x) {
    if (textureSize(x, 0).x == place.z) return texelFetch(x, ivec2(gl_FragCoord.xy), 0);
    return texelAt(x, texel());
  }

  bvec4 inside() {
    ivec2 halves = (place.xy + 1) / 2;
    bool right = texel() % halves.y < place.y / 2;
    bool below = texel() / halves.y % halves.x < place.x / 2;
    return bvec4(true, right, below, right && below);
  }

  int element() {
    ivec2 halves = (place.xy + 1) / 2;
    int matrix = texel() / (halves.x * halves.y);
    int row = 2 * (texel() / halves.y % halves.x);
    return (matrix * place.x + row) * place.y + 2 * (texel() % halves.y);
  }
`;

interface Compiled {
  readonly program: ReturnType<MathBackendWebGL['gpgpu']['createProgram']>;
  readonly uniforms: Named<WebGLUniformLocation>;
}

interface Prepared {
  readonly programs: Map<string, Compiled>;
  /** By how many textures are written. */
  readonly framebuffers: Map<number, WebGLFramebuffer>;
}

const prepared = new WeakMap<MathBackendWebGL, Prepared>();

/** The results, in the order of their names. */
export function runFragment(gpu: MathBackendWebGL, fragment: Fragment): TensorInfo[] {
  const { textures = {}, floats = {}, ints = {}, packed } = fragment;
  const results = Object.values(fragment.results).map(({ shape, dtype }) =>
    gpu.makeTensorInfo([...shape], dtype),
  );
  const datas = results.map(({ dataId }) => gpu.texData.get(dataId));
  const { shape } = results[0]!;
  if (sizeOf(shape) === 0) {
    for (const data of datas) data.values = new Float32Array(0);
    return results;
  }
  for (const { dataId } of results) {
    gpu.texData.get(dataId).isPacked = packed;
    gpu.uploadToGPU(dataId);
  }
  const { program, uniforms } = compiledOf(gpu, fragment);
  const { gpgpu } = gpu;
  const gl = gpgpu.gl as WebGL2RenderingContext;
  const [height, width] = datas[0]!.texShape!.map((n) => (packed ? Math.ceil(n / 2) : n)) as [
    number,
    number,
  ];
  writeTo(
    gpu,
    results.map(({ dataId }) => gpu.getTexture(dataId)),
  );
  gl.viewport(0, 0, width, height);
  gl.scissor(0, 0, width, height);
  gpgpu.setProgram(program);
  gpgpu.bindVertexArray(program.vao);
  for (const [unit, [name, { dataId }]] of Object.entries(textures).entries()) {
    gpgpu.setInputMatrixTexture(gpu.getTexture(dataId), uniforms[name]!, unit);
  }
  for (const [name, value] of Object.entries(floats)) gl.uniform1f(uniforms[name]!, value);
  const place = [shape.at(-2) ?? 1, shape.at(-1) ?? 1, width];
  for (const [name, value] of Object.entries({ ...ints, place })) {
    gl[`uniform${value.length as 1 | 2 | 3 | 4}iv`](uniforms[name]!, value);
  }
  gpgpu.executeProgram();
  return results;
}

/** Before the context goes. */
export function disposeFragments(gpu: MathBackendWebGL): void {
  for (const { program } of preparedOf(gpu).programs.values()) gpu.gpgpu.deleteProgram(program);
  prepared.delete(gpu);
}

function compiledOf(gpu: MathBackendWebGL, fragment: Fragment): Compiled {
  const { programs } = preparedOf(gpu);
  const source = sourceOf(fragment);
  let compiled = programs.get(source);
  if (compiled === undefined) {
    compiled = compile(gpu, source);
    programs.set(source, compiled);
  }
  return compiled;
}

function sourceOf({ textures = {}, floats = {}, ints = {}, results, code }: Fragment): string {
  const typeOf = (value: readonly number[]): string =>
    value.length === 1 ? 'int' : `ivec${value.length}`;
  return [
    '#version 300 es',
    'precision highp float;',
    'precision highp int;',
    'precision highp sampler2D;',
    ...Object.keys(textures).map((name) => `uniform sampler2D ${name};`),
    ...Object.keys(floats).map((name) => `uniform float ${name};`),
    ...Object.entries(ints).map(([name, value]) => `uniform ${typeOf(value)} ${name};`),
    ...Object.keys(results).map((name, i) => `layout(location = ${i}) out vec4 ${name};`),
    PLACE,
    code,
  ].join('\n');
}

function compile({ gpgpu }: MathBackendWebGL, source: string): Compiled {
  const gl = gpgpu.gl as WebGL2RenderingContext;
  const shader = gl.createShader(gl.FRAGMENT_SHADER)!;
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  const program = linked(gpgpu, shader);
  gpgpu.buildVao(program);
  const uniforms: Record<string, WebGLUniformLocation> = {};
  const count = gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS) as number;
  for (let i = 0; i < count; i++) {
    const { name } = gl.getActiveUniform(program, i)!;
    uniforms[name] = gl.getUniformLocation(program, name)!;
  }
  return { program, uniforms };
}

/** Whether the shader compiled is asked only if it does not link: each question waits for the driver. */
function linked(gpgpu: MathBackendWebGL['gpgpu'], shader: WebGLShader): Compiled['program'] {
  try {
    return gpgpu.createProgram(shader);
  } catch (cause) {
    const log = gpgpu.gl.getShaderInfoLog(shader);
    throw new BackendError(`The driver does not compile a program of strata-webgl: ${log}`, {
      cause,
    });
  }
}

function writeTo(gpu: MathBackendWebGL, textures: readonly WebGLTexture[]): void {
  const { framebuffers } = preparedOf(gpu);
  const gl = gpu.gpgpu.gl as WebGL2RenderingContext;
  const places = textures.map((_, i) => gl.COLOR_ATTACHMENT0 + i);
  const known = framebuffers.get(textures.length);
  const framebuffer = known ?? gl.createFramebuffer()!;
  gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
  for (const [i, texture] of textures.entries()) {
    gl.framebufferTexture2D(gl.FRAMEBUFFER, places[i]!, gl.TEXTURE_2D, texture, 0);
  }
  if (known !== undefined) return;
  gl.drawBuffers(places);
  framebuffers.set(textures.length, framebuffer);
}

function preparedOf(gpu: MathBackendWebGL): Prepared {
  let of = prepared.get(gpu);
  if (of === undefined) {
    of = { programs: new Map(), framebuffers: new Map() };
    prepared.set(gpu, of);
  }
  return of;
}
