'use strict';

const assert = require('node:assert/strict');
const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const { createServer } = require('node:http');
const { test } = require('node:test');
const { inspect } = require('node:util');
const verifysms = require('verifysms');

/** The settings for a service that answers as the handler does, until the end of the test. */
async function serve(context, handler) {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { apiKey: 'key', sender: 'Acme', url: `http://127.0.0.1:${server.address().port}/`, noGuard: true };
}

/** A client of a service that never answers; `read` waits for its next request. */
async function silent(context, more = {}) {
  let tell;
  const requests = [];
  const settings = await serve(context, (request) => {
    request.resume();
    requests.push(request);
    tell?.();
  });
  const client = new verifysms.Client({ ...settings, ...more });
  async function read(count) {
    while (requests.length < count) await new Promise((resolve) => (tell = resolve));
  }
  return { client, read, settings };
}

/** Answers a check with the number that it asks about. */
async function verify(request, response, before = Promise.resolve()) {
  let body = '';
  for await (const part of request) body += part;
  await before;
  response.end(`{"status":1,"phone":"${/name="to"\r\n\r\n(\d+)/.exec(body)[1]}"}`);
}

test('many calls wait at once, and the loop runs meanwhile', async (context) => {
  const many = 200;
  let come = 0;
  let release;
  const allCame = new Promise((resolve) => (release = resolve));
  const records = [];
  const settings = await serve(context, (request, response) => {
    // No call is answered before the last has come: in this thread, which therefore is free.
    if (++come === many) release();
    verify(request, response, allCame);
  });
  const log = (level, line) => records.push([level, line]);
  const client = new verifysms.Client({ ...settings, log });
  const numbers = Array.from({ length: many }, (_, index) => `0501234${String(index).padStart(3, '0')}`);
  const answers = await Promise.all(numbers.map((to) => client.check(to, '123456')));
  assert.deepEqual(
    answers.map(({ to }) => to),
    numbers,
  );
  assert.equal(records.filter(([level]) => level === verifysms.LOG_INFO).length, many);
  await client.close();
});

test('a signal ends its call alone', async (context) => {
  const { client, read } = await silent(context);
  const controller = new AbortController();
  const ends = client.send('0501234567', { signal: controller.signal });
  const stays = client.send('0501234568', { timeoutMs: 1000 });
  await read(2);
  controller.abort('gone');
  const { CANCELLED, TIMEOUT, REACHED_UNKNOWN } = verifysms;
  await assert.rejects(ends, { name: 'AbortError', cause: 'gone', code: CANCELLED, reached: REACHED_UNKNOWN });
  await assert.rejects(stays, { name: 'VerifySmsError', code: TIMEOUT, reached: REACHED_UNKNOWN });
  const late = client.send('0501234567', { signal: controller.signal });
  await assert.rejects(late, { name: 'AbortError', code: CANCELLED, reached: verifysms.REACHED_NO });
});

test('cancel ends all calls', async (context) => {
  const { client, read } = await silent(context);
  const calls = [client.send('0501234567'), client.check('0501234568', '123456')];
  await read(2);
  client.cancel();
  for (const call of calls) await assert.rejects(call, { code: verifysms.CANCELLED, name: 'VerifySmsError' });
});

test('a client closes when its calls have ended', async (context) => {
  const { client, read } = await silent(context);
  const running = client.send('0501234567', { timeoutMs: 500 });
  await read(1);
  let isOver = false;
  const ends = assert.rejects(running, { code: verifysms.TIMEOUT }).then(() => (isOver = true));
  await client.close();
  await ends;
  assert.ok(isOver);
  await client.close();
  client.cancel();
  await assert.rejects(client.send('0501234567'), { code: verifysms.INVALID_ARGUMENT });
  await assert.rejects(client.guardShow('0501234567'), { code: verifysms.INVALID_ARGUMENT });
});

