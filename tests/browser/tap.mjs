// TAP, as much of it as a test needs.

let count = 0;
let failed = 0;

/** @param {string} name @param {unknown} passed @param {string} [why] told when it did not */
export function check(name, passed, why = '') {
  count++;
  if (!passed) failed++;
  console.log(`${passed ? 'ok' : 'not ok'} ${count} - ${name}`);
  if (!passed && why) note(why);
}

/** @param {string} words */
export function note(words) {
  for (const line of words.split('\n')) console.log(`# ${line}`);
}

export function finish() {
  console.log(`1..${count}`);
  process.exitCode = failed ? 1 : 0;
}
