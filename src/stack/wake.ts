/** What {@link wakeWorker} needs. */
export interface WakeOptions {
  functionsUrl: () => string;
  secretKey: string;
  log: (line: string) => void;
}

/** Calls the worker; see {@link wakeWorker}. */
export interface Wake {
  /** Says that a queue has work. */
  notify(queue: string): void;
  /** Ends the running calls and makes no more. */
  stop(): Promise<void>;
}

/**
 * Wakes the edge function `worker` when a queue has work: one call at a time for each queue, and one more when
 * something came in meanwhile, however much it was.
 *
 * @param options where the worker is and what opens it
 */
export function wakeWorker(options: WakeOptions): Wake {
  const { functionsUrl, secretKey, log } = options;
  const running = new Map<string, Promise<void>>();
  const pending = new Set<string>();
  const stopping = new AbortController();

  const call = async (queue: string) => {
    try {
      const response = await fetch(`${functionsUrl()}/worker`, {
        method: 'POST',
        headers: {
          apikey: secretKey,
          authorization: `Bearer ${secretKey}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ queue }),
        signal: stopping.signal,
      });
      const text = await response.text();
      if (!response.ok) log(`worker: ${response.status} for queue ${queue}: ${text}`);
    } catch (error) {
      if (!stopping.signal.aborted) log(`worker: ${(error as Error).message}`);
    }
  };

  const notify = (queue: string) => {
    if (stopping.signal.aborted) return;
    if (running.has(queue)) {
      pending.add(queue);
      return;
    }
    running.set(
      queue,
      call(queue).then(() => {
        running.delete(queue);
        if (pending.delete(queue)) notify(queue);
      }),
    );
  };

  return {
    notify,
    async stop() {
      stopping.abort();
      await Promise.all(running.values());
    },
  };
}
