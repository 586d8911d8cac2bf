// The pages of the Space that show records: what the address asks for, read from the Hub.
import * as data from "./dataset.js";
import { card, cells, element, link, megabytes, next, problem, recordLink, section, size, text, thousands } from "./parts.js";

const PAGE = 25, REJECTED_PAGE = 50;
const STEP = 64e6; // bytes that a search reads before it asks whether to go on

const asked = Object.fromEntries(new URLSearchParams(location.search));
const selection = Object.fromEntries(data.FIELDS.map((name) => [name, asked[name] ?? ""]));
const start = Number(asked.from ?? 0);

async function records() {
  fillForm();
  const place = document.getElementById("found");
  const heading = element("h1", {}, "Records"), progress = element("p", { class: "wait", role: "status" });
  const content = data.asksForContent(selection);
  const most = data.countOf(selection);
  const total = data.shardsOf(selection).reduce((sum, shard) => sum + shard.bytes, 0);
  if (!content) heading.textContent = `${thousands(most)} records`;
  place.replaceChildren(element("div", { class: "summary" }, heading, ways(most)), progress);
  let shown = 0, groups = 0;
  const following = await data.fillPage(selection, start, PAGE,
    (record) => { place.append(card(record, selection.q)); shown += 1; },
    () => {
      progress.textContent = `Reading … ${megabytes(data.traffic.bytes)} of at most ${megabytes(total)}`;
      return !groups++ || data.traffic.bytes < STEP; // the first always, so that every step leads on
    });
  if (content && following === null && !start) heading.textContent = `${thousands(shown)} records`;
  if (!shown) place.append(element("p", { class: "empty" }, nothing(following)));
  if (following !== null) place.append(next("records", { ...selection, from: following }, shown < PAGE ? "Search on" : "Next records"));
  progress.textContent = content
    ? `Read ${megabytes(data.traffic.bytes)} from the Hub; the files that may hold such records have ${megabytes(total)}.`
    : `Read ${megabytes(data.traffic.bytes)} from the Hub.`;
  progress.className = "quiet";
}

function nothing(following) {
  if (following !== null) return `None in what was read so far.`;
  return start ? `No more records from number ${thousands(start)} on.` : "No record is like that.";
}

function ways(most) {
  const from = Math.floor(Math.random() * Math.max(most - PAGE, 1));
  const random = link("records", { ...selection, from }, "From a random place");
  return element("p", {}, ...(start ? [link("records", selection, "From the first"), " · "] : []), random);
}

function fillForm() {
  const form = document.querySelector(".filters form");
  for (const name of data.FIELDS) if (form.elements[name]) form.elements[name].value = selection[name];
  document.querySelector("header input[name=q]").value = selection.q;
}

async function record() {
  const main = document.getElementById("content");
  const found = await data.recordNamed(asked.id ?? "", asked.file, Number(asked.row));
  if (!found) throw new Error(`No record has the id "${(asked.id ?? "").slice(0, 200)}".`);
  const marks = await data.marksOfRecord(found);
  document.title = `${found.values.id} · ${data.dataset.repository}`;
  main.replaceChildren(
    element("h1", { class: "id" }, element("bdi", {}, found.values.id)),
    element("div", { class: "beside" }, section("Record", columnsOf(found)), section("Raw row", ...rawRow(found))));
  if (Object.keys(marks).length) main.append(section("In the curated edition", curated(marks)));
}

function columnsOf({ values, config, path, row, number }) {
  const about = data.dataset.tasks[config];
  const texts = data.TEXTS.map((name) => [[`${name} `, size(values[name])],
    values[name] ? text(values[name], name, "", "dd") : element("span", { class: "quiet" }, "empty")]);
  const first = data.shardsOf({ config }).find((shard) => shard.path === path).start + row;
  return cells(...texts,
    ["config", link("records", { config, from: first }, config)],
    ["source", [link("records", { source: values.source }, values.source), ` · ${about.title}`]],
    ["task", link("records", { source: values.source, task: values.task }, values.task)],
    ["license", [outside(about.license_url, about.license_name), ` · ${values.license}`]],
    ["file", [outside(data.dataset.files + path, path), ` row ${thousands(row)}`]]);
}

// The raw row is not on the Hub: its key, and the files in which it has it.
function rawRow({ values, config }) {
  const { raw, homepage, title } = data.dataset.tasks[config];
  const key = values.id.split(":").slice(2).join(":");
  const files = raw.map(({ name, url, sha256 }) => element("li", {}, outside(url, name), sha256 ? element("span", { class: "quiet" }, ` sha256 ${sha256.slice(0, 12)}…`) : ""));
  return [
    cells(["key", element("code", {}, key)], ["corpus", outside(homepage, title)], ["raw files", element("ul", { class: "files" }, ...files)]),
    element("p", { class: "quiet" }, "Raw files are not on the Hub: their makers publish them. To see the row beside the record: ",
      element("code", {}, "python -m builders browse DIR --sources DIR")),
  ];
}

function outside(url, label) {
  return element("a", { href: url, rel: "noreferrer", target: "_blank" }, label);
}

function curated({ rules, representative, repairs, ...others }) {
  const names = (rules ?? "").split(" ").filter(Boolean).flatMap((rule) => [link("records", { rule }, rule), " "]);
  const mended = JSON.parse(repairs ?? "[]").map(({ rule, column, before, after }) => [`${rule}: ${column}`,
    element("dd", { class: "text" }, element("del", {}, before), element("br", {}), element("ins", {}, after))]);
  const rest = Object.entries(others).map(([name, value]) => [name.replaceAll("_", " "), typeof value === "number" ? value.toFixed(3) : String(value)]);
  return cells(["rules", names.length ? names : null],
    ["duplicate of", representative ? link("record", { id: representative }, element("bdi", {}, representative)) : null],
    ...rest, ...mended);
}

async function rejected() {
  const { config, reason = "" } = asked;
  if (!config) return; // the page as it is tells the numbers of all configs
  const main = document.getElementById("content"), waiting = element("p", { class: "wait" }, "Reading …");
  main.replaceChildren();
  const about = data.dataset.tasks[config];
  if (!about) throw new Error(`There is no task config "${config.slice(0, 200)}" in this dataset.`);
  const total = reason ? about.rejected.reasons[reason] ?? 0 : about.rejected.rows;
  const heading = element("h1", {}, `${thousands(total)} rejected rows of ${config} `, element("span", { class: "quiet" }, reason));
  main.replaceChildren(heading, element("p", {}, ...(reason ? [link("rejected", { config }, "All reasons"), " · "] : []), link("rejected", {}, "All configs")), waiting);
  let passed = 0;
  for await (const row of data.rejectedRows(config)) {
    if (reason && row.reason !== reason) continue;
    passed += 1;
    if (passed <= start) continue;
    if (passed > start + REJECTED_PAGE) {
      main.append(next("rejected", { config, reason, from: start + REJECTED_PAGE }, "Next rows"));
      break;
    }
    waiting.before(element("article", { class: "record rejected" },
      element("h2", {}, element("bdi", {}, row.place)), element("p", { class: "reason" }, row.reason), text(row.raw, "raw")));
  }
  if (passed <= start) main.append(element("p", { class: "empty" }, "No more rows."));
  waiting.remove();
}

const pages = { "records.html": records, "record.html": record, "rejected.html": rejected };
try {
  await pages[location.pathname.split("/").pop()]?.();
} catch (error) {
  for (const wait of document.querySelectorAll(".wait")) wait.remove();
  document.getElementById("content").prepend(problem(error.message, "Search for a part of its text, or look at the records."));
}
