// An agent with one skill, in plain JavaScript. Run it beside a node: node examples/reviewer.mjs (Node.js 22 or later)
const node = process.argv[2] ?? 'http://127.0.0.1:4280';
const tasks = new Map(); // by id: the assignment, and the result once there is one
let socket, resumeToken;
const send = (entry) => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(entry));

function connect() {
  const mine = (socket = new WebSocket(`${node.replace('http', 'ws')}/v1/connect`, 'signalbox.v1.json'));
  socket.onopen = () => send({ hello: { client: 'reviewer.mjs', token: process.env.SIGNALBOX_TOKEN, resumeToken } });
  socket.onmessage = ({ data }) => [JSON.parse(data)].flat().forEach(receive); // one entry, or an array of them
  socket.onclose = socket.onerror = ({ code = 1006, reason = '' }) => {
    if (socket !== mine) return; // told of both already
    socket = undefined;
    console.log(`closed: ${code} ${reason}`);
    if (code !== 4201 && code < 4400) setTimeout(connect, 500 + 1000 * Math.random());
  };
}

function receive({ welcome, attached, ping, assign, cancelAssignment, settled, error }) {
  if (welcome) greet(welcome);
  if (attached) console.log(`${attached.id} is attached; Ctrl-C ends it`);
  if (welcome?.resumed || attached) tasks.forEach(({ result }) => result && send(result)); // the answer may be lost
  if (ping) send({ pong: {} });
  if (assign) review(assign);
  if (cancelAssignment ?? settled) tasks.delete((cancelAssignment ?? settled).task);
  if (settled?.code || error) console.error(settled ?? error);
}

function greet(welcome) {
  resumeToken = welcome.resumeToken;
  const held = [...tasks.values()].map(({ task, token }) => ({ task, token }));
  if (!welcome.resumed) send({ agent: 1, ref: 1, attach: { id: 'reviewer-2', skills: [{ name: 'text.review' }], held } });
}

async function review({ task, token, leaseMs, input }) {
  const work = { task, token };
  tasks.set(task, work);
  const lease = setInterval(() => send({ agent: 1, renew: { assignments: [{ task, token }] } }), leaseMs / 3);
  try {
    const words = input.split(/\s+/).length;
    send({ agent: 1, progress: { task, token, percent: 50, message: `read ${words} words` } });
    await new Promise((done) => setTimeout(done, 500)); // here the model would think
    work.result = { agent: 1, ref: 2, complete: { task, token, output: { words } } };
  } catch (e) {
    work.result = { agent: 1, ref: 3, fail: { task, token, reason: String(e), retryable: false } };
  }
  clearInterval(lease);
  send(work.result);
}

connect();
