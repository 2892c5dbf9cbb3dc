/** Strata's side of a comparison: the public packages, as a user calls them. */
import { cpu } from '@stratajs/backend-cpu';
import { activeBackend, register, use } from '@stratajs/core';
import { vision } from '@stratajs/vision';
import { servePeer } from './protocol.js';
import { workloadNamed } from './workloads/index.js';

await use(cpu());
register(vision);

await servePeer(
  () => {
    const { name, info } = activeBackend()!;
    const threads = info.threads ?? 1;
    return `${name} ${info.tier}${info.isa ? ` ${info.isa}` : ''}, ${threads} thread${threads > 1 ? 's' : ''}`;
  },
  async (name) => {
    const workload = workloadNamed(name);
    if (!workload) throw new Error(`Strata's side has no workload '${name}'.`);
    return workload.prepare();
  },
);
