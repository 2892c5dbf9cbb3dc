/** A worker has no document, and needs none. */
import { matmul, tensor, use } from '@stratajs/core';
import { webgpu } from '../../src/index.js';

const { name } = await use(webgpu());
const product = matmul(tensor([[1, 2]]), tensor([[3], [4]]));
postMessage({ name, document: typeof document, product: await product.array() });
