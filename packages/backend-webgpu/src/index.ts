export { webgpu } from './webgpu.js';
