'use strict';

// example.js send NUMBER sends a code, example.js check NUMBER CODE checks it, example.js connect only opens a
// connection. The exit status is the library's code: 0 only if connected, sent, or verified. Reads VERIFYSMS_API_KEY,
// _SENDER, _URL and _GUARD: file:/path keeps the counts from one run to the next.
const verifysms = require('verifysms');

async function verify(asked, number, typed) {
  const client = new verifysms.Client({
    apiKey: process.env.VERIFYSMS_API_KEY,
    sender: process.env.VERIFYSMS_SENDER,
    url: process.env.VERIFYSMS_URL,
    guard: process.env.VERIFYSMS_GUARD,
  });
  if (asked === 'connect') {
    await client.connect();
    console.log('code 0, reached 0: connected');
  } else if (asked === 'send') {
    const sent = await client.send(number);
    console.log(`code 0, reached 1, number ${sent.to}: ${sent.message}`);
    console.log(`message ${sent.unique} at ${new Date(sent.timestamp * 1000).toISOString()}`);
  } else {
    const checked = await client.check(number, typed);
    console.log(`code 0, reached 1, number ${checked.to}: ${checked.message}`);
    console.log('the number is theirs');
  }
  await client.close();
}

function tell(error) {
  if (!(error instanceof verifysms.VerifySmsError)) throw error;
  console.log(`code ${error.code}, reached ${error.reached}: ${error.message}`);
  if (error.code === verifysms.NOT_VERIFIED) console.log('let the person type again');
  if (error.code === verifysms.LIMITED) console.log(`wait ${error.retryAfter} s`);
  if (error.reached === verifysms.REACHED_UNKNOWN) console.log('it may have arrived: do not repeat it');
  process.exitCode = error.code;
}

const given = process.argv.slice(2);
if ({ connect: 1, send: 2, check: 3 }[given[0]] === given.length) {
  console.log(`verifysms ${verifysms.version()}`);
  verify(...given).catch(tell);
} else {
  console.error('example.js send NUMBER, example.js check NUMBER CODE, or example.js connect');
  process.exitCode = verifysms.INVALID_ARGUMENT;
}
