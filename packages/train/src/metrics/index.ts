export { accuracy } from './accuracy.js';
export { binaryAccuracy } from './binary-accuracy.js';
export { meanAbsoluteError } from './mean-absolute-error.js';
export { meanSquaredError } from './mean-squared-error.js';
export { topKAccuracy } from './top-k-accuracy.js';
