import { describeIsa } from './conformance-isa.js';

await describeIsa('avx2');
