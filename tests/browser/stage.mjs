// The stage for the browser tests: Chromium, pages in it, waiting for what they come to, pictures, and complaints.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--ignore-certificate-errors', '--autoplay-policy=user-gesture-required'];
export const WIDE = { viewport: { width: 1280, height: 720 } };
export const SMALL = { viewport: { width: 800, height: 500 } }; // drawn by the CPU: where looks do not matter
export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
export const BUSY_MS = 50000; // generous: the machine may be busy

export const shots = process.env.SHOTS || mkdtempSync(join(tmpdir(), 'tidewire-shots-'));
export const troubles = new Set(); // what any page complained of, each once
const intended = /ERR_INTERNET_DISCONNECTED|WebSocket connection|Failed to load resource/; // while we cut the network

export function launch() {
  mkdirSync(shots, { recursive: true });
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGS });
}

/** A page of its own device, at `url`. `before`: run in the page before all of its own. */
export async function visit(browser, url, options, before) {
  const context = await browser.newContext({ ...options, ignoreHTTPSErrors: true });
  const page = await context.newPage();
  page.on('pageerror', (error) => troubles.add(String(error.stack ?? error)));
  page.on('console', (line) => { if (line.type() === 'error' && !intended.test(line.text())) troubles.add(line.text()); });
  if (before) await page.addInitScript(before);
  await page.goto(url);
  return { context, page };
}

/** An arena that flies. */
export async function open(browser, url, options, before) {
  const began = Date.now();
  const { context, page } = await visit(browser, url, options, before);
  await playing(page);
  return { context, page, ms: Date.now() - began };
}

export const playing = (page) =>
  page.waitForFunction(() => window.tidewire?.state === 'playing' && window.tidewire.own.alive, null, { timeout: BUSY_MS });
export const shot = (page, name) => page.screenshot({ path: join(shots, `${name}.png`) });
export const until = (page, test, argument) =>
  page.waitForFunction(test, argument, { timeout: BUSY_MS, polling: 50 }).then(() => true, () => false); // not by pictures: a hidden tab has none
