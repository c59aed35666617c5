import { inflateSync } from 'node:zlib';

/**
 * Unpacks a WOFF file. fontkit reads those too, but unpacks a table again for each letter that it takes from it.
 *
 * @param woff a file of WOFF 1.0
 * @returns the font as TrueType or OpenType
 */
export function unpackWoff(woff: Uint8Array): Uint8Array {
  const from = new DataView(woff.buffer, woff.byteOffset, woff.byteLength);
  const count = from.getUint16(12);
  const font = new Uint8Array(from.getUint32(16));
  const to = new DataView(font.buffer);

  const power = 2 ** Math.floor(Math.log2(count));
  to.setUint32(0, from.getUint32(4));
  to.setUint16(4, count);
  to.setUint16(6, power * 16);
  to.setUint16(8, Math.log2(power));
  to.setUint16(10, (count - power) * 16);

  let next = 12 + count * 16;
  for (let index = 0; index < count; index += 1) {
    const entry = 44 + index * 20;
    const [offset, packed, length] = [4, 8, 12].map((at) => from.getUint32(entry + at)) as [
      number,
      number,
      number,
    ];
    const table = woff.subarray(offset, offset + packed);
    font.set(packed < length ? inflateSync(table) : table, next);

    const at = 12 + index * 16;
    to.setUint32(at, from.getUint32(entry));
    to.setUint32(at + 4, from.getUint32(entry + 16));
    to.setUint32(at + 8, next);
    to.setUint32(at + 12, length);
    next += Math.ceil(length / 4) * 4;
  }
  return font;
}
