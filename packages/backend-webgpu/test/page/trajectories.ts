import { trajectories, type Trajectories } from '@stratajs/browser-tests/page/trajectories';
import { webgpu } from '../../src/index.js';

export const trajectoriesOf = (): Promise<Trajectories> => trajectories(webgpu());
