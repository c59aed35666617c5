import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRowhouseClient } from '../../src/client/index.ts';
import { handlers } from '../../src/jobs/handlers.ts';
import { runWorker } from '../../src/jobs/worker.ts';
import { invitationSecret, invitationToken, tokenHash } from '../../src/notifications/invitation-token.ts';
import { asSuperuser, eventually } from '../stack/clients.ts';
import { useStack } from '../support/stack.ts';
import { signUp, signUpOwner, tablesThatHold, tokenIn } from './people.ts';
import { startApi, startMailServer } from './servers.ts';

const from = { ROWHOUSE_MAIL_FROM: 'Rowhouse <no-reply@app.example.com>' };
const login = { user: 'rowhouse', password: randomBytes(12).toString('hex') };
const [smtp, resend] = await Promise.all([
  startMailServer({ login }),
  startApi(() => ({ status: 200, body: { id: '49a3999c-0ce1-4ea6-ab68-afcd6dc2e794' } })),
]);
afterAll(() => Promise.all([smtp.stop(), resend.stop()]));

describe('the worker of a stack', () => {
  const throughSmtp = useStack({
    functionSettings: {
      ...from,
      ROWHOUSE_MAIL: `smtp://${login.user}:${login.password}@127.0.0.1:${smtp.port}`,
      ROWHOUSE_SITE_URL: 'https://app.example.com/',
      ROWHOUSE_INVITATION_SECRET: 'a secret of its own, that is no key of the stack',
    },
  });
  const throughResend = useStack({
    functionSettings: { ...from, ROWHOUSE_MAIL: 'resend:re_123', ROWHOUSE_RESEND_URL: resend.url },
  });

  test('sends through an SMTP server, and the link in the mail works', async () => {
    expect(throughSmtp.mailDirectory).toBeUndefined();
    const owner = await signUpOwner(throughSmtp, 'acme');
    const { invitation_id: id } = await owner.client.invoke('invite-member', { email: 'ada@example.com' });
    await eventually(() => smtp.received.length > 0);
    expect(smtp.received).toHaveLength(1);
    const [mail] = smtp.received;
    expect(mail).toMatchObject({
      from: 'no-reply@app.example.com',
      to: ['ada@example.com'],
      user: 'rowhouse',
      email: {
        messageId: `<tenancy.invitation.${id}@app.example.com>`,
        from: { name: 'Rowhouse', address: 'no-reply@app.example.com' },
      },
    });
    const token = tokenIn(mail?.email ?? {});
    expect(mail?.email.text).toContain(`https://app.example.com/accept-invitation?token=${token}\n`);
    const ada = await signUp(throughSmtp, 'ada@example.com');
    expect(await ada.client.invoke('accept-invitation', { token })).toMatchObject({
      organization_id: owner.organizationId,
    });
    expect(await tablesThatHold(throughSmtp, token)).toEqual([]);
  });

  test('sends through Resend, and the link in the mail works', async () => {
    const owner = await signUpOwner(throughResend, 'acme');
    const { invitation_id: id } = await owner.client.invoke('invite-member', { email: 'ada@example.com' });
    await eventually(() => resend.requests.length > 0);
    const [request] = resend.requests;
    expect(request).toMatchObject({
      path: '/emails',
      headers: { authorization: 'Bearer re_123', 'idempotency-key': `tenancy.invitation/${id}` },
      body: { to: ['ada@example.com'] },
    });
    const ada = await signUp(throughResend, 'ada@example.com');
    const token = tokenIn(request?.body as { text: string });
    expect(await ada.client.invoke('accept-invitation', { token })).toMatchObject({
      organization_id: owner.organizationId,
    });
  });
});

