// A user's first program, timed from its first import to its first result.
const start = performance.now();
const [{ matmul, tensor, use }, { cpu }] = await Promise.all([
  import('@stratajs/core'),
  import('@stratajs/backend-cpu'),
  import('@stratajs/layers'),
]);
const imported = performance.now() - start;
await use(cpu());
const a = tensor([
  [1, 2],
  [3, 4],
]);
await matmul(a, a).data();
console.log(JSON.stringify({ imported, first: performance.now() - start }));
