// What is wrong with a page for those who don't see it or see it weakly: names, headings, contrast, width. Returns sentences.
() => {
  const wrong = [];
  const seen = (element) => element.getClientRects().length > 0;
  const name = (element) => (element.getAttribute("aria-label") || element.title || element.textContent || "").trim()
    || [...(element.labels || [])].map((label) => label.textContent.trim()).join("");
  for (const element of document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, [role=img], summary"))
    if (seen(element) && !name(element)) wrong.push(`no name: ${element.outerHTML.slice(0, 80)}`);
  for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!field.labels.length && !field.getAttribute("aria-label")) wrong.push(`no label: ${field.outerHTML.slice(0, 80)}`);
  const levels = [...document.querySelectorAll("h1,h2,h3,h4")].map((heading) => Number(heading.tagName[1]));
  if (levels.filter((level) => level === 1).length !== 1) wrong.push("not one h1");
  levels.forEach((level, n) => { if (n && level > levels[n - 1] + 1) wrong.push(`heading ${n} skips a level`); });
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  if (new Set(ids).size !== ids.length) wrong.push("an id is there twice");
  if (!document.documentElement.lang || !document.title || !document.querySelector("main")) wrong.push("no language, title or main");
  if (document.documentElement.scrollWidth > innerWidth) wrong.push(`wider than the window: ${document.documentElement.scrollWidth}`);
  const light = (colour) => {
    const [r, g, b] = colour.map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const parts = (text) => text.match(/[\d.]+/g).map(Number);
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = parts(getComputedStyle(one).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const told = new Set();
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !seen(element) || element.closest("svg, .faint")) continue;
    const style = getComputedStyle(element);
    const [front, back] = [light(parts(style.color).slice(0, 3)), light(ground(element))];
    const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
    const key = `${style.color} on ${ground(element)}`;
    if (ratio < 4.5 && !told.has(key)) { told.add(key); wrong.push(`contrast ${ratio.toFixed(2)}: ${key} "${element.textContent.trim().slice(0, 20)}"`); }
  }
  return wrong;
};
