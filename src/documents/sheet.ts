import { fonts, runsOf, type Run, type Weight } from './fonts.ts';
import { cleanLine, cleanLines, clustersOf } from './text.ts';

/** How a text looks. */
interface Style {
  weight: Weight;
  size: number;
  color: string;
}

/** A piece of a row: a text in a column of its own. */
export interface Cell {
  text: string;
  /** Where the column begins, and how wide it is, as parts of the width between the margins. */
  from: number;
  width: number;
  align?: 'left' | 'right';
  look?: keyof typeof looks;
}

/** What a document says of itself, without anybody reading its pages. */
export interface About {
  title: string;
  author: string;
  /** The same for the same document: nothing else in it depends on when it is made. */
  date: Date;
  /** At the foot of each page. */
  footer: string;
}

/** What a document is written on. Everything goes below what is there, and on to further pages. */
export interface Sheet {
  /** Texts beside each other; those that are too long for their columns wrap, across pages where they must. */
  row: (cells: Cell[], tag?: 'P' | 'H1' | 'H2') => void;
  /** A line across. */
  rule: () => void;
  /** Empty space, in points. */
  space: (height: number) => void;
  /** Ends the document. */
  finish: () => Promise<Uint8Array>;
}

const looks = {
  title: { weight: 'bold', size: 20, color: '#1f4e79' },
  heading: { weight: 'bold', size: 11, color: '#1f4e79' },
  strong: { weight: 'bold', size: 10, color: '#000000' },
  plain: { weight: 'regular', size: 10, color: '#000000' },
  label: { weight: 'regular', size: 10, color: '#595959' },
  small: { weight: 'regular', size: 8, color: '#595959' },
} satisfies Record<string, Style>;

// Letters stay whole: of one that is composed of glyphs, the PDF would not say what it is, for who searches or copies it. The
// types know features that are switched on only.
const features = { ccmp: false } as unknown as PDFKit.Mixins.OpenTypeFeatures[];

const a4 = { width: 595.28, height: 841.89 };
const margin = 56;
const foot = 24;
const lineHeight = 1.4;

/** Opens an empty document on A4. */
export async function openSheet(about: About): Promise<Sheet> {
  const [{ default: PDFDocument }, faces] = await Promise.all([import('pdfkit'), fonts()]);
  const title = cleanLine(about.title);
  const doc = new PDFDocument({
    size: [a4.width, a4.height],
    margin: 0,
    // Without its default font, which would be in the document unused.
    font: '',
    bufferPages: true,
    // The same bytes everywhere: how well zlib does depends on whose it is.
    compress: false,
    pdfVersion: '1.7',
    lang: 'en',
    tagged: true,
    displayTitle: true,
    info: {
      Title: title,
      Author: cleanLine(about.author),
      Creator: 'Rowhouse',
      Producer: 'Rowhouse',
      CreationDate: about.date,
    },
  });
  const chunks: Uint8Array[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    doc.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    doc.on('end', () => resolve());
    doc.on('error', reject);
  });
  const root = doc.struct('Document');
  doc.addStructure(root);

  const width = a4.width - 2 * margin;
  let y = margin;

  const registered = new Set<string>();
  const select = (run: Run, size: number) => {
    if (!registered.has(run.face.name)) {
      doc.registerFont(run.face.name, run.face.bytes());
      registered.add(run.face.name);
    }
    return doc.font(run.face.name, size);
  };

  const widths = new Map<string, number>();
  const widthOf = (text: string, { weight, size }: Style): number => {
    const key = `${weight} ${size} ${text}`;
    let measured = widths.get(key);
    if (measured === undefined) {
      measured = 0;
      for (const run of runsOf(text, faces[weight]))
        measured += select(run, size).widthOfString(run.text, { features });
      widths.set(key, measured);
    }
    return measured;
  };

  // Breaks what does not fit between letters, for want of a better place.
  const broken = (word: string, available: number, style: Style): string[] => {
    const pieces: string[] = [];
    let piece = '';
    let used = 0;
    for (const cluster of clustersOf(word)) {
      const more = widthOf(cluster, style);
      if (piece !== '' && used + more > available) {
        pieces.push(piece);
        [piece, used] = ['', 0];
      }
      piece += cluster;
      used += more;
    }
    return [...pieces, piece];
  };

  const wrapped = (text: string, available: number, style: Style): string[] => {
    const lines: string[] = [];
    const space = widthOf(' ', style);
    for (const hardLine of cleanLines(text)) {
      let line = '';
      let used = 0;
      for (const word of hardLine.split(/ +/)) {
        const pieces = widthOf(word, style) > available ? broken(word, available, style) : [word];
        for (const [index, piece] of pieces.entries()) {
          const more = widthOf(piece, style);
          const isFirst = line === '';
          if (!isFirst && (index > 0 || used + space + more > available)) {
            lines.push(line);
            [line, used] = [piece, more];
          } else {
            line = isFirst ? piece : `${line} ${piece}`;
            used += (isFirst ? 0 : space) + more;
          }
        }
      }
      lines.push(line);
    }
    return lines;
  };

  const draw = (line: string, x: number, top: number, style: Style) => {
    let at = x;
    for (const run of runsOf(line, faces[style.weight])) {
      select(run, style.size).fillColor(style.color);
      doc.text(run.text, at, top, { lineBreak: false, features });
      at += doc.widthOfString(run.text, { features });
    }
  };

  const advance = (height: number) => {
    if (y + height > a4.height - margin - foot) {
      doc.addPage();
      y = margin;
    }
  };

  const row: Sheet['row'] = (cells, tag = 'P') => {
    const columns = cells.map(({ text, from, width: part, align = 'left', look = 'plain' }) => {
      const style: Style = looks[look];
      return {
        x: margin + from * width,
        room: part * width,
        align,
        style,
        lines: wrapped(text, part * width, style),
      };
    });
    const height = Math.max(...columns.map(({ style }) => style.size * lineHeight));
    // A heading does not stay behind at the end of a page.
    if (tag === 'H2') advance(4 * height);
    const element = doc.struct(tag, {}, () => {
      for (let index = 0; columns.some(({ lines }) => index < lines.length); index += 1) {
        advance(height);
        for (const { x, room, align, style, lines } of columns) {
          const line = lines[index] ?? '';
          const left = align === 'right' ? x + room - widthOf(line, style) : x;
          draw(line, left, y, style);
        }
        y += height;
      }
    });
    root.add(element);
    element.end();
  };

  const rule = () => {
    advance(9);
    doc.markContent('Artifact', { type: 'Layout' });
    doc
      .moveTo(margin, y + 4)
      .lineTo(margin + width, y + 4)
      .lineWidth(0.5)
      .strokeColor('#bfbfbf')
      .stroke();
    doc.endMarkedContent();
    y += 9;
  };

  const finish = async () => {
    root.end();
    const { start, count } = doc.bufferedPageRange();
    const [footer = ''] = wrapped(cleanLine(about.footer), width * 0.75, looks.small);
    for (let page = 0; page < count; page += 1) {
      doc.switchToPage(start + page);
      doc.markContent('Artifact', { type: 'Pagination' });
      const number = `Page ${page + 1} of ${count}`;
      const top = a4.height - margin;
      draw(footer, margin, top, looks.small);
      draw(number, margin + width - widthOf(number, looks.small), top, looks.small);
      doc.endMarkedContent();
    }
    doc.end();
    await ended;
    const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let offset = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    return bytes;
  };

  return {
    row,
    rule,
    space: (height) => {
      y += height;
    },
    finish,
  };
}
