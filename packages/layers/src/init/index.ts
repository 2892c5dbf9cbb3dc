/** Initial values of parameters: each a function (shape, { rng, fanIn, fanOut }) → Tensor, or what makes one. */
export { constant, ones, zeros } from './constants.js';
export { normal, uniform } from './distributions.js';
export { fans } from './initializer.js';
export { orthogonal } from './orthogonal.js';
export { torchDefault } from './torch-default.js';
export {
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  xavierNormal,
  xavierUniform,
} from './variance-scaling.js';
