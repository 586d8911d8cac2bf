// Reads records from the dataset's Parquet files on the Hub: of each file only the byte ranges that a page needs.
import { asyncBufferFromUrl, parquetMetadataAsync, parquetReadObjects } from "./hyparquet/index.js";
import { ZSTDDecoder } from "./zstddec/zstddec.js";

export const TEXTS = ["instruction", "input", "output"];
export const FIELDS = ["config", "source", "task", "license", "q", "column", "least", "most", "rule", "edition"];
const COLUMNS = [...TEXTS, "id", "source", "task", "license"];
const FOOTER = 1 << 15; // a file's metadata take 3 kB for two row groups, so they come with the first request

const answer = await fetch("dataset.json");
export const dataset = await answer.json();
export const traffic = { bytes: 0 };
const decoder = new ZSTDDecoder();
await decoder.init();
const compressors = { ZSTD: (bytes, length) => decoder.decode(bytes, length) };

// Asks the Hub for a file. Throws an error whose message a person can use.
export async function ask(path, options) {
  const answer = await fetch(dataset.files + path, options).catch(() => null); // a browser does not tell why
  if (answer?.ok) return answer;
  const { repository, revision } = dataset;
  throw new Error(`The Hub does not hand out ${path} of ${repository} at ${revision}${answer ? ` (${answer.status})` : ""}. ` +
    "Is the network there, is the dataset public, and was this version published?");
}

// A Parquet file on the Hub. Each request names the first and the last byte: such a range needs no preflight, which the
// Hub's storage refuses (huggingface/datasets issue 7931).
class ParquetFile {
  static async open({ path, bytes }) {
    const fetched = await asyncBufferFromUrl({ url: path, byteLength: bytes, fetch: ask });
    const file = new ParquetFile();
    file.buffer = {
      byteLength: bytes,
      async slice(start, end) {
        const part = await fetched.slice(start, end);
        traffic.bytes += part.byteLength;
        return part;
      },
    };
    file.metadata = await parquetMetadataAsync(file.buffer, { initialFetchSize: FOOTER });
    return file;
  }

  // First and last row (not included) of each row group.
  get groups() {
    let start = 0;
    return this.metadata.row_groups.map(({ num_rows: rows }) => [start, (start += Number(rows))]);
  }

  // Rows as objects with these columns; only the pages that hold them are fetched.
  rows(columns, rowStart, rowEnd) {
    const { buffer: file, metadata } = this;
    return parquetReadObjects({ file, metadata, compressors, columns, rowStart, rowEnd, useOffsetIndex: true });
  }
}

// The files that can hold records of a selection, in the dataset's order, each with the number of its first record.
export function shardsOf({ config, source, task, license }) {
  const members = config ? dataset.configs[config] ?? [] : Object.keys(dataset.tasks);
  let start = 0;
  return members.flatMap((name) => {
    const about = dataset.tasks[name];
    const fits = (!source || source === about.corpus) && (!license || license === about.license) && (!task || about.templates[task]);
    return !fits ? [] : about.shards.map((shard) => {
      start += shard.rows;
      return { ...shard, config: name, start: start - shard.rows };
    });
  });
}

// How many records a selection has; exact unless `asksForContent`, else at most so many.
export function countOf(selection) {
  const configs = new Set(shardsOf(selection).map((shard) => shard.config));
  const counts = [...configs].map((name) => dataset.tasks[name].templates);
  const sums = counts.map((templates) => selection.task ? templates[selection.task] : Object.values(templates).reduce((a, b) => a + b, 0));
  return sums.reduce((a, b) => a + b, 0);
}

// Whether files must be read to know which records belong to a selection.
export function asksForContent(selection) {
  return Boolean(selection.q || selection.column || asksForMarks(selection));
}

// Whether only the marks of the curated edition can answer it.
function asksForMarks({ rule, edition }) {
  return Boolean(rule || edition);
}

// Fills a page with the records of a selection from a number on, file by file and no further than asked for.
//
// found(record) is called with each, reading() before each row group: it returns whether to go on. Returns the number
// of the record to go on from; null where there are no more.
export async function fillPage(selection, start, size, found, reading) {
  let missing = size;
  for (const shard of shardsOf(selection)) {
    if (shard.start + shard.rows <= start || (asksForMarks(selection) && !shard.marks)) continue;
    if (!missing) return shard.start;
    const file = await ParquetFile.open(shard);
    for (const [begin, end] of file.groups) {
      const from = Math.max(begin, start - shard.start);
      if (from >= end) continue;
      if (!missing || !reading()) return shard.start + from;
      for (const record of await matching(shard, file, selection, from, end, missing)) {
        found(record);
        missing -= 1;
        if (!missing && record.row + 1 < end) return record.number + 1;
      }
    }
  }
  return null;
}

