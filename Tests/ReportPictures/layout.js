// SPDX-License-Identifier: Apache-2.0
// What is wrong with the page as it is laid out: called with the least size of letters in figures.
(leastSize) => {
  const faults = [];
  const shown = [...document.querySelectorAll("main")].filter((m) => m.offsetParent !== null)[0];
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width + 1)
    faults.push(`the page is ${document.documentElement.scrollWidth} wide in ${width}`);
  const name = (svg) => svg.querySelector("title")?.textContent ?? "figure";
  for (const svg of shown.querySelectorAll("svg")) {
    const frame = svg.getBoundingClientRect();
    const scale = frame.width / svg.viewBox.baseVal.width;
    const scrolls = svg.closest("figure.full") && getComputedStyle(svg).maxWidth === "none";
    const boxes = [...svg.querySelectorAll("text")].map((text) => {
      const box = text.getBoundingClientRect();
      const size = parseFloat(text.getAttribute("font-size")) * scale;
      if (size < leastSize && !scrolls)
        faults.push(`${name(svg)}: “${text.textContent}” is ${size.toFixed(1)} px`);
      // A line's box is taller than its letters.
      const inset = text.getAttribute("transform") ? 0 : box.height * 0.18;
      return { text: text.textContent, left: box.left, right: box.right,
        top: box.top + inset, bottom: box.bottom - inset };
    });
    for (const box of boxes)
      if (box.left < frame.left - 1 || box.right > frame.right + 1 ||
          box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
        faults.push(`${name(svg)}: “${box.text}” leaves its frame`);
    for (let i = 0; i < boxes.length; i++)
      for (let j = i + 1; j < boxes.length; j++) {
        const [a, b] = [boxes[i], boxes[j]];
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 0.5 && down > 0.5) faults.push(`${name(svg)}: “${a.text}” over “${b.text}”`);
      }
    faults.push(...greys(svg).map((fault) => `${name(svg)}: ${fault}`));
  }
  for (const box of shown.querySelectorAll(".wide, .drawing")) {
    const cut = box.scrollWidth > box.clientWidth + 1;
    if (cut && getComputedStyle(box).overflowX === "visible")
      faults.push(`a table or figure is cut: ${box.textContent.trim().slice(0, 60)}`);
  }
  return faults;

  // Without colour every line must still be seen, and told from the others by its dashes or width.
  function greys(svg) {
    const found = [];
    const light = (colour) => {
      const hex = colour.length === 4 ? colour.replace(/[0-9a-f]/gi, "$&$&") : colour;
      const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
      if (r !== g || g !== b) found.push(`${colour} is no grey`);
      const part = r / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    };
    const contrast = (colour) => 1.05 / (light(colour) + 0.05);
    for (const element of svg.querySelectorAll("text, line, polyline")) {
      const colour = element.tagName === "text"
        ? element.getAttribute("fill") : element.getAttribute("stroke");
      const least = element.tagName === "text" ? 4.5 : 1.5;
      if (colour?.startsWith("#") && contrast(colour) < least)
        found.push(`${element.tagName} in ${colour} is too pale`);
    }
    const looks = [...svg.querySelectorAll("polyline")].map((line) =>
      [line.getAttribute("stroke-dasharray"), line.getAttribute("stroke-width")].join());
    if (new Set(looks).size < looks.length) found.push("two curves look the same in grey");
    return found;
  }
}