describe('a worker', () => {
  // Without edge functions nobody but the test works on the queue, with the settings of this process.
  const stack = useStack({ functionsDirectory: 'examples' });
  const names = ['ROWHOUSE_MAIL', 'ROWHOUSE_MAIL_FROM', 'ROWHOUSE_SITE_URL', 'ROWHOUSE_INVITATION_SECRET'];
  const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));
  let organizationId: string;

  const client = () =>
    createRowhouseClient(stack.apiUrl, stack.secretKey, {
      auth: { persistSession: false, autoRefreshToken: false },
    });
  const run = () => runWorker({ client: client(), handlers, queue: 'notifications' });
  const set = (settings: Record<string, string>) => {
    for (const name of names) process.env[name] = settings[name] ?? '';
  };
  const complete = (mail: string) => {
    set({ ...from, ROWHOUSE_MAIL: mail, ROWHOUSE_SITE_URL: 'https://app.example.com' });
    process.env.ROWHOUSE_INVITATION_SECRET = 'a secret that is long enough for this test';
  };

  async function openInvitation(): Promise<{ id: string; token: string }> {
    const id = crypto.randomUUID();
    const secret = await invitationSecret({
      invitationSecret: 'a secret that is long enough for this test',
      serviceKey: undefined,
    });
    const token = await invitationToken(secret, id);
    await asSuperuser(
      stack,
      `insert into public.invitations (organization_id, id, email, token_hash, invited_by)
       select organization_id, $2, $3, $4, user_id from public.members where organization_id = $1`,
      [organizationId, id, `${id}@example.com`, await tokenHash(token)],
    );
    await asSuperuser(stack, `select private.enqueue('notifications', 'tenancy.invitation', $1)`, [
      { organization_id: organizationId, invitation_id: id },
    ]);
    return { id, token };
  }

  beforeAll(async () => {
    organizationId = (await signUpOwner(stack, 'acme')).organizationId;
  });
  afterEach(async () => {
    for (const name of names) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before[name];
    }
    await asSuperuser(
      stack,
      `select pgmq.purge_queue('notifications'), pgmq.purge_queue('notifications_dead')`,
    );
  });

  test('without settings gives up in the end and says what is missing; replayed with them, it sends', async () => {
    set({});
    const { id } = await openInvitation();
    for (let attempt = 1; attempt <= 10; attempt++) {
      expect(await run()).toMatchObject(attempt < 10 ? { failed: 1, dead: 0 } : { failed: 0, dead: 1 });
      await asSuperuser(stack, 'update pgmq.q_notifications set vt = clock_timestamp()');
    }
    expect(await client().call('dead_letters', { queue: 'notifications' })).toMatchObject([
      { error: 'ROWHOUSE_MAIL is not set, so no mail can be sent. docs/notifications.md says what it is.' },
    ]);
    complete(`smtp://${login.user}:${login.password}@127.0.0.1:${smtp.port}`);
    expect(await client().call('replay_dead_letters', { queue: 'notifications' })).toBe(1);
    expect(await run()).toMatchObject({ done: 1, failed: 0, dead: 0 });
    expect(smtp.received.filter(({ raw }) => raw.includes(id))).toHaveLength(1);
  });

  test('that is killed between sending and saying so sends the same mail again', async () => {
    complete(`smtp://${login.user}:${login.password}@127.0.0.1:${smtp.port}`);
    const { id } = await openInvitation();
    const [message] = await client().call('claim_jobs', { queue: 'notifications' });
    const job = {
      queue: 'notifications',
      messageId: Number(message?.message_id),
      attempt: 1,
      payload: message?.payload,
    };
    // The first one, whose worker never came to complete_jobs.
    await handlers['tenancy.invitation']?.run(job, {
      client: client(),
      signal: new AbortController().signal,
    });
    await asSuperuser(stack, 'update pgmq.q_notifications set vt = clock_timestamp()');
    expect(await run()).toMatchObject({ done: 1 });
    const mails = smtp.received.filter(({ email }) => email.messageId?.includes(id));
    expect(mails).toHaveLength(2);
    expect(mails[0]?.email.messageId).toBe(mails[1]?.email.messageId);
    expect(mails[0]?.email.text).toBe(mails[1]?.email.text);
  });

  test('keeps no token, even when a mail server quotes the mail that it refuses', async () => {
    const quoting = await startMailServer({
      refuse: (raw) => `No: ${/token=(?:3D)?\S+/.exec(raw.replaceAll('=\r\n', ''))?.[0] ?? ''}`,
    });
    complete(`smtp://127.0.0.1:${quoting.port}`);
    const { token } = await openInvitation();
    expect(await run()).toMatchObject({ failed: 1 });
    await quoting.stop();
    const [failure] = await asSuperuser<{ error: string }>(
      stack,
      `select error from private.job_failures where queue = 'notifications'`,
    );
    expect(failure?.error).toMatch(/No: token=(3D)?…/);
    expect(await tablesThatHold(stack, token)).toEqual([]);
  });

  test('sends no link that would not work: the secret has changed since', async () => {
    complete(`smtp://${login.user}:${login.password}@127.0.0.1:${smtp.port}`);
    const { id } = await openInvitation();
    process.env.ROWHOUSE_INVITATION_SECRET = 'another secret, that came when keys were changed';
    expect(await run()).toMatchObject({ done: 0, failed: 1 });
    expect(smtp.received.filter(({ raw }) => raw.includes(id))).toEqual([]);
    expect(
      await asSuperuser(stack, `select error from private.job_failures where queue = 'notifications'`),
    ).toContainEqual({ error: 'The token of this invitation was made with another secret: invite again.' });
  });
});