// The first records of a part of a file that belong to a selection.
async function matching(shard, file, selection, from, end, size) {
  const { columns, test } = conditionsOn(shard, selection);
  if (!columns.length && !asksForMarks(selection)) end = Math.min(end, from + size);
  const marks = await marksOf(shard, selection, from, end);
  const looked = columns.length ? await file.rows(columns, from, end) : [];
  const places = [];
  for (let place = 0; place < end - from && places.length < size; place++) {
    if (test(looked[place]) && marks(place)) places.push(place);
  }
  if (!places.length) return [];
  const first = places[0];
  const rest = await file.rows(COLUMNS.filter((name) => !columns.includes(name)), from + first, from + places.at(-1) + 1);
  return places.map((place) => recordOf(shard, from + place, { ...rest[place - first], ...looked[place] }));
}

function recordOf(shard, row, values) {
  return { number: shard.start + row, config: shard.config, path: shard.path, row, values };
}

// What a record's own columns must hold: the columns, and a test of a row with them.
function conditionsOn(shard, { q, task, column, least, most }) {
  const tests = [], columns = new Set();
  if (task && Object.keys(dataset.tasks[shard.config].templates).length > 1) {
    columns.add("task");
    tests.push((row) => row.task === task);
  }
  if (q) {
    const wanted = q.toLowerCase();
    TEXTS.forEach((name) => columns.add(name));
    tests.push((row) => TEXTS.some((name) => row[name].toLowerCase().includes(wanted)));
  }
  if (column) {
    columns.add(column);
    const [shortest, longest] = [Number(least || 0), most ? Number(most) : Infinity];
    tests.push((row) => { const length = characters(row[column]); return shortest <= length && length <= longest; });
  }
  return { columns: [...columns], test: (row) => tests.every((fits) => fits(row)) };
}

// Number of characters as Python and the report count them: a surrogate pair is one.
export function characters(text) {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}

// A test of the marks of the curated edition, by place behind `from`.
async function marksOf(shard, { rule, edition }, from, end) {
  if (!asksForMarks({ rule, edition })) return () => true;
  const file = await ParquetFile.open(shard.marks);
  const rows = await file.rows(["rules", "dropped_by"], from, end);
  return (place) => {
    const { rules, dropped_by: dropped } = rows[place];
    return (!rule || rules.split(" ").includes(rule)) && (!edition || (edition === "dropped") === (dropped !== ""));
  };
}

// The record with an id; null where there is none. Without its place all ids of its source and task are read.
export async function recordNamed(id, path, row) {
  const [source, task, ...key] = id.split(":");
  for (const shard of key.length ? shardsOf({ source, task }) : []) {
    if (path && path !== shard.path) continue;
    const file = await ParquetFile.open(shard);
    const start = path ? row : 0;
    const ids = await file.rows(["id"], start, path ? row + 1 : shard.rows);
    const place = ids.findIndex((values) => values.id === id);
    if (place < 0) continue;
    const [values] = await file.rows(COLUMNS, start + place, start + place + 1);
    return recordOf(shard, start + place, values);
  }
  return path ? recordNamed(id) : null;
}

// What the curated edition says of a record; {} where it says nothing.
export async function marksOfRecord({ config, path, row }) {
  const { marks } = dataset.tasks[config].shards.find((shard) => shard.path === path);
  if (!marks) return {};
  const file = await ParquetFile.open(marks);
  const [{ id, ...found }] = await file.rows(undefined, row, row + 1);
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== "" && value !== null));
}

// Yields the rejected rows of a task config, in the order of the raw files; the file is read as far as rows are taken.
export async function* rejectedRows(config) {
  const { path, rows } = dataset.tasks[config].rejected;
  if (!rows) return;
  const { body } = await ask(path);
  let begun = "";
  for await (const text of chunks(body.pipeThrough(new TextDecoderStream()))) {
    const lines = (begun + text).split("\n");
    begun = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
}

async function* chunks(stream) { // not every browser iterates over streams
  const reader = stream.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    reader.cancel();
  }
}
