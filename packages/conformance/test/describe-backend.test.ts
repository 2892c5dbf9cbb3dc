import { describeBackend } from '../src/index.js';
import { copiedCpu } from './copied-cpu.js';

describeBackend(copiedCpu());
