/** The browser's GPU through WebGL 2 as an engine of Strata. */
export { webgl } from './webgl.js';
