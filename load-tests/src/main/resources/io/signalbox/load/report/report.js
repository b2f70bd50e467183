// The page, from the data that is embedded in it.
const data = JSON.parse(document.getElementById("data").textContent);
const results = data.results;
const durable = results.scenario === "durable";
const page = document.getElementById("page");
const peerIndex = new Map(results.peers.map((peer, index) => [peer.peer, index]));

function add(parent, tag, text, className) {
  const element = parent.appendChild(document.createElement(tag));
  if (text !== undefined) {
    element.textContent = text;
  }
  if (className) {
    element.className = className;
  }
  return element;
}

/** @param rows arrays of cells; a cell is text, or [text, small text...] */
function table(parent, heads, rows) {
  const whole = add(add(parent, "div", undefined, "scroll"), "table");
  const head = add(add(whole, "thead"), "tr");
  heads.forEach((text) => add(head, "th", text));
  const body = add(whole, "tbody");
  for (const row of rows) {
    const line = add(body, "tr");
    for (const cell of row) {
      const [text, ...small] = [cell].flat();
      const place = add(line, "td", text);
      small.forEach((more) => add(place, "small", more));
    }
  }
}

/** Median, spread, and how many times the baselines' it is. */
function cell(value, show = figure) {
  const spread = [value.least, value.most].map(show);
  return [
    show(value.median),
    ...(spread[0] === spread[1] ? [] : [spread.join(" to ")]),
    ...Object.entries(value.times).map(([baseline, times]) => `${figure(times)}× ${baseline}`),
  ];
}

/** At a fixed rate it is the same for all that keep up: only as many as it takes are worth a comparison. */
function delivered(value, rate) {
  return cell(rate === 0 ? value : { ...value, times: {} }, (x) => number(x, 0));
}

function peersOf(rows) {
  return rows.map((row) => ({ name: row.peer, index: peerIndex.get(row.peer) }));
}

function rateName(rate) {
  return rate === 0 ? "As many messages as it takes" : `${number(rate, 0)} messages per second`;
}

function describe() {
  const settings = results.settings;
  document.title = `Signalbox load test: ${results.scenario}`;
  add(page, "h1", `Load test “${results.scenario}”`);
  add(page, "p", `${results.date.replace("T", " ").replace("Z", " UTC")}, ${results.machine}`, "quiet");
  add(page, "code", results.command);
  const list = add(page, "dl");
  const fact = (name, text) => {
    add(list, "dt", name);
    add(list, "dd", text);
  };
  fact("Agents", `${number(settings.agents, 0)} on ${number(settings.connections, 0)} connections${settings.tls ? " with TLS" : ""}`);
  fact("Nodes of Signalbox", String(settings.nodes));
  if (data.steps.length > 0) {
    fact("Payload", `${number(settings.payloadBytes, 0)} bytes`);
    fact("Each run", `${settings.warmUpSeconds} s of warm-up, then ${settings.seconds} s that count; ${settings.repetitions} of them at each rate, peers in turn`);
  }
  for (const [key, value] of Object.entries(settings.node)) {
    fact(key, value);
  }
  if (results.missingPeers.length > 0) {
    fact("Left out", results.missingPeers.join("; "));
  }
}

function verdict() {
  if (data.steps.length === 0) {
    return;
  }
  if (data.marks.length === 0) {
    add(
      page,
      "p",
      durable
        ? "Every acknowledged message was delivered, once and in order, and the generator was never late."
        : "Every message came once and in order, and the generator was never late.",
      "good",
    );
    return;
  }
  const list = add(page, "ul", undefined, "marks");
  for (const mark of data.marks) {
    add(list, "li", `${mark.peer}, ${rateName(mark.rate).toLowerCase()}, repetition ${mark.repetition}: ${mark.what}`);
  }
}

function stepSection(step) {
  const peers = peersOf(step.rows);
  add(page, "h2", rateName(step.rate));
  table(
    page,
    ["", durable ? "acknowledged/s" : "delivered/s", "CPU µs per message", ...(durable ? ["of the store"] : []), "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms"],
    step.rows.map((row) => [
      row.peer,
      delivered(row.delivered, step.rate),
      ...[row.cpuMicros, ...(durable ? [row.storeCpuMicros] : []), row.p50Ms, row.p90Ms, row.p99Ms, row.p999Ms, row.maxMs].map((value) => cell(value)),
    ]),
  );
  const doubtful = new Set(data.marks.filter((mark) => mark.rate === step.rate).map((mark) => mark.repetition - 1));
  const runs = step.rows.map((row) =>
    results.peers[peerIndex.get(row.peer)].repetitions.filter((run) => run.rate === step.rate));
  add(page, "h3", "Latency second by second");
  add(page, "p", "p50 is the broken line, p99 the whole one."
    + (doubtful.size > 0 ? " Repetitions that the notes at the top doubt have a coloured ground." : ""), "quiet");
  chartOverTime(page, peers, runs, results.settings.seconds, doubtful);
  add(page, "h3", "Latency by percentile");
  add(page, "p", "All repetitions together. Each step to the right is ten times rarer.", "quiet");
  chartPercentiles(page, peers, step.curveAt, step.rows.map((row) => row.curveMs));
}

