'use strict';

// Gives the library what is in SET_..., makes the call ASK with what is in SEND_..., prints what is known.
const verifysms = require('verifysms');

const text = (name) => process.env[name];
const has = (name) => name in process.env;
const number = (name) => (has(name) ? Number(text(name)) : undefined);

const settings = {
  apiKey: text('VERIFYSMS_API_KEY'),
  sender: text('SET_SENDER'),
  message: text('SET_MESSAGE'),
  url: text('SET_URL'),
  deliveryUrl: text('SET_DELIVERY_URL'),
  timeoutMs: number('SET_TIMEOUT_MS'),
  connectTimeoutMs: number('SET_CONNECT_TIMEOUT_MS'),
  proxy: has('SET_NO_PROXY') ? '' : text('SET_PROXY'),
  caFile: text('SET_CA_FILE'),
  trust: number('SET_TRUST'),
  allowHttp: has('SET_ALLOW_HTTP'),
  guard: text('SET_GUARD'),
  noGuard: has('SET_NO_GUARD'),
  guardSecret: text('SET_GUARD_SECRET'),
  guardNamespace: text('SET_GUARD_NAMESPACE'),
  guardTimeoutMs: number('SET_GUARD_TIMEOUT_MS'),
  guardFailure: number('SET_GUARD_FAILURE'),
};
if (has('SET_LIMIT')) {
  const [limit, ...rate] = text('SET_LIMIT').split(' ').map(Number);
  settings.limits = { [limit]: rate };
}
if (has('SET_LOG')) settings.log = (level, line) => console.log('log', level, line);
if (has('SET_EVENT')) {
  settings.event = ({ event, ...numbers }) => {
    console.log('event', verifysms.eventName(event), ...Object.values(numbers).map(Number));
  };
}

function print(fields) {
  for (const [name, value] of Object.entries(fields)) {
    console.log(`${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}=${value}`);
  }
}

function tell(code, reached, answer) {
  print({ code, reached });
  if (!answer) return;
  const { state, next, code: provider, hebrew, english, date, operator, ...known } = answer;
  print({ ...known, limitName: verifysms.limitName(answer.limit), ruleName: verifysms.ruleName(answer.rule) });
  for (const language of ['he', 'en']) {
    print({ [`wait_text_${language}`]: verifysms.waitText(answer.retryAfter, language) });
  }
  if (answer instanceof verifysms.Delivery) {
    print({ delivery_state: state, delivery_next: next, delivery_code: provider, delivery_hebrew: hebrew });
    print({ delivery_english: english, delivery_date: date, delivery_operator: operator });
  }
}

async function ask(client, signal) {
  const to = text('NUMBER');
  const options = { endUser: text('SEND_END_USER'), timeoutMs: number('SEND_TIMEOUT_MS'), signal };
  switch (text('ASK')) {
    case 'check':
      return client.check(to, text('SEND_CODE'), options);
    case 'show':
      print({ code: 0, reached: 0, message: await client.guardShow(to) });
      return null;
    case 'forget':
      await client.forget(to);
      print({ code: 0 });
      return null;
    case 'delivery':
      return client.delivery(text('SEND_UNIQUE'), { signal });
    case 'inspect': {
      const found = verifysms.inspectMessage(text('SEND_MESSAGE'), { sender: text('SEND_SENDER'), digits: 6 });
      const { warnings, ...costs } = found;
      print(costs);
      for (const warning of warnings) console.log(`warning=${warning.kind} ${warning.position} ${warning.text}`);
      return null;
    }
    case 'phone':
      print({ ...verifysms.normalize(to), ruleName: '' });
      return null;
    default:
      return client.send(to, {
        ...options,
        sender: text('SEND_SENDER'),
        message: text('SEND_MESSAGE'),
        origin: text('SEND_ORIGIN'),
        appHash: text('SEND_APP_HASH'),
      });
  }
}

async function main() {
  // A signal is what interrupts a call.
  const controller = new AbortController();
  const client = new verifysms.Client(settings);
  if (has('SET_INTERRUPT')) setTimeout(() => controller.abort(), 100);
  if (has('SET_CANCEL')) setTimeout(() => client.cancel(), 100);
  const answer = await ask(client, controller.signal);
  if (answer) tell(0, 1, answer);
}

main().catch((error) => {
  if (!(error instanceof verifysms.VerifySmsError)) throw error;
  print({ message: error.message, rule: error.rule, ruleName: verifysms.ruleName(error.rule) });
  tell(error.code, error.reached, error.answer);
});
