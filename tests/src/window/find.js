// The visible element that a person means: by a selector, or by its words. Innermost first, whole words before parts.
const [target] = arguments;
const seen = (element) => {
  if (element.getClientRects().length === 0) return false;
  return getComputedStyle(element).visibility !== "hidden";
};
const isSelector = /[#.[>:]/.test(target.slice(0, 1)) || /^[a-z]+[0-9]?([#.[>:].*)?$/.test(target);
if (isSelector) {
  let found;
  try {
    found = [...document.querySelectorAll(target)];
  } catch {
    found = [];
  }
  const visible = found.find(seen);
  if (visible) return visible;
}
const words = (text) => text.replace(/\s+/g, " ").trim();
const name = (element) =>
  words(
    element.getAttribute("aria-label") ??
      (element.labels?.[0] ?? element).textContent ??
      element.getAttribute("placeholder") ??
      "",
  );
const acting = "button, a, input, select, textarea, summary, label, [role], [tabindex]";
const every = [...document.querySelectorAll("body *")].filter(seen).reverse();
const candidates = [...every.filter((element) => element.matches(acting)), ...every];
return (
  candidates.find((element) => name(element) === target) ??
  candidates.find((element) => name(element).includes(target)) ??
  null
);
