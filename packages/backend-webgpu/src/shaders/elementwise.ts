/**
 * Programs that compute element by element, with several results at once, which tfjs's frame does not allow. They are recorded among tfjs's
 * own, in its queue.
 */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { env, type TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from './program.js';

type Named<T> = Readonly<Record<string, T>>;

export interface Elementwise {
  /** By which it is found again: all that changes the code stands in it, but the tensors' types. */
  readonly key: string;
  /** Tensors of one shape; a variable of that name holds an element. */
  readonly inputs: Named<TensorInfo>;
  /** Small tensors: `Step[0]`. */
  readonly tables?: Named<TensorInfo>;
  /** Floats: `uniforms.rate`. */
  readonly numbers?: Named<number>;
  readonly declarations?: string;
  /** Changes inputs that are `results`. */
  readonly code: string;
  /** Names of inputs whose last values become tensors. */
  readonly results: readonly string[];
}

/** What tfjs keeps to itself of its queue; its version is pinned. */
interface Queue {
  computePassEncoder: GPUComputePassEncoder | null;
  readonly commandEncoder: GPUCommandEncoder;
  /** Data that commands not yet submitted use: it is not given to others before. */
  readonly commandQueueOwnedIds: WeakSet<object>;
  readonly uniformPendingDisposal: GPUBuffer[];
  dispatchCountInPass: number;
}

const WORKGROUP = 64;

const pipelines = new WeakMap<WebGPUBackend, Map<string, GPUComputePipeline>>();

export function runElementwise(gpu: WebGPUBackend, program: Elementwise): TensorInfo[] {
  const { inputs, tables = {}, numbers = {}, results } = program;
  const outputs = results.map((name) => {
    const { shape, dtype } = inputs[name]!;
    return gpu.makeTensorInfo([...shape], dtype);
  });
  const size = sizeOf(outputs[0]!.shape);
  if (size === 0) {
    for (const { dataId } of outputs) gpu.tensorMap.get(dataId).values = new Float32Array(0);
    return outputs;
  }
  const tensors = [...outputs, ...Object.values(inputs), ...Object.values(tables)];
  for (const { dataId } of tensors) gpu.uploadToGPU(dataId);
  const pipeline = pipelineOf(gpu, program);
  const queue = gpu as unknown as Queue;
  const buffers = tensors.map(({ dataId }) => gpu.tensorMap.get(dataId).resource as GPUBuffer);
  const uniforms = uniformsOf(gpu, [size, ...Object.values(numbers)]);
  queue.uniformPendingDisposal.push(uniforms);
  const bindGroup = gpu.device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [...buffers, uniforms].map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  for (const { dataId } of tensors) queue.commandQueueOwnedIds.add(dataId);
  gpu.ensureCommandEncoderReady();
  queue.computePassEncoder ??= queue.commandEncoder.beginComputePass();
  queue.computePassEncoder.setPipeline(pipeline);
  queue.computePassEncoder.setBindGroup(0, bindGroup);
  const groups = Math.ceil(size / WORKGROUP);
  const across = Math.min(groups, gpu.device.limits.maxComputeWorkgroupsPerDimension);
  queue.computePassEncoder.dispatchWorkgroups(across, Math.ceil(groups / across));
  queue.dispatchCountInPass++;
  if (queue.dispatchCountInPass >= env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) {
    gpu.endComputePassEncoder();
    gpu.submitQueue();
  }
  return outputs;
}

function uniformsOf(gpu: WebGPUBackend, [size, ...floats]: number[]): GPUBuffer {
  const values = new ArrayBuffer(4 * (1 + floats.length));
  new Int32Array(values)[0] = size!;
  new Float32Array(values).set(floats, 1);
  const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.UNIFORM;
  const buffer = gpu.bufferManager.acquireBuffer(values.byteLength, usage);
  gpu.queue.writeBuffer(buffer, 0, values);
  return buffer;
}

function pipelineOf(gpu: WebGPUBackend, program: Elementwise): GPUComputePipeline {
  let made = pipelines.get(gpu);
  if (made === undefined) {
    made = new Map();
    pipelines.set(gpu, made);
  }
  const types = Object.values({ ...program.inputs, ...program.tables }).map(({ dtype }) => dtype);
  const key = `${program.key} ${types.join(' ')}`;
  let pipeline = made.get(key);
  if (pipeline === undefined) {
    const module = gpu.device.createShaderModule({ code: sourceOf(program) });
    pipeline = gpu.device.createComputePipeline({ layout: 'auto', compute: { module } });
    made.set(key, pipeline);
  }
  return pipeline;
}

function sourceOf({
  inputs,
  tables = {},
  numbers = {},
  declarations = '',
  code,
  results,
}: Elementwise): string {
  const typeOf = ({ dtype }: TensorInfo): string => (dtype === 'float32' ? 'f32' : 'i32');
  const buffers = [
    ...results.map((name) => ['read_write', `${name}Result`, inputs[name]!] as const),
    ...Object.entries(inputs).map(([name, x]) => ['read', `${name}Buffer`, x] as const),
    ...Object.entries(tables).map(([name, x]) => ['read', name, x] as const),
  ];
  return `
    struct Uniforms { size : i32, ${Object.keys(numbers)
      .map((name) => `${name} : f32,`)
      .join(' ')} }
    ${buffers
      .map(
        ([access, name, x], i) =>
          `@group(0) @binding(${i}) var<storage, ${access}> ${name} : array<${typeOf(x)}>;`,
      )
      .join('\n')}
    @group(0) @binding(${buffers.length}) var<uniform> uniforms : Uniforms;
    ${declarations}
    @compute @workgroup_size(${WORKGROUP})
    fn main(@builtin(global_invocation_id) id : vec3<u32>, @builtin(num_workgroups) groups : vec3<u32>) {
      let index = i32(id.x + id.y * groups.x * ${WORKGROUP}u);
      if (index >= uniforms.size) {
        return;
      }
      ${Object.keys(inputs)
        .map((name) => `var ${name} = ${name}Buffer[index];`)
        .join('\n')}
      ${code}
      ${results.map((name) => `${name}Result[index] = ${name};`).join('\n')}
    }
  `;
}
