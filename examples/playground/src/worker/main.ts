/** Everything that computes runs here, so that the page never waits. */
import { expose } from 'comlink';
import { Session } from './session.js';

expose(new Session());
