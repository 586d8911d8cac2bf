// Parts of a page as elements. Texts of the dataset become text nodes, never markup.
import { characters } from "./dataset.js";

const SHOWN = 320, BEFORE = 60; // characters of a text that a list shows; of them, those before what was searched for

export function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// The address of a page; "", null and undefined leave a parameter out.
export function address(page, parameters) {
  const kept = Object.entries(parameters).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return `${page}.html${kept.length ? "?" : ""}${new URLSearchParams(kept)}`;
}

export function link(page, parameters, ...children) {
  return element("a", { href: address(page, parameters) }, ...children);
}

export const thousands = (number) => number.toLocaleString("en-US");
export const megabytes = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

const language = (text) => (/[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]/.test(text) ? "ja" : "en");
const escaped = (wanted) => wanted.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

// The beginning of a long text, or what surrounds the first place that holds `wanted`.
function cut(text, wanted) {
  const all = [...text];
  if (all.length <= SHOWN) return text;
  const found = wanted ? text.search(new RegExp(escaped(wanted), "iu")) : -1;
  const first = found > 0 ? Math.max([...text.slice(0, found)].length - BEFORE, 0) : 0;
  return (first ? "…" : "") + all.slice(first, first + SHOWN).join("") + (first + SHOWN < all.length ? "…" : "");
}

// A text as a paragraph, with every place that holds `wanted` marked.
export function text(value, className = "", wanted = "", tag = "p") {
  const pieces = wanted ? value.split(new RegExp(`(${escaped(wanted)})`, "iu")) : [value];
  const marked = pieces.map((piece, place) => (place % 2 ? element("mark", {}, piece) : piece));
  return element(tag, { class: `text ${className}`, lang: language(value) }, ...marked);
}

export function size(value) {
  return element("span", { class: "size" }, thousands(characters(value)));
}

export function recordLink({ values: { id }, path, row }) {
  return link("record", { id, file: path, row }, element("bdi", {}, id));
}

export function card(record, wanted) {
  const { values, config } = record;
  const cells = ["input", "output"].filter((name) => values[name]).map((name) =>
    element("div", { class: `cell ${name}` },
      element("span", { class: "label" }, `${name} `, size(values[name])),
      text(cut(values[name], wanted), "", wanted)));
  return element("article", { class: "record" },
    element("h2", {}, recordLink(record)),
    text(cut(values.instruction, wanted), "instruction", wanted),
    ...cells,
    element("p", { class: "tags" },
      link("records", { config }, config),
      link("records", { source: values.source, task: values.task }, values.task),
      link("records", { license: values.license }, values.license)));
}

// A list of names and what is said of them; a pair whose second is null is left out.
export function cells(...pairs) {
  const rows = pairs.filter(([, value]) => value !== null);
  return element("dl", { class: "cells" }, ...rows.flatMap(([name, value]) => [
    element("dt", {}, ...[name].flat()),
    value instanceof Element && value.tagName === "DD" ? value : element("dd", {}, ...[value].flat()),
  ]));
}

export function section(title, ...children) {
  return element("section", {}, element("h2", {}, title), ...children);
}

export function problem(message, next) {
  return element("div", { class: "problem", role: "alert" },
    element("p", {}, element("strong", {}, message)), element("p", {}, next));
}

export function next(page, parameters, label) {
  const made = link(page, parameters, label);
  made.rel = "next";
  return element("p", { class: "next" }, made);
}
