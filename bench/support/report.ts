import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { median, type Pair, quantile } from './measure.ts';

/** What a ratio is to be. */
export type Target = { atMost: number } | { atLeast: number };

/** Two sides, measured in turns. */
export interface Comparison {
  name: string;
  /** Medians, in `unit`. */
  ours: number;
  floor: number;
  unit: string;
  /** What `ratio` divides. */
  ratio_of: 'time' | 'rate';
  /** Ours over the floor: the median of the ratios of all pairs, and the quarter below and above which others lie. */
  ratio: number;
  ratio_p25: number;
  ratio_p75: number;
  pairs: number;
  target?: Target;
  verdict?: string;
}

/** One number, with a target or without. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  target?: Target;
  verdict?: string;
}

/** What a bench found out. */
export interface Findings {
  comparisons?: Comparison[];
  figures?: Figure[];
  /** What a reader must know to believe the numbers. */
  notes: string[];
  /** Of the PostgreSQL that was measured. */
  postgres: { version: string; settings: Record<string, string> };
}

/** A bench: its name is its file's. */
export interface Bench {
  description: string;
  /** @param scale 1 for the real thing; less for a quick look, with fewer rows and rounds */
  run: (scale: number) => Promise<Findings>;
}

const rounded = (value: number) => Number(value.toPrecision(4));

function verdictOf(value: number, target: Target): string {
  const [limit, isMet] =
    'atMost' in target ? [target.atMost, value <= target.atMost] : [target.atLeast, value >= target.atLeast];
  if (isMet) return 'met';
  return `missed by ${Math.round(Math.abs(value / limit - 1) * 100)} %`;
}

/**
 * Sums up pairs.
 *
 * @param options `per` is how many operations one time covers
 */
export function comparison(
  name: string,
  pairs: Pair[],
  options: { unit: string; per?: number; ratioOf?: 'time' | 'rate'; target?: Target },
): Comparison {
  const { unit, per = 1, ratioOf = 'time', target } = options;
  const ratios = pairs.map(({ ours, floor }) => (ratioOf === 'time' ? ours / floor : floor / ours));
  const ratio = rounded(median(ratios));
  return {
    name,
    ours: rounded(median(pairs.map(({ ours }) => ours)) / per),
    floor: rounded(median(pairs.map(({ floor }) => floor)) / per),
    unit,
    ratio_of: ratioOf,
    ratio,
    ratio_p25: rounded(quantile(ratios, 0.25)),
    ratio_p75: rounded(quantile(ratios, 0.75)),
    pairs: pairs.length,
    ...(target ? { target, verdict: verdictOf(ratio, target) } : {}),
  };
}

/** A number as the report shows it. */
export function figure(name: string, value: number, unit: string, target?: Target): Figure {
  const shown = rounded(value);
  return { name, value: shown, unit, ...(target ? { target, verdict: verdictOf(shown, target) } : {}) };
}

/** The median, the 99th percentile and the number of these durations. */
export function percentiles(name: string, values: number[], unit: string, target?: Target): Figure[] {
  return [
    figure(`${name}, p50 of ${values.length}`, quantile(values, 0.5), unit, target),
    figure(`${name}, p99`, quantile(values, 0.99), unit, target),
  ];
}

/** The machine, as a reader who wants to compare needs it. */
function machine() {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    memory_gb: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    load_before: rounded(os.loadavg()[0] ?? 0),
  };
}

const sign = (target: Target) =>
  'atMost' in target ? `target ≤ ${target.atMost}` : `target ≥ ${target.atLeast}`;
const outcome = (found: { target?: Target; verdict?: string }) =>
  found.target ? `   ${sign(found.target)}: ${found.verdict ?? ''}` : '';

/**
 * Runs a bench and prints what it found. At full scale, writes it to bench/results/<name>.json.
 *
 * @returns whether every target was met
 */
export async function runBench(name: string, bench: Bench, scale: number): Promise<boolean> {
  const before = machine();
  const started = performance.now();
  console.log(`\n${name}: ${bench.description}`);
  const { comparisons = [], figures = [], notes, postgres } = await bench.run(scale);
  const seconds = Math.round((performance.now() - started) / 1000);

  for (const found of comparisons) {
    console.log(`  ${found.name}`);
    console.log(
      `    ratio ${found.ratio} of the floor's ${found.ratio_of} (${found.ratio_p25} to ${found.ratio_p75} in the middle` +
        ` half of ${found.pairs} pairs)${outcome(found)}`,
    );
    console.log(`    ours ${found.ours} ${found.unit}, floor ${found.floor} ${found.unit}`);
  }
  for (const found of figures) {
    console.log(`  ${found.name}: ${found.value} ${found.unit}${outcome(found)}`);
  }
  for (const note of notes) console.log(`  - ${note}`);
  console.log(
    `  ${before.cpu}, ${before.cores} cores, ${before.memory_gb} GB, ${before.system}, Node ${before.node}, ` +
      `PostgreSQL ${postgres.version}, load ${before.load_before} before; ${seconds} s`,
  );

  if (scale === 1) {
    const file = fileURLToPath(new URL(`../results/${name}.json`, import.meta.url));
    await mkdir(fileURLToPath(new URL('../results', import.meta.url)), { recursive: true });
    const measured_at = new Date().toISOString();
    const result = {
      name,
      description: bench.description,
      measured_at,
      machine: before,
      postgres,
      seconds,
      comparisons,
      figures,
      notes,
    };
    const style = await resolveConfig(file);
    await writeFile(file, await format(JSON.stringify(result), { ...style, filepath: file }));
  } else {
    console.log(`  Scale ${scale}: a quick look, not written to bench/results.`);
  }
  return [...comparisons, ...figures].every(({ verdict }) => verdict === undefined || verdict === 'met');
}
