// A node under test: the real binary on a free port, with a data directory of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const API_KEY = 'the-node-key';

export class RunningNode {
  static async start() {
    const node = new RunningNode();
    node.directory = await mkdtemp(join(tmpdir(), 'cacheindex-clients-'));
    node.process = spawn(process.env.CACHEINDEX_BINARY, [
      'serve', '--data-dir', join(node.directory, 'data'), '--listen', '127.0.0.1:0',
      '--api-key', API_KEY,
    ], { stdio: ['ignore', 'inherit', 'pipe'] });
    node.port = await node.#readPort();
    return node;
  }

  /** What a client needs to talk to it; a slow machine may take its time. */
  get server() {
    return {
      nodes: [this.address], apiKey: API_KEY, numRetries: 0, connectionTimeoutSeconds: 20,
      cacheSearchResultsForSeconds: 0, logLevel: 'silent',
    };
  }

  /** What a client needs to find it. */
  get address() {
    return { host: '127.0.0.1', port: this.port, protocol: 'http' };
  }

  /** One request without a client; returns status and JSON. */
  async ask(method, path, { body, key = API_KEY } = {}) {
    const reply = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      headers: { 'X-TYPESENSE-API-KEY': key },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: reply.status, json: await reply.json() };
  }

  async stop() {
    this.process.kill('SIGTERM');
    if (this.process.exitCode === null) {
      await once(this.process, 'exit');
    }
    await rm(this.directory, { recursive: true, force: true });
  }

  #readPort() {
    return new Promise((resolve, reject) => {
      let log = '';
      this.process.once('exit', () => reject(new Error(`the node did not start:\n${log}`)));
      this.process.stderr.on('data', (bytes) => {
        log += bytes;
        const listening = /event=listening .*port=(\d+)/.exec(log);
        if (listening) {
          resolve(Number(listening[1]));
        }
      });
    });
  }
}