test('a log function makes calls, also out of a worker thread', async (context) => {
  const { settings } = await silent(context);
  const done = new Promise((resolve) => {
    const client = new verifysms.Client({
      ...settings,
      noGuard: false,
      log: (_, line) => line.startsWith('guard show') && resolve(client.connect()),
    });
    client.guardShow('0501234567');
  });
  await done;
});

test('a process that exits does not wait for its calls', async (context) => {
  const { settings } = await silent(context);
  const program = `
    const { Client } = require('verifysms');
    new Client(${JSON.stringify(settings)}).send('0501234567').catch(() => {});
    setTimeout(() => process.exit(7), 100);`;
  const begun = performance.now();
  // In a thread of this process nothing answers meanwhile.
  assert.equal(spawnSync(process.execPath, ['-e', program]).status, 7);
  assert.ok(performance.now() - begun < 10_000);
});

test('a client that nobody closes keeps no process', async (context) => {
  const settings = await serve(context, verify);
  const program = `
    const { Client } = require('verifysms');
    new Client(${JSON.stringify(settings)}).check('0501234567', '123456').then(() => console.log('over'));`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.setEncoding('utf8');
  const [said] = await once(child.stdout, 'data');
  const [status] = await once(child, 'exit');
  assert.deepEqual([said, status], ['over\n', 0]);
});

test('clients that nobody closes are freed', { skip: process.platform !== 'linux' }, () => {
  const program = `
    const { readdirSync } = require('node:fs');
    const { Client } = require('verifysms');
    const descriptors = () => readdirSync('/proc/self/fd').length;
    async function main() {
      new Client({ apiKey: 'key', log() {} });
      const before = descriptors();
      for (let count = 0; count < 100; count++) new Client({ apiKey: 'key', log() {} });
      const most = descriptors();
      for (let turn = 0; turn < 100 && descriptors() > before; turn++) {
        gc();
        await new Promise(setImmediate);
      }
      process.exitCode = most >= before + 100 && descriptors() <= before ? 0 : 1;
    }
    main();`;
  assert.equal(spawnSync(process.execPath, ['--expose-gc', '-e', program]).status, 0);
});

test('what is given wrongly is refused and not shown', async (context) => {
  const { client, settings } = await silent(context);
  const wrong = [
    () => new verifysms.Client({ ...settings, apiKey: ['hidden'] }),
    () => new verifysms.Client({ ...settings, apiKey: 'hidden\0' }),
    () => new verifysms.Client({ ...settings, apikey: 'hidden' }),
    () => new verifysms.Client({ ...settings, timeoutMs: '1000' }),
    () => new verifysms.Client({ ...settings, timeoutMs: 2 ** 32 + 1000 }),
    () => new verifysms.Client({ ...settings, allowHttp: 'false' }),
    () => new verifysms.Client({ ...settings, log: 'hidden' }),
    () => client.check('0501234567', 123456),
    () => client.check('0501234567', '\ud800'),
    () => client.check('0501234567', '123456', { user: 'hidden' }),
    () => client.send(['hidden']),
  ];
  for (const call of wrong) {
    await assert.rejects(async () => call(), (error) => {
      assert.equal(error.code, verifysms.INVALID_ARGUMENT, error);
      assert.ok(!inspect(error).includes('hidden'), error);
      return true;
    });
  }
});

test('an error does not show its number', async (context) => {
  const { client } = await silent(context);
  await assert.rejects(client.check('0501234567', '123456', { timeoutMs: 100 }), (error) => {
    assert.equal(error.answer.to, '0501234567');
    assert.deepEqual(Object.keys(error).sort(), ['code', 'name', 'reached', 'rule']);
    for (const shown of [JSON.stringify(error), inspect({ ...error }), inspect(error, { showHidden: true })]) {
      assert.ok(!shown.includes('0501234567'), shown);
    }
    return true;
  });
});

test('a module finds each name by import', async () => {
  const imported = Object.keys(await import('verifysms'));
  assert.deepEqual(
    Object.keys(verifysms).filter((name) => !imported.includes(name)),
    [],
  );
});
