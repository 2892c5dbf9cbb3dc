export { decodeSafetensors } from './decode.js';
export { encodeSafetensors } from './encode.js';
export type { SafetensorsDType, SafetensorsEntry, SafetensorsFile } from './format.js';
