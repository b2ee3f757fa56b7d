'use strict';

// What people write by mistake in JavaScript, with a wrong code; and what a log would show of it.
const { once } = require('node:events');
const { createInterface } = require('node:readline');
const { inspect } = require('node:util');
const verifysms = require('verifysms');

async function attempt(mistake, tried) {
  let isIn = false;
  try {
    isIn = await tried();
  } catch (error) {
    console.log(error, String(error), inspect(error, { showHidden: true, depth: 9 }));
  }
  console.log(`${isIn ? 'in' : 'out'}: ${mistake}`);
}

async function main() {
  const { VERIFYSMS_API_KEY: key, VERIFYSMS_URL: url, NUMBER: number } = process.env;
  // More wrong codes than the guard allows.
  const settings = { apiKey: key, sender: 'Acme', url, noGuard: true };
  const client = new verifysms.Client(settings);
  const nowhere = new verifysms.Client({ ...settings, url: 'http://127.0.0.1:1/' });
  const connected = await client.connect();
  const sent = await client.send(number);
  console.log('code for 0501234567?');
  const lines = createInterface(process.stdin);
  const [right] = await once(lines, 'line');
  lines.close();
  const wrong = right.replace(/\d/g, (digit) => 9 - digit);

  await attempt('the answer', () => client.check(number, wrong));
  await attempt('the answer, whatever it is', async () => {
    await client.check(number, wrong);
    return true;
  });
  await attempt('what comes then', () => client.check(number, wrong).then(() => true));
  await attempt('whether there was an error of the network', async () => {
    try {
      return await client.check(number, wrong);
    } catch (error) {
      return error.code === 0 || error.answer === null;
    }
  });
  await attempt('the status in the error', async () => {
    try {
      return await client.check(number, wrong);
    } catch (error) {
      return error.answer.status === 1;
    }
  });
  await attempt('a check that is caught', () => client.check(number, wrong).catch(() => undefined));
  await attempt('one of all', async () => (await Promise.all([client.check(number, wrong)]))[0]);
  await attempt('a property without an await', () => {
    const checked = client.check(number, wrong);
    checked.catch(() => {});
    return checked.verified || checked.status === 1 || checked.ok;
  });
  await attempt('no answer', () => nowhere.check(number, right));
  await attempt('what a connect answered', () => connected);
  await attempt('what a forget answered', () => client.forget(number));
  await attempt('a property of a send', () => sent.verified || sent.status === 1);

  // Errors of every kind: they may show no argument.
  const broken = [
    () => new verifysms.Client({ ...settings, apiKey: `${key}\0` }),
    () => new verifysms.Client({ ...settings, apiKey: [key] }),
    () => new verifysms.Client({ ...settings, key }),
    () => new verifysms.Client(key),
    () => new verifysms.Client({ ...settings, sender: 'far too long a name' }),
    () => client.check(number, Number(right)),
    () => client.check(number, [right]),
    () => client.check(number, `${right}\0`),
    () => client.check(number, `${right}\ud800`),
    () => client.check(`${number}\0`, right),
    () => client.check(number, right, number),
    () => client.check(number),
    () => client.check(),
  ];
  for (const call of broken) await attempt('a wrong argument', async () => (await call()) instanceof verifysms.Checked);

  const checked = await client.check(number, right);
  console.log(client, nowhere, sent, checked, `${checked}`, inspect(client, { showHidden: true, depth: 9 }));
  await attempt('the right code', () => checked);
}

main();
