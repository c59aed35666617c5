import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { connect } from '../postgres/connect.ts';

/** Something that runs until it is stopped. */
export interface Running {
  stop(): Promise<void>;
}

const reconnectMilliseconds = 500;

/**
 * Listens to channels of a database, and goes on listening when the connection breaks. What is notified meanwhile is
 * lost, so `onConnect` should do what a notification would have done.
 *
 * @param url connection string
 * @param channels handlers by channel; a handler takes the payload
 * @param onConnect runs after each connection but the first
 * @returns once it listens
 * @throws {Failure} when the first connection fails
 */
export async function listen(
  url: string,
  channels: Record<string, (payload: string) => void>,
  onConnect: () => void = () => undefined,
): Promise<Running> {
  const life = { isStopping: false };
  let client: pg.Client;

  const open = async () => {
    const opened = await connect(url, { applicationName: 'rowhouse listen' });
    opened.on('notification', ({ channel, payload }) => channels[channel]?.(payload ?? ''));
    try {
      for (const channel of Object.keys(channels))
        await opened.query(`listen ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      await opened.end().catch(() => undefined);
      throw error;
    }
    opened.once('end', () => void reopen());
    client = opened;
  };

  const reopen = async () => {
    for (;;) {
      await sleep(reconnectMilliseconds, undefined, { ref: false });
      if (life.isStopping) return;
      try {
        await open();
        onConnect();
        return;
      } catch {
        // the server is still away
      }
    }
  };

  await open();
  return {
    async stop() {
      life.isStopping = true;
      await client.end().catch(() => undefined);
    },
  };
}
