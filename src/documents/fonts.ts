import { Buffer } from 'node:buffer';
import type { Font } from 'fontkit';
import { clustersOf, replacement } from './text.ts';
import { unpackWoff } from './woff.ts';

/** How heavy a text is. */
export type Weight = 'regular' | 'bold';

/** One of the font files: each has the letters of a script. */
export interface Face {
  name: string;
  bytes: () => Uint8Array;
  has: (cluster: string) => boolean;
}

/** A piece of a line in one face. */
export interface Run {
  face: Face;
  text: string;
}

/** The faces of each weight, in the order in which a letter is looked for. */
export type Faces = Record<Weight, [Face, ...Face[]]>;

let loading: Promise<Faces> | undefined;

async function load(): Promise<Faces> {
  const [{ create }, { regular }, { bold }] = await Promise.all([
    import('fontkit'),
    import('./noto-sans-regular.ts'),
    import('./noto-sans-bold.ts'),
  ]);
  const faceOf = (name: string, file: string): Face => {
    let bytes: Uint8Array | undefined;
    // Unpacked when a text first asks for it: most documents need one or two.
    const unpacked = () => (bytes ??= unpackWoff(Buffer.from(file, 'base64')));
    const known = new Map<string, boolean>();
    let font: Font | undefined;
    const has = (cluster: string) => {
      font ??= create(Buffer.from(unpacked().buffer)) as Font;
      for (const character of cluster) {
        const code = character.codePointAt(0) ?? 0;
        if (!font.hasGlyphForCodePoint(code)) return false;
      }
      return true;
    };
    return {
      name,
      bytes: unpacked,
      has: (cluster) => {
        const before = known.get(cluster);
        if (before !== undefined) return before;
        const answer = has(cluster);
        // Nobody fills the memory of a worker with letters.
        if (known.size < 5_000) known.set(cluster, answer);
        return answer;
      },
    };
  };
  const facesOf = (
    weight: Weight,
    { latin, ...others }: Record<string, string> & { latin: string },
  ): [Face, ...Face[]] => [
    faceOf(`${weight} latin`, latin),
    ...Object.entries(others).map(([script, file]) => faceOf(`${weight} ${script}`, file)),
  ];
  const regularFaces = facesOf('regular', regular);
  return { regular: regularFaces, bold: [...facesOf('bold', bold), ...regularFaces] };
}

/** The fonts of documents: loaded when the first document is made. */
export function fonts(): Promise<Faces> {
  loading ??= load();
  return loading;
}

/**
 * Cuts a line into pieces that have one face each. What no face has becomes a visible replacement.
 *
 * @param line what {@link cleanLines} returns
 */
export function runsOf(line: string, [first, ...others]: [Face, ...Face[]]): Run[] {
  const runs: Run[] = [];
  const add = (face: Face, text: string) => {
    const last = runs.at(-1);
    if (last?.face === face) last.text += text;
    else runs.push({ face, text });
  };
  for (const cluster of clustersOf(line)) {
    // A space stays in the face of the word before it.
    const current = runs.at(-1)?.face ?? first;
    const face = [current, first, ...others].find((candidate) => candidate.has(cluster));
    if (face !== undefined) {
      add(face, cluster);
      continue;
    }
    // A letter is shown even where one of its marks cannot be.
    const [letter = '', ...marks] = cluster;
    const bare = marks.length > 0 ? [first, ...others].find((candidate) => candidate.has(letter)) : undefined;
    if (bare !== undefined) add(bare, letter);
    add(first, replacement);
  }
  return runs;
}
