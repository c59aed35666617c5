import { extractText, getDocumentProxy } from 'unpdf';

/** What is used of the reader. Its own types are in a package that it does not bring. */
interface Reader {
  numPages: number;
  getAttachments: () => Promise<unknown>;
  getJSActions: () => Promise<unknown>;
  getOutline: () => Promise<unknown>;
  getFieldObjects: () => Promise<unknown>;
  getOpenAction: () => Promise<unknown>;
  getMetadata: () => Promise<{ info: Record<string, unknown> }>;
  getPage: (number: number) => Promise<{
    getAnnotations: () => Promise<unknown[]>;
    getTextContent: () => Promise<{ items: { str?: string; transform: number[]; width: number }[] }>;
  }>;
}

/** A piece of text, and where it is on its page, in points from the left and from the bottom. */
export interface Piece {
  text: string;
  left: number;
  right: number;
  bottom: number;
}

/** What another library than the one that wrote it reads in a PDF. */
export interface ReadDocument {
  /** The text of each page, with single spaces between words and lines. */
  pages: string[];
  /** The texts of all pages. */
  text: string;
  pieces: Piece[];
  info: Record<string, unknown>;
  /** Whatever does more than show text: annotations, attachments, scripts, outlines, fields. */
  active: unknown[];
}

const singleSpaces = (text: string) => text.replace(/\s+/g, ' ').trim();

/** Reads a PDF. */
export async function readPdf(bytes: Uint8Array): Promise<ReadDocument> {
  // The reader takes over the bytes that it is given.
  const proxy = (await getDocumentProxy(bytes.slice())) as unknown as Reader;
  const { text } = await extractText(proxy, {
    mergePages: false,
  });
  const pieces: Piece[] = [];
  const active: unknown[] = [
    await proxy.getAttachments(),
    await proxy.getJSActions(),
    await proxy.getOutline(),
    await proxy.getFieldObjects(),
    await proxy.getOpenAction(),
  ];
  for (let number = 1; number <= proxy.numPages; number += 1) {
    const page = await proxy.getPage(number);
    active.push(...(await page.getAnnotations()));
    const { items } = await page.getTextContent();
    for (const item of items) {
      if (!item.str?.trim()) continue;
      const [left, bottom] = item.transform.slice(4) as [number, number];
      pieces.push({ text: item.str, left, right: left + item.width, bottom });
    }
  }
  const { info } = await proxy.getMetadata();
  const pages = text.map(singleSpaces);
  return {
    pages,
    text: pages.join(' '),
    pieces,
    info,
    active: active.filter((found) => found != null),
  };
}
