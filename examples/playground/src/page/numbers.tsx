import type { VNode } from 'preact';
import { evaluations, firstStep, history, opened, status, waiting } from './state.js';

const words: Readonly<Record<string, string>> = {
  preparing: 'Getting ready',
  ready: 'Ready',
  training: 'Training',
  paused: 'Paused',
  lost: 'Engine lost',
  failed: 'Stopped',
};

export function Numbers(): VNode {
  const now = history.value.at(-1);
  const held = evaluations.value.at(-1);
  return (
    <>
      <p
        class="status"
        role="status"
        data-status={status.value}
        data-opened={Object.values(opened.value?.settings ?? {}).join(' ')}
      >
        {words[status.value]}
        {waiting.value !== '' && <span> · {waiting.value}</span>}
        {opened.value && (
          <span>
            {' '}
            · step {(now?.step ?? opened.value.step).toLocaleString('en')} ·{' '}
            {opened.value.parameters.toLocaleString('en')} parameters
            {firstStep.value !== null && ` · first step ${firstStep.value.toFixed(2)} s after load`}
          </span>
        )}
      </p>
      <dl class="numbers">
        <Figure name="On new digits" id="held" value={held && percent(held.accuracy)} main />
        <Figure name="In training" id="accuracy" value={now && percent(now.accuracy)} />
        <Figure name="Loss" id="loss" value={now?.loss.toFixed(3)} />
        <Figure name="Steps per second" id="speed" value={now && speed(now.stepsPerSecond)} />
        <Figure
          name="Memory"
          id="memory"
          value={now && `${(now.bytes / 1e6).toFixed(1)} MB`}
          note={now && `${now.tensors} tensors`}
        />
      </dl>
    </>
  );
}

interface FigureOf {
  readonly name: string;
  readonly id: string;
  readonly value: string | undefined;
  readonly note?: string | undefined;
  readonly main?: boolean;
}

function Figure({ name, id, value, note, main = false }: FigureOf) {
  return (
    <div class={main ? 'main' : ''}>
      <dt>{name}</dt>
      <dd data-figure={id}>{value ?? '–'}</dd>
      {note !== undefined && <dd class="note">{note}</dd>}
    </div>
  );
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const speed = (rate: number): string => (rate < 10 ? rate.toFixed(1) : rate.toFixed(0));