function rateSteps() {
  const steps = data.steps.filter((step) => step.rate > 0).sort((one, other) => one.rate - other.rate);
  if (steps.length < 2) {
    return;
  }
  const peers = peersOf(steps[0].rows);
  const rates = steps.map((step) => step.rate);
  const medians = (peer, value) =>
    steps.map((step) => step.rows.find((row) => row.peer === peer.name)?.[value].median ?? null);
  add(page, "h2", "From rate to rate");
  add(page, "h3", "Latency");
  add(page, "p", "Medians of the repetitions; p50 is the broken line, p99 the whole one.", "quiet");
  const latency = peers.map((peer) => [["p50", medians(peer, "p50Ms"), true], ["p99", medians(peer, "p99Ms"), false]]);
  chartRates(page, peers, rates, latency, "ms", true);
  add(page, "h3", "CPU time of the server for each message");
  chartRates(page, peers, rates, peers.map((peer) => [["", medians(peer, "cpuMicros"), false]]), "µs", false);
}

function connections() {
  add(page, "h2", "Connections");
  table(
    page,
    ["", "connected", "in s", "handshake p50 ms", "handshake p99 ms", "failures before"],
    results.peers.map(({ peer, connecting }) => [
      peer,
      number(connecting.connections, 0),
      number(connecting.seconds, 1),
      figure(connecting.handshakeP50Ms),
      figure(connecting.handshakeP99Ms),
      Object.entries(connecting.failures).map(([what, count]) => `${number(count, 0)}: ${what}`).join("; ") || "0",
    ]),
  );
  add(page, "h3", "Memory for each connection, KiB");
  add(page, "p", "Of the server's processes, idle and after the load, by what they grew since they started; and what the "
    + "kernel holds for both ends. With few connections this is noise.", "quiet");
  table(
    page,
    ["", "idle", "after the load", "kernel"],
    data.memory.map((row) => [row.peer, cell(row.idle), cell(row.loaded), cell(row.kernel)]),
  );
  const groups = [["idle", "idle"], ["after the load", "loaded"], ["kernel", "kernel"]];
  chartBars(
    page,
    peersOf(data.memory),
    groups.map(([label, key]) => [label, data.memory.map((row) => row[key].median)]),
    "KiB",
  );
}

/** Counts by name, such as drops by lane. */
function counts(values) {
  return Object.entries(values).map(([name, count]) => `${name} ${number(count, 0)}`).join(", ") || "0";
}

function connectsTable(peer, connects) {
  const killed = connects.some((each) => each.readySeconds > 0);
  add(page, "h3", `${peer}: ${killed ? "back after a kill" : "connected again and again"}`);
  table(
    page,
    ["", ...(killed ? ["server ready after s"] : []), "all connected after s", "handshake p50 ms", "handshake p99 ms", "CPU µs each", "failures"],
    connects.map((each, index) => [
      String(index + 1),
      ...(killed ? [figure(each.readySeconds)] : []),
      figure(each.seconds),
      figure(each.handshakeP50Ms),
      figure(each.handshakeP99Ms),
      each.cpuMicros > 0 ? figure(each.cpuMicros) : "not known",
      counts(each.failures),
    ]),
  );
}

function slowTable(peer, phases) {
  add(page, "h3", `${peer}: with slow readers`);
  add(page, "p", "Sent, received, dropped: messages for slow readers. Unattributed: neither received nor counted as dropped, "
    + "such as what a closed connection had waiting.", "quiet");
  table(
    page,
    ["", "sent", "received", "dropped, by lane", "closed, by code", "unattributed", "others p99 ms", "others lost", "resident MiB", "live heap MiB"],
    phases.map((phase) => [
      phase.name,
      number(phase.sent, 0),
      number(phase.received, 0),
      counts(phase.dropped),
      counts(phase.closed),
      number(phase.unattributed, 0),
      figure(phase.othersP99Ms),
      number(phase.othersLost, 0),
      number(phase.residentBytes / 1048576, 0),
      number(phase.liveHeapBytes / 1048576, 0),
    ]),
  );
}

/** What only some scenarios find. */
function findings() {
  const found = results.peers.filter(({ findings: one }) =>
    one.connects.length + one.slowPhases.length + one.faults.length > 0 || one.liveHeap > 0 || one.capacity > 0);
  if (found.length === 0) {
    return;
  }
  add(page, "h2", "Findings");
  for (const { peer, connecting, findings: one } of found) {
    one.faults.forEach((fault) => add(page, "p", `${peer}: ${fault}`, "marks"));
    if (one.capacity > 0) {
      add(page, "p", `${peer} sustained ${number(one.capacity, 0)} messages per second.`);
    }
    if (one.liveHeap > 0) {
      add(page, "p", `${peer}: ${number(one.liveHeap / 1024 / connecting.connections, 1)} KiB of live objects for each connection.`);
    }
    if (one.connects.length > 0) {
      connectsTable(peer, one.connects);
    }
    if (one.slowPhases.length > 0) {
      slowTable(peer, one.slowPhases);
    }
  }
}

describe();
verdict();
findings();
if (data.steps.length > 0) {
  add(page, "p", "Tables show the median of the repetitions, below it the lowest and the highest, and how many times the figure "
    + "of the floor (the bare Netty router, the least that a router can cost) or of NATS it is. At a fixed rate a latency counts from the moment at which its message was due, however late it was "
    + "sent. CPU time is the server's, read from outside.", "quiet");
}
rateSteps();
data.steps.forEach(stepSection);
connections();
