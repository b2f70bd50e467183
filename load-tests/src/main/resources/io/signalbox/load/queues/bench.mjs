// Puts tasks into a queue at a fixed rate, in bulk, and takes them out again. Open loop: a latency counts from when the task
// should have been put in. Writes one line of JSON. Everything comes as environment variables; see QueuesCommand.java.
import { performance } from 'node:perf_hooks';

const { QUEUE, PG_URL, REDIS_URL } = process.env;
const RATE = Number(process.env.RATE);
const SECONDS = Number(process.env.DURATION);
const WARM_UP = Number(process.env.WARM_UP);
const BULK_MS = Number(process.env.BULK_MS);
const CONCURRENCY = Number(process.env.CONCURRENCY);
const PATIENCE_MS = 20_000;

const padding = 'x'.repeat(Number(process.env.PAYLOAD));
const latencies = [];
let counted = 0;
let received = 0;

/** To be called by each queue when a worker has the task. */
function take({ due, counts }) {
  if (counts) {
    received++;
    latencies.push(performance.now() - due);
  }
}

async function pgBoss() {
  const { PgBoss } = await import('pg-boss');
  const boss = new PgBoss({ connectionString: PG_URL, max: 16 });
  boss.on('error', fail);
  await boss.start();
  await boss.createQueue('bench');
  for (let i = 0; i < 4; i++) {
    await boss.work('bench', { batchSize: 1000, pollingIntervalSeconds: 0.5 }, async jobs => jobs.forEach(job => take(job.data)));
  }
  return {
    put: tasks => boss.insert('bench', tasks.map(data => ({ data }))),
    stop: () => boss.stop({ graceful: false }),
  };
}

async function graphileWorker() {
  const { run, makeWorkerUtils } = await import('graphile-worker');
  const { Logger } = await import('graphile-worker');
  const logger = new Logger(() => (level, message) => { if (level === 'error') fail(new Error(message)); });
  const utils = await makeWorkerUtils({ connectionString: PG_URL, logger });
  await utils.migrate();
  const runner = await run({
    connectionString: PG_URL,
    logger,
    noHandleSignals: true,
    preset: { worker: { concurrentJobs: CONCURRENCY, maxPoolSize: 16, pollInterval: 100, localQueue: { size: 1000 },
      completeJobBatchDelay: 5, failJobBatchDelay: 5 } },
    taskList: { bench: async payload => take(payload) },
  });
  return {
    put: tasks => utils.addJobs(tasks.map(payload => ({ identifier: 'bench', payload }))),
    stop: async () => { await runner.stop(); await utils.release(); },
  };
}

async function bullMq() {
  const { Queue, Worker } = await import('bullmq');
  const { default: Redis } = await import('ioredis');
  const connection = new Redis(REDIS_URL, { maxRetriesPerRequest: null });
  const queue = new Queue('bench', { connection });
  const worker = new Worker('bench', async job => take(job.data), {
    connection, concurrency: CONCURRENCY, removeOnComplete: { count: 0 },
  });
  worker.on('error', fail);
  await worker.waitUntilReady();
  return {
    put: tasks => queue.addBulk(tasks.map(data => ({ name: 'bench', data, opts: { removeOnComplete: true } }))),
    stop: async () => { await worker.close(true); await queue.close(); },
  };
}

function fail(error) {
  console.error(error);
  process.exit(1);
}

async function pump(queue, seconds, counts) {
  const begin = performance.now();
  const total = RATE * seconds;
  let sent = 0;
  const pending = new Set();
  while (sent < total) {
    const should = Math.min(total, Math.floor(((performance.now() - begin) / 1000) * RATE));
    const tasks = [];
    for (; sent < should; sent++) {
      tasks.push({ due: begin + (sent * 1000) / RATE, counts, padding });
    }
    if (tasks.length > 0) {
      counted += counts ? tasks.length : 0;
      const put = queue.put(tasks).then(() => pending.delete(put)).catch(fail);
      pending.add(put);
    }
    await new Promise(done => setTimeout(done, BULK_MS));
  }
  await Promise.all(pending);
  return performance.now() - begin;
}

const queue = await { 'pg-boss': pgBoss, 'graphile-worker': graphileWorker, bullmq: bullMq }[QUEUE]();
await pump(queue, WARM_UP, false);
const before = process.cpuUsage();
const begin = performance.now();
await pump(queue, SECONDS, true);
while (received < counted && performance.now() - begin < SECONDS * 1000 + PATIENCE_MS) {
  await new Promise(done => setTimeout(done, 10));
}
const elapsed = (performance.now() - begin) / 1000;
const cpu = process.cpuUsage(before);
latencies.sort((a, b) => a - b);
const percentile = p => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * p))] ?? null;
console.log(JSON.stringify({
  queue: QUEUE, submitted: counted, received, seconds: elapsed, p50: percentile(0.5), p99: percentile(0.99), max: percentile(1),
  cpuSeconds: (cpu.user + cpu.system) / 1e6,
}));
await Promise.race([queue.stop(), new Promise(done => setTimeout(done, 3000))]);
process.exit(0);
