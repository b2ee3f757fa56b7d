// What compiles with the types of the Node binding, and what does not: tsc --strict reads this, nothing runs it.
import * as verifysms from 'verifysms';

export async function used(key: string | undefined, signal: AbortSignal): Promise<string> {
  const client = new verifysms.Client({
    apiKey: key,
    sender: key,
    limits: { [verifysms.LIMIT_TRIES]: [5, 600] },
    guard: null,
    event: ({ event, reused }) => console.log(verifysms.eventName(event), reused),
    log: (level, line) => console.log(level === verifysms.LOG_WARNING, line.trim()),
  });
  await client.connect({ signal });
  const sent: verifysms.Sent = await client.send('0501234567', { endUser: '192.0.2.1', sender: 'Acme', signal });
  const checked: verifysms.Checked = await client.check('0501234567', '123456', { timeoutMs: 1000 });
  const { state, next, code }: verifysms.Delivery = await client.delivery(sent.unique);
  await client.forget(checked.to);
  const shown: string = await client.guardShow(checked.to);
  const warning: verifysms.Warning | undefined = verifysms.inspectMessage('##code##', { digits: 6 }).warnings[0];
  const phone: verifysms.Phone = verifysms.normalize(shown);
  client.cancel();
  await client.close();
  return [phone.e164, verifysms.waitText(sent.retryAfter, 'he'), state, next, code, warning?.text].join();
}

export function told(error: unknown): boolean {
  if (!(error instanceof verifysms.VerifySmsError)) throw error;
  const name: string = verifysms.limitName(error.answer?.limit ?? 0) + verifysms.ruleName(error.rule);
  return error.code === verifysms.LIMITED && error.safeToRetry && name !== '' && error.retryAfter > 0;
}

export async function mistaken(client: verifysms.Client): Promise<void> {
  // @ts-expect-error: an await is missing, and a promise is always true
  if (client.check('0501234567', '123456')) console.log('in');
  // @ts-expect-error: the same
  console.log(client.check('0501234567', '123456') ? 'in' : 'out');
  // @ts-expect-error: a send is no check
  const checked: verifysms.Checked = await client.send('0501234567');
  // @ts-expect-error: nor is what became of a message
  const delivered: verifysms.Checked = await client.delivery(checked.unique);
  // @ts-expect-error: nothing has this property
  if (delivered.verified) console.log('in');
  // @ts-expect-error: a code that is a number has lost its zeros
  await client.check('0501234567', 123456);
  // @ts-expect-error: a setting that is misspelt
  new verifysms.Client({ apiKey: 'key', timeout: 1000 });
  // @ts-expect-error: the sender is the check's no more
  await client.check('0501234567', '123456', { sender: 'Acme' });
  // @ts-expect-error: an answer of one's own
  new verifysms.Checked();
}
