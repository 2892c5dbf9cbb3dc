import { BackendError, type OpenBackend } from '@stratajs/core';
import {
  copyRegisteredKernels,
  env,
  getKernel,
  getKernelsForBackend,
  registerBackend,
  registerKernel,
  removeBackend,
  type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { extensions, mends } from './kernel-table.js';
import { createContext, releaseContext, rendererOf } from './context.js';
import { ContextHealth } from './context-health.js';
import { NAME } from './name.js';
import { disposeFragments } from './shaders/fragment.js';
import { pack, unpack } from './shaders/packing.js';
import { walkInProducts } from './shaders/walking-products.js';

/** Registers tfjs's WebGL kernels as 'strata-webgl', on a context that nobody else uses. */
export async function openWebgl(): Promise<OpenBackend> {
  // Loaded here and not above: importing this package has no effect, and costs nothing until it is used.
  const { GPGPUContext, MathBackendWebGL, setWebGLContext, webgl_util } =
    await import('@tensorflow/tfjs-backend-webgl');

  type DataId = Parameters<InstanceType<typeof MathBackendWebGL>['read']>[0];
  type Values = Awaited<ReturnType<InstanceType<typeof MathBackendWebGL>['read']>>;

  /** Drivers finish a program when it first runs: handed over at once, that goes on beside the compilation of the next. */
  class EagerContext extends GPGPUContext {
    private isNew: boolean = false;

    override createProgram(
      shader: WebGLShader,
    ): ReturnType<InstanceType<typeof GPGPUContext>['createProgram']> {
      this.isNew = true;
      return super.createProgram(shader);
    }

    override executeProgram(): void {
      super.executeProgram();
      if (this.isNew) this.gl.flush();
      this.isNew = false;
    }
  }

  class StrataWebGL extends MathBackendWebGL {
    private readonly health: ContextHealth = new ContextHealth(
      this.gpgpu.gl as WebGL2RenderingContext,
    );

    /** tfjs keeps what it has read, and would hand out that very array. */
    override async read(dataId: DataId): Promise<Values> {
      return this.health.watch(async () => (await super.read(dataId)).slice() as Values);
    }

    override readSync(dataId: DataId): Values {
      this.health.check();
      return super.readSync(dataId);
    }

    texelsOf({ dataId, shape }: TensorInfo): readonly [height: number, width: number] {
      const data = this.texData.get(dataId);
      if (data.texture == null && data.slice == null) {
        // As any program does that reads four elements from a texel; where they then lie, only the upload decides.
        Object.assign(data, { isPacked: true, shape });
        this.uploadToGPU(dataId);
      }
      const { getBatchDim, getRowsCols, getTextureShapeFromLogicalShape, isReshapeFree } =
        webgl_util;
      const [rows, columns] =
        data.isPacked !== true
          ? getTextureShapeFromLogicalShape([...shape], true)
          : isReshapeFree(data.shape, [...shape])
            ? data.texShape!
            : // Before it is read, tfjs writes it anew as matrices.
              getTextureShapeFromLogicalShape(
                [getBatchDim([...shape]), ...getRowsCols([...shape])],
                true,
              );
      return [Math.ceil(rows / 2), Math.ceil(columns / 2)];
    }

    override packTensor(x: TensorInfo): TensorInfo {
      return pack(this, x);
    }

    override unpackTensor(x: TensorInfo): TensorInfo {
      const { shape } = this.texData.get(x.dataId);
      return webgl_util.isReshapeFree(shape, x.shape) ? unpack(this, x) : super.unpackTensor(x);
    }

    override runWebGLProgram(
      ...of: Parameters<InstanceType<typeof MathBackendWebGL>['runWebGLProgram']>
    ): ReturnType<InstanceType<typeof MathBackendWebGL>['runWebGLProgram']> {
      this.health.check();
      walkInProducts(this, of[0], of[1]);
      return super.runWebGLProgram(...of);
    }

    override dispose(): void {
      if (this.gpgpu.gl.isContextLost()) return;
      disposeFragments(this);
      super.dispose();
      this.gpgpu.dispose();
      releaseContext(this.gpgpu.gl as WebGL2RenderingContext);
    }
  }

  const gl = createContext();
  if (!gl) {
    throw new BackendError(
      'The browser gives no further WebGL 2 context. Close engines that are not used any more.',
    );
  }
  const description = rendererOf(gl);
  const factory = (): StrataWebGL => {
    // Before anything else: tfjs's flags look at this context, and would refuse a software renderer.
    setWebGLContext(2, gl);
    if (!env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')) {
      throw new BackendError(
        'strata-webgl computes in float32. Received: the flag WEBGL_FORCE_F16_TEXTURES of tfjs. Do not set it.',
      );
    }
    return new StrataWebGL(new EagerContext(gl));
  };

  registerBackend(NAME, factory);
  copyRegisteredKernels('webgl', NAME);
  for (const [kernelName, kernelFunc] of Object.entries(extensions))
    registerKernel({ kernelName, backendName: NAME, kernelFunc });
  for (const [kernelName, mend] of Object.entries(mends)) {
    const { kernelFunc } = getKernel(kernelName, NAME);
    unregisterKernel(kernelName, NAME);
    registerKernel({ kernelName, backendName: NAME, kernelFunc: mend(kernelFunc, NAME) });
  }
  return {
    describe: () => ({ tier: 'webgl2', description, whyNotHigher: null, readsStall: true }),
    async close() {
      removeBackend(NAME);
      for (const { kernelName } of getKernelsForBackend(NAME)) unregisterKernel(kernelName, NAME);
    },
  };
}
