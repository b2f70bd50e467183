"use strict";

// Charts by uPlot. Colours are read when they are drawn, for they follow the light or dark of the reader's screen.
const charts = [];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

function number(value, digits) {
  return value.toLocaleString("en-US", { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

/** With three digits that count. */
function figure(value) {
  const size = Math.abs(value);
  return number(value, size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

function axis(label, more) {
  return {
    label,
    labelSize: 22,
    size: 46,
    stroke: () => colour("quiet"),
    grid: { stroke: () => colour("grid"), width: 1 },
    ticks: { stroke: () => colour("line"), width: 1 },
    ...more,
  };
}

/** A logarithmic axis shows its powers of ten, and between them what has room. */
function milliseconds() {
  return axis("ms", {
    side: 3,
    values: (plot, splits) => splits.map((at) => (at === null ? "" : String(Number(at.toPrecision(3))))),
  });
}

/** The series of a peer: p50 is broken, p99 drawn through. */
function line(label, peer, more) {
  return {
    label,
    stroke: () => colour("series-" + (peer % 6)),
    width: 2,
    points: { show: false },
    value: (plot, value) => (value === null || value === undefined ? "" : figure(value)),
    ...more,
  };
}

const BROKEN = { dash: [5, 4], width: 1.5 };

/** Puts a chart into an element, as wide as that is. */
function chart(parent, options, data) {
  const box = parent.appendChild(document.createElement("div"));
  box.className = "chart";
  const width = () => Math.max(260, box.clientWidth - 10);
  const plot = new uPlot({ width: width(), height: 300, ...options }, data, box);
  charts.push(plot);
  new ResizeObserver(() => {
    if (Math.abs(plot.width - width()) > 1) {
      plot.setSize({ width: width(), height: 300 });
    }
  }).observe(box);
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.forEach((each) => each.redraw()));

/** What is 0 has no place on a logarithmic axis. */
function logarithmic(values) {
  return values.map((value) => (value === null || value > 0 ? value : 0.001));
}

/**
 * Latency over the measured seconds, repetition after repetition.
 * @param runs for each peer: its repetitions, each with its seconds
 * @param doubtful numbers of repetitions that are to be marked, from 0
 */
function chartOverTime(parent, peers, runs, seconds, doubtful) {
  const repetitions = Math.max(...runs.map((each) => each.length));
  const x = [];
  const p50 = runs.map(() => []);
  const p99 = runs.map(() => []);
  for (let repetition = 0; repetition < repetitions; repetition++) {
    // One place more than there are seconds: a gap between repetitions.
    for (let second = 0; second <= seconds; second++) {
      x.push(repetition * (seconds + 1) + second + 1);
      runs.forEach((each, i) => {
        const found = each[repetition]?.seconds.find((one) => one.at === second);
        p50[i].push(found && found.received > 0 ? found.p50Ms : null);
        p99[i].push(found && found.received > 0 ? found.p99Ms : null);
      });
    }
  }
  const repetitionAt = (at) => Math.floor((at - 1) / (seconds + 1));
  const series = [
    {
      label: "Repetition, second",
      value: (plot, at) =>
        at === null ? "" : `${repetitionAt(at) + 1}, ${((at - 1) % (seconds + 1)) + 1}`,
    },
  ];
  const data = [x];
  peers.forEach((peer, i) => {
    series.push(line(peer.name + " p50", peer.index, BROKEN), line(peer.name + " p99", peer.index));
    data.push(logarithmic(p50[i]), logarithmic(p99[i]));
  });
  chart(
    parent,
    {
      series,
      scales: { x: { time: false, range: [0, repetitions * (seconds + 1)] }, y: { distr: 3 } },
      axes: [
        axis("repetition", {
          splits: () => Array.from({ length: repetitions }, (none, i) => i * (seconds + 1) + seconds / 2 + 0.5),
          values: (plot, splits) => splits.map((at) => repetitionAt(at) + 1),
          grid: { show: false },
        }),
        milliseconds(),
      ],
      hooks: { drawClear: [(plot) => markRepetitions(plot, repetitions, seconds, doubtful)] },
    },
    data,
  );
}

/** A line between repetitions, an area behind those that are doubtful. */
function markRepetitions(plot, repetitions, seconds, doubtful) {
  const { ctx, bbox } = plot;
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const from = plot.valToPos(repetition * (seconds + 1) + 0.25, "x", true);
    const to = plot.valToPos((repetition + 1) * (seconds + 1) - 0.25, "x", true);
    if (doubtful.has(repetition)) {
      ctx.fillStyle = colour("warn-area");
      ctx.fillRect(from, bbox.top, to - from, bbox.height);
    }
    if (repetition > 0) {
      ctx.fillStyle = colour("line");
      ctx.fillRect(from, bbox.top, 1, bbox.height);
    }
  }
}

function percentile(at) {
  const share = 100 * (1 - 1 / at);
  const digits = Math.max(0, Math.ceil(Math.log10(at)) - 2);
  return share.toFixed(Math.min(6, digits)) + " %";
}

/** Percentiles as HdrHistogram's plotter shows them: the axis is 1/(1-p), so each step is one nine more. */
function chartPercentiles(parent, peers, at, curves) {
  const series = [{ label: "Percentile", value: (plot, value) => (value === null ? "" : percentile(value)) }];
  const data = [at];
  peers.forEach((peer, i) => {
    series.push(line(peer.name, peer.index));
    data.push(logarithmic(at.map((none, point) => curves[i][point] ?? null)));
  });
  const end = at[at.length - 1];
  chart(
    parent,
    {
      series,
      scales: { x: { time: false, distr: 3, range: [1, end] }, y: { distr: 3 } },
      axes: [
        axis("percentile", {
          splits: () => [2, ...Array.from({ length: 7 }, (none, i) => 10 ** (i + 1))].filter((x) => x <= end),
          filter: (plot, splits) => splits,
          values: (plot, splits) => splits.map(percentile),
        }),
        milliseconds(),
      ],
    },
    data,
  );
}

/** Medians over the rates. @param lines for each peer: what to draw, as [label, values, broken] */
function chartRates(parent, peers, rates, lines, unit, logarithmicAxis) {
  const series = [{ label: "Messages per second", value: (plot, at) => (at === null ? "" : number(at, 0)) }];
  const data = [rates];
  peers.forEach((peer, i) => {
    for (const [label, values, broken] of lines[i]) {
      series.push(line(`${peer.name} ${label}`.trim(), peer.index, { ...(broken ? BROKEN : {}), points: { show: true } }));
      data.push(logarithmicAxis ? logarithmic(values) : values);
    }
  });
  const room = (rates[rates.length - 1] - rates[0]) / 20;
  chart(
    parent,
    {
      series,
      scales: {
        x: { time: false, range: [rates[0] - room, rates[rates.length - 1] + room] },
        y: logarithmicAxis ? { distr: 3 } : { range: (plot, least, most) => [0, most * 1.1] },
      },
      axes: [
        axis("messages per second", {
          splits: () => rates,
          values: (plot, splits) => splits.map((at) => number(at, 0)),
        }),
        logarithmicAxis ? milliseconds() : axis(unit, { side: 3 }),
      ],
    },
    data,
  );
}

/** Bars side by side for each peer. @param groups as [label, values of the peers] */
function chartBars(parent, peers, groups, unit) {
  const places = groups.length + 1;
  const x = Array.from({ length: peers.length * places }, (none, i) => i);
  const series = [{ label: "Peer", value: (plot, at) => (at === null ? "" : peers[Math.floor(at / places)].name) }];
  const data = [x];
  groups.forEach(([label, values], group) => {
    series.push({
      label,
      stroke: () => colour("series-" + group),
      fill: () => colour("series-" + group),
      paths: uPlot.paths.bars({ size: [0.8, 60] }),
      points: { show: false },
      // Under the cursor is one bar; the legend tells all of its peer.
      value: (plot, value, index, at) => (at === null ? "" : figure(values[Math.floor(at / places)])),
    });
    data.push(x.map((at) => (at % places === group ? values[Math.floor(at / places)] : null)));
  });
  chart(
    parent,
    {
      series,
      scales: {
        x: { time: false, range: [-1, x.length - 1] },
        y: { range: (plot, least, most) => [Math.min(0, least), Math.max(1, most * 1.1)] },
      },
      axes: [
        axis(undefined, {
          size: 62,
          labelSize: 0,
          splits: () => peers.map((none, i) => i * places + (groups.length - 1) / 2),
          values: () => peers.map((peer) => peer.name.replaceAll(" ", "\n")),
          grid: { show: false },
          ticks: { show: false },
        }),
        axis(unit, { side: 3 }),
      ],
    },
    data,
  );
}
