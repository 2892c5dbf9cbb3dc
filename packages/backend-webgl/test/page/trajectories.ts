import { trajectories, type Trajectories } from '@stratajs/browser-tests/page/trajectories';
import { webgl } from '../../src/index.js';

export const trajectoriesOf = (): Promise<Trajectories> => trajectories(webgl());
