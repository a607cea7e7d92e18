// A server with one seat: who comes second waits in line, is told so, and flies when the first one leaves.
import { check } from './tap.mjs';
import { open, shot, SMALL, until, visit } from './stage.mjs';

export async function waiting(browser, url) {
  const first = await open(browser, url, SMALL);
  const { page, context } = await visit(browser, url, SMALL);
  check('waiting: the card tells that all seats are taken', await until(page, () => document.querySelector('#trouble')?.textContent.includes('You are next in line')));
  const third = await visit(browser, url, SMALL);
  check('waiting: who comes third knows of the one before', await until(third.page, () => document.querySelector('#trouble')?.textContent.includes('1 before you in line')));
  await third.context.close();
  await page.keyboard.press('Enter');
  check('waiting: and so does the screen, without an empty ship\'s gauges', await until(page, () => document.querySelector('#message').checkVisibility()
    && getComputedStyle(document.querySelector('#gauges')).visibility === 'hidden'));
  await shot(page, 'waiting');
  await first.page.evaluate(() => window.tidewire.room.leave());
  check('waiting: who left is told so, and may come back', await until(first.page, () => document.querySelector('#message strong').textContent === 'Out of the arena'
    && !document.querySelector('#message button').hidden && getComputedStyle(document.querySelector('#gauges')).visibility === 'hidden'));
  check('waiting: a seat that becomes free is taken', await until(page, () => window.tidewire.state === 'playing' && window.tidewire.own.alive));
  check('waiting: then the screen is the pilot\'s', await until(page, () => getComputedStyle(document.querySelector('#gauges')).visibility === 'visible' && document.querySelector('#message').hidden));
  await first.page.keyboard.press('Escape'); // the card away
  await first.page.evaluate(() => window.tidewire.room.rejoin());
  await until(first.page, () => window.tidewire.room.place === 1);
  await first.page.evaluate(() => window.tidewire.room.drop());
  await until(first.page, () => window.tidewire.room.place === 0);
  check('waiting: who lost the line in line is in line again', await until(first.page, () => window.tidewire.room.place === 1));
  check('waiting: and is not told of a lost line', await until(first.page, () => !document.querySelector('#line.on') && document.querySelector('#message').checkVisibility()
    && document.querySelector('#message').textContent.includes('next in line')));
  await context.close();
  await first.context.close();
}
