import { describeModelFamily } from '../src/index.js';
import { copiedCpu } from './copied-cpu.js';
import { toyFamily } from './toy-family.js';

describeModelFamily(toyFamily(), { engine: copiedCpu() });
