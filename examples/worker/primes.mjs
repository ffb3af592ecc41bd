#!/usr/bin/env node
// A parbench worker in Node 18 or later, without packages: counts primes.
//
// Replace `Workload` by your own work. Below it stands the worker protocol, version 2, which need
// not be changed (docs/worker-protocol.md).

// The work. What a method throws becomes the error of one request; the worker goes on.
class Workload {
  static NAME = "primes";

  // Makes ready what tasks need. Not timed, and kept for the next requests.
  constructor(params) {
    this.tasks = whole(params, "tasks", 1, 1_000_000, 16);
    this.size = whole(params, "size", 0, 1_000_000_000, 200_000);
    // What all tasks together get through, and the memory that one of them holds.
    this.work = { amount: this.size, unit: "numbers" };
    this.taskBytes = 0;
  }

  // Does a task. Its result is any JSON, and depends on the parameters and the index only.
  // Here and below, a promise of the result will do.
  task(index) {
    const end = Math.floor((this.size * (index + 1)) / this.tasks);
    let primes = 0;
    for (let number = Math.floor((this.size * index) / this.tasks); number < end; number++) {
      if (isPrime(number)) primes++;
    }
    return primes;
  }

  // Makes the answer of the results of all tasks, in their order.
  combine(partials) {
    if (!partials.every(Number.isSafeInteger)) throw new Error("a partial result is not a number");
    return partials.reduce((sum, primes) => sum + primes, 0);
  }

  // Does a task, and checks what its result cannot show: here nothing.
  audit(index) {
    this.task(index);
  }

  // Gives up what tasks keep for the next ones: here nothing.
  coolDown() {}

  // The SHA-256 of the files that tasks read, or null where they read none.
  inputs() {
    return null;
  }
}

function isPrime(number) {
  for (let divisor = 2; divisor * divisor <= number; divisor++) {
    if (number % divisor === 0) return false;
  }
  return number > 1;
}

function whole(params, name, least, most, usual) {
  const value = params[name] === undefined ? usual : params[name];
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new Error(`${name} must be a whole number from ${least} to ${most}`);
  }
  return value;
}

// The protocol.

const PROTOCOL = 2;
const utf8 = new TextDecoder("utf-8", { fatal: true });
const kept = { key: null, workload: null };

async function main() {
  // What a task prints must not get among the answers.
  console.log = console.info = console.debug = console.error;
  // Nobody wants the answers any more.
  process.stdout.on("error", () => process.exit(0));

  await write({ parbench_worker: PROTOCOL });
  let parts = [];
  for await (let chunk of process.stdin) {
    for (let end; (end = chunk.indexOf("\n")) >= 0; chunk = chunk.subarray(end + 1)) {
      const line = Buffer.concat([...parts, chunk.subarray(0, end)]);
      parts = [];
      await write(await answer(line));
    }
    if (chunk.length > 0) parts.push(chunk);
  }
  if (parts.length > 0) await write(await answer(Buffer.concat(parts)));
}

function write(message) {
  return new Promise((written) => process.stdout.write(JSON.stringify(message) + "\n", written));
}

async function answer(line) {
  let id = null;
  try {
    const request = JSON.parse(utf8.decode(line));
    if (!Number.isSafeInteger(request?.id) || request.id < 0) {
      throw new Error("this is not a request: it has no id");
    }
    id = request.id;
    return { id, ...(await served(request)) };
  } catch (error) {
    return { id, error: String(error?.message ?? error).replace(/\s+/g, " ") };
  }
}

async function served(request) {
  const version = request.parbench_worker ?? PROTOCOL;
  if (version !== PROTOCOL) {
    throw new Error(
      `the request is of version ${version} of the worker protocol, and this worker speaks version ${PROTOCOL}`,
    );
  }
  const workload = ready(request);
  switch (request.do ?? "task") {
    case "task": {
      const { result, seconds } = await timed(request, workload.tasks, (index) => workload.task(index));
      return { partial: result ?? null, seconds };
    }
    case "audit": {
      const { seconds } = await timed(request, workload.tasks, (index) => workload.audit(index));
      return { seconds };
    }
    case "prepare":
      return { seconds: 0 };
    case "cool-down":
      await workload.coolDown();
      return { seconds: 0 };
    case "inputs":
      return { inputs: await workload.inputs() };
    case "describe":
      return { tasks: workload.tasks, work: workload.work, task_bytes: workload.taskBytes };
    case "combine": {
      const partials = request.partials ?? [];
      if (partials.length !== workload.tasks) {
        throw new Error(`there are ${partials.length} partial results of ${workload.tasks} tasks`);
      }
      return { answer: await workload.combine(partials) };
    }
    default:
      throw new Error(`this is not a request: it cannot do ${request.do}`);
  }
}

function ready({ workload, params }) {
  if (workload !== Workload.NAME) {
    throw new Error(`this worker knows only the workload ${Workload.NAME}`);
  }
  if (params === null || typeof params !== "object") {
    throw new Error("this is not a request: it has no params");
  }
  const key = JSON.stringify(params);
  if (kept.key !== key) Object.assign(kept, { workload: new Workload(params), key });
  return kept.workload;
}

async function timed({ task: index = 0, slowdown = 1 }, tasks, work) {
  if (!Number.isInteger(index) || index < 0 || index >= tasks) {
    throw new Error(`there is no task ${index}: ${Workload.NAME} has ${tasks}`);
  }
  const start = performance.now();
  const result = await work(index);
  const end = start + (performance.now() - start) * slowdown;
  while (performance.now() < end);
  return { result, seconds: (performance.now() - start) / 1000 };
}

await main();
