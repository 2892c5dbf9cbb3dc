import type { ComponentChildren, VNode } from 'preact';
import type { Choice, ModelId, OptimizerId } from '../protocol.js';
import { choose, chooseEngine, pause, reset, start } from './actions.js';
import { dataSets, engines, opened, settings, status } from './state.js';

const models: readonly Choice<ModelId>[] = [
  { id: 'mlp', label: 'Perceptron', whyNot: null },
  { id: 'lenet5', label: 'LeNet-5', whyNot: null },
  { id: 'resnet20', label: 'ResNet-20', whyNot: null },
];
const optimizers: readonly Choice<OptimizerId>[] = [
  { id: 'adam', label: 'Adam', whyNot: null },
  { id: 'sgd', label: 'SGD, momentum', whyNot: null },
];
const rates = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.05];
const sizes = [16, 32, 64, 128, 256];

export function Controls(): VNode {
  const { engine, model, data, optimizer, learningRate, batchSize } = settings.value;
  const training = status.value === 'training';
  const able = opened.value !== null && status.value !== 'preparing' && status.value !== 'lost';
  return (
    <section class="controls" aria-label="Set-up">
      <Choices
        legend="Engine"
        name="engine"
        choices={engines.value}
        value={engine}
        onChoose={chooseEngine}
      />
      <Choices
        legend="Network"
        name="model"
        choices={models}
        value={model}
        onChoose={(id) => choose({ model: id })}
      />
      <Choices
        legend="Images"
        name="data"
        choices={dataSets.value}
        value={data}
        onChoose={(id) => choose({ data: id })}
      />
      <div class="fields">
        <Select
          label="Optimizer"
          value={optimizer}
          onChange={(id) => choose({ optimizer: id as OptimizerId })}
        >
          {optimizers.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </Select>
        <Select
          label="Learning rate"
          value={String(learningRate)}
          onChange={(rate) => choose({ learningRate: Number(rate) })}
        >
          {rates.map((rate) => (
            <option key={rate}>{rate}</option>
          ))}
        </Select>
        <Select
          label="Batch"
          value={String(batchSize)}
          onChange={(size) => choose({ batchSize: Number(size) })}
        >
          {sizes.map((size) => (
            <option key={size}>{size}</option>
          ))}
        </Select>
      </div>
      <div class="actions">
        <button
          type="button"
          class="main"
          disabled={!able}
          onClick={() => (training ? pause() : start())}
        >
          {training ? 'Pause' : status.value === 'paused' ? 'Go on' : 'Train'}
        </button>
        <button type="button" disabled={!able} onClick={() => reset()}>
          Reset
        </button>
      </div>
    </section>
  );
}

interface ChoicesOf<Id extends string> {
  readonly legend: string;
  readonly name: string;
  readonly choices: readonly Choice<Id>[];
  readonly value: Id;
  readonly onChoose: (id: Id) => unknown;
}

function Choices<Id extends string>({ legend, name, choices, value, onChoose }: ChoicesOf<Id>) {
  return (
    <fieldset class="choices">
      <legend>{legend}</legend>
      <div>
        {choices.map(({ id, label, whyNot }) => (
          <label key={id} class={whyNot === null ? '' : 'unable'}>
            <input
              type="radio"
              name={name}
              value={id}
              checked={id === value}
              disabled={whyNot !== null}
              onChange={() => onChoose(id)}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
      {choices.map(
        ({ id, label, whyNot }) =>
          whyNot !== null && (
            <p key={id} class="why-not">
              <b>{label}</b> {whyNot}
            </p>
          ),
      )}
    </fieldset>
  );
}

interface SelectOf {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => unknown;
  readonly children: ComponentChildren;
}

function Select({ label, value, onChange, children }: SelectOf) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {children}
      </select>
    </label>
  );
}
