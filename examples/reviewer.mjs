// An agent with one skill, in plain JavaScript. Run it beside a node: node examples/reviewer.mjs (Node.js 22 or later)
const node = process.argv[2] ?? 'http://127.0.0.1:4280';
const socket = new WebSocket(`${node.replace('http', 'ws')}/v1/connect`, 'signalbox.v1.json');
const send = (entry) => socket.send(JSON.stringify(entry));

socket.onopen = () => send({ hello: { client: 'reviewer.mjs' } });
socket.onmessage = ({ data }) => [JSON.parse(data)].flat().forEach(receive); // one entry, or an array of them
socket.onclose = ({ code, reason }) => console.log(`closed: ${code} ${reason}`);

function receive({ welcome, attached, ping, assign, settled, error }) {
  if (welcome) send({ agent: 1, ref: 1, attach: { id: 'reviewer-2', skills: [{ name: 'text.review' }] } });
  if (attached) console.log(`${attached.id} is attached; Ctrl-C ends it`);
  if (ping) send({ pong: {} });
  if (assign) review(assign);
  if (settled?.code || error) console.error(settled ?? error);
}

async function review({ task, token, leaseMs, input }) {
  const lease = setInterval(() => send({ agent: 1, renew: { assignments: [{ task, token }] } }), leaseMs / 3);
  try {
    const words = input.split(/\s+/).length;
    send({ agent: 1, progress: { task, token, percent: 50, message: `read ${words} words` } });
    await new Promise((done) => setTimeout(done, 500)); // here the model would think
    send({ agent: 1, ref: 2, complete: { task, token, output: { words } } });
  } catch (e) {
    send({ agent: 1, ref: 3, fail: { task, token, reason: String(e), retryable: false } });
  } finally {
    clearInterval(lease);
  }
}
