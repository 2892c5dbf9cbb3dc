/** What the page does, at the user's wish or because the worker tells of something. */
import { batch } from '@preact/signals';
import { proxy, type Remote, wrap } from 'comlink';
import type { EngineId, Listener, Opened, Settings } from '../protocol.js';
import type { Session } from '../worker/session.js';
import * as state from './state.js';

const session: Remote<Session> = wrap<Session>(
  new Worker(new URL('../worker/main.ts', import.meta.url), { type: 'module' }),
);

const listener: Listener = {
  status(status, message) {
    state.status.value = status;
    if (status === 'lost') void offerWayOut(message);
    else if (status === 'failed') fail(message);
  },
  waiting(what) {
    state.waiting.value = what;
  },
  progress(progress) {
    state.firstStep.value ??= performance.now() / 1000;
    state.history.value = [...state.history.value, progress];
  },
  evaluation(evaluation) {
    state.evaluations.value = [...state.evaluations.value, evaluation];
  },
  filters(filters) {
    state.filters.value = filters;
  },
};

/** Opens the default engine at once, or else the first that can run, and asks for the others meanwhile. */
export async function begin(): Promise<void> {
  await session.listen(proxy(listener));
  const choices = session.engines().then((engines) => (state.engines.value = engines));
  void session.dataSets().then((sets) => (state.dataSets.value = sets));
  if (await opens(state.settings.value)) return;
  const able = (await choices).find((e) => e.whyNot === null);
  if (able !== undefined) return open({ ...state.settings.value, engine: able.id });
  state.status.value = 'failed';
  fail('No engine can run in this browser. The reasons stand beside each of them.');
}

async function opens(settings: Settings): Promise<boolean> {
  try {
    ready(await session.open(settings));
    return true;
  } catch {
    return false;
  }
}

export async function start(): Promise<void> {
  state.notice.value = null;
  await session.run();
}

export const pause = (): Promise<void> => session.pause();

/** Begins anew, with what is chosen. */
export async function reset(): Promise<void> {
  await session.pause();
  await open(state.settings.value);
}

/** Another network, other images or another optimizer: what was learnt is of no use to it. */
export async function choose(change: Partial<Settings>): Promise<void> {
  const steps = stepsDone();
  const wanted = { ...state.settings.value, ...change };
  if (steps > 0) {
    const answer = await ask(
      'Start over?',
      `This begins a new network. The one at hand, trained for ${steps} steps, is dropped.`,
      [{ id: 'over', label: 'Start over' }],
    );
    if (answer === null) return refreshed();
  }
  await session.pause();
  await open(wanted);
}

export async function chooseEngine(engine: EngineId): Promise<void> {
  const steps = stepsDone();
  if (steps === 0) return open({ ...state.settings.value, engine });
  const label = labelOf(engine);
  const answer = await ask(
    `Move to ${label}?`,
    `The network keeps its weights and goes on at step ${steps}. Or start over on ${label}.`,
    [
      { id: 'move', label: 'Move the network' },
      { id: 'over', label: 'Start over' },
    ],
  );
  if (answer === null) return refreshed();
  if (answer === 'move') return moveTo(engine);
  await session.pause();
  await open({ ...state.settings.value, engine });
}

export async function predict(pixels: Float32Array): Promise<void> {
  await attempt(async () => {
    state.probabilities.value = await session.predict(pixels);
  });
}

export async function save(): Promise<void> {
  await attempt(async () => done(`Step ${await session.save()} is saved in this browser.`));
}

export async function load(): Promise<void> {
  await attempt(async () => taken(await session.load()));
}

export async function download(): Promise<void> {
  await attempt(async () => {
    const bytes = await session.download();
    const address = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
    const link = document.createElement('a');
    link.href = address;
    link.download = `strata-${state.settings.value.model}-${stepsDone()}.safetensors`;
    link.click();
    URL.revokeObjectURL(address);
    done(`${link.download} is on its way to your downloads.`);
  });
}

export async function take(file: File): Promise<void> {
  await attempt(async () => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    taken(await session.take(bytes, file.name));
  });
}

async function open(settings: Settings): Promise<void> {
  state.settings.value = settings;
  forget();
  await attempt(async () => {
    ready(await session.open(settings));
  });
  if (state.status.value === 'preparing') state.status.value = 'failed';
}

function ready(opened: Opened): void {
  batch(() => {
    state.opened.value = opened;
    state.status.value = 'ready';
  });
}

async function moveTo(engine: EngineId): Promise<void> {
  await attempt(async () => taken(await session.moveTo(engine)));
}

async function offerWayOut(reason: string): Promise<void> {
  const able = state.engines.value.filter((e) => e.whyNot === null);
  const answers = able.map(({ id, label }) => ({ id, label: `On ${label}` }));
  const text = `${reason} Where shall the network go on?`;
  const answer = await ask('The engine was lost', text, answers);
  if (answer !== null) await moveTo(answer as EngineId);
}

/** The network is another one, or elsewhere, from here on. */
function taken(opened: Opened): void {
  state.opened.value = opened;
  state.settings.value = opened.settings;
  state.history.value = state.history.value.filter((p) => p.step <= opened.step);
  done(`The network goes on at step ${opened.step} on ${labelOf(opened.settings.engine)}.`);
}

function forget(): void {
  state.opened.value = null;
  state.status.value = 'preparing';
  state.history.value = [];
  state.evaluations.value = [];
  state.filters.value = null;
  state.probabilities.value = null;
  state.notice.value = null;
}

async function attempt(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
    refreshed();
  }
}

const done = (text: string): void => void (state.notice.value = { kind: 'done', text });
const fail = (text: string): void => void (state.notice.value = { kind: 'error', text });
/** Controls show again what is so. */
const refreshed = (): void => void (state.settings.value = { ...state.settings.value });
const stepsDone = (): number => state.history.value.at(-1)?.step ?? state.opened.value?.step ?? 0;
const labelOf = (id: EngineId): string => state.engines.value.find((e) => e.id === id)!.label;

function ask(
  title: string,
  text: string,
  answers: state.Question['answers'],
): Promise<string | null> {
  return new Promise((resolve) => {
    state.question.value = {
      title,
      text,
      answers,
      answer(id) {
        state.question.value = null;
        resolve(id);
      },
    };
  });
}
