/** A worker has no document: the engine takes an OffscreenCanvas. */
import { matmul, tensor, use } from '@stratajs/core';
import { webgl } from '../../src/index.js';

const { name } = await use(webgl());
const product = matmul(tensor([[1, 2]]), tensor([[3], [4]]));
postMessage({ name, document: typeof document, product: await product.array() });
