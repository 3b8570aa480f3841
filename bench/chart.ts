import type { Finding } from "./bench.js";
import { CURVES } from "./benches/curves.js";
import { formatTick, logScale, type Scale, ticks, withRoundEnds } from "./scale.js";

/* The curves as an SVG: a column for each of them, the CPU above and the throughput below, both axes logarithmic. */

const PANEL = { width: 250, height: 170 };
const GAP = { column: 62, row: 64 };
const MARGIN = { top: 104, right: 24, bottom: 52, left: 62 };
const WIDTH = MARGIN.left + CURVES.length * (PANEL.width + GAP.column) - GAP.column + MARGIN.right;
const HEIGHT = MARGIN.top + 2 * PANEL.height + GAP.row + MARGIN.bottom;

/** What is drawn of a finding, one row of panels each. */
const ROWS = [
  { title: "CPU for each message, us", read: ({ value }: Finding) => value },
  { title: "messages a second", read: ({ perSecond }: Finding) => perSecond ?? Number.NaN },
];

/** What a column is about; the second line says what else holds along it. */
const COLUMNS: Record<(typeof CURVES)[number], [string, string]> = {
  window: ["messages in flight", "message and reply stored"],
  connections: ["connections", "each message to all of them; ours stores it, too"],
  "log length": ["envelopes in the log", "message and reply stored, 64 in flight"],
  "message bytes": ["bytes of a message", "message and reply stored, 64 in flight"],
};

/** How each system is drawn; those that are alike in kind share a colour. */
const LINES: Record<string, string> = {
  ours: "ours",
  raw: "raw",
  "raw, group commit": "raw",
  "raw, one commit an exchange": "single",
};

const LEGEND = [
  { line: "ours", text: "ours", offset: 0 },
  { line: "raw", text: "raw (where it stores: group commit)", offset: 80 },
  { line: "single", text: "raw, one commit an exchange", offset: 340 },
];

/** A drawing that reads on light and dark grounds alike. */
export function toChart(findings: readonly Finding[]): string {
  const panels = CURVES.flatMap((name, column) => {
    const own = findings.filter(({ curve }) => curve?.name === name);
    return ROWS.map(({ title, read }, row) => drawPanel(own, read, column, row, title));
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">
<title>CPU and throughput along window, connections, log length and message size</title>
<style>${STYLE}</style>
<rect class="ground" width="${WIDTH}" height="${HEIGHT}"/>
${drawLegend()}
${panels.join("\n")}
</svg>
`;
}

const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #57606a }
.title { font-weight: 600; fill: #1f2328 }
.ground { fill: #ffffff }
.grid { stroke: #d8dee4; stroke-width: 1 }
path.line { fill: none; stroke-width: 2; stroke-linejoin: round }
.ours { stroke: #0a5fd0; fill: #0a5fd0 } .raw { stroke: #57606a; fill: #57606a } .single { stroke: #bc4c00; fill: #bc4c00 }
.raw.line { stroke-dasharray: 6 3 } .single.line { stroke-dasharray: 2 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1 } .title { fill: #f0f6fc } .ground { fill: #0d1117 } .grid { stroke: #30363d }
  .ours { stroke: #58a6ff; fill: #58a6ff } .raw { stroke: #b1bac4; fill: #b1bac4 } .single { stroke: #f0883e; fill: #f0883e }
}
`;

function drawLegend(): string {
  return LEGEND.map(({ line, text, offset }) => {
    const x = MARGIN.left - 44 + offset;
    return `<path class="line ${line}" d="M${x} 22h28"/><circle class="${line}" cx="${x + 14}" cy="22" r="3"/><text x="${x + 36}" y="26">${text}</text>`;
  }).join("");
}

function drawPanel(
  findings: readonly Finding[],
  read: (finding: Finding) => number,
  column: number,
  row: number,
  title: string,
): string {
  const left = MARGIN.left + column * (PANEL.width + GAP.column);
  const top = MARGIN.top + row * (PANEL.height + GAP.row);
  const at = ({ curve }: Finding) => curve?.at ?? Number.NaN;
  const places = [...new Set(findings.map(at))];
  const x = logScale(places, left, left + PANEL.width);
  const y = logScale(withRoundEnds(findings.map(read)), top + PANEL.height, top);
  const name = CURVES[column] ?? "window";
  const systems = [...new Set(findings.map(({ system }) => system))];
  return [
    ...(row === 0 ? drawHeading(COLUMNS[name], left) : []),
    `<text x="${left - 44}" y="${top - 10}">${title}</text>`,
    drawRows(y, left),
    drawPlaces(places, x, top + PANEL.height),
    ...systems.map((system) => {
      const points = findings.filter((finding) => finding.system === system);
      return drawLine(
        points.map((finding) => [x.place(at(finding)), y.place(read(finding))]),
        LINES[system] ?? "raw",
      );
    }),
  ].join("");
}

function drawHeading([what, how]: [string, string], left: number): string[] {
  return [
    `<text class="title" x="${left - 44}" y="${MARGIN.top - 48}">${what}</text>`,
    `<text x="${left - 44}" y="${MARGIN.top - 31}">${how}</text>`,
  ];
}

function drawRows(y: Scale, left: number): string {
  return ticks(y)
    .map((value) => {
      const height = y.place(value).toFixed(1);
      return `<path class="grid" d="M${left} ${height}h${PANEL.width}"/><text x="${left - 6}" y="${Number(height) + 4}" text-anchor="end">${formatTick(value)}</text>`;
    })
    .join("");
}

function drawPlaces(places: readonly number[], x: Scale, bottom: number): string {
  return places
    .map(
      (value) =>
        `<text x="${x.place(value).toFixed(1)}" y="${bottom + 18}" text-anchor="middle">${formatTick(value)}</text>`,
    )
    .join("");
}

function drawLine(points: readonly (readonly [number, number])[], line: string): string {
  const path = points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  const dots = points.map(([x, y]) => `<circle class="${line}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="2.5"/>`);
  return `<path class="line ${line}" d="${path}"/>${dots.join("")}`;
}
