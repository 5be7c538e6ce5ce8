/**
 * Keys of the page of an episode: right or j unfolds the next step, left or k the one before; an address with a step unfolds
 * it; on paper all are unfolded. Without it steps are unfolded by hand. It is XML as well, so it has no "less than" and no
 * ampersand.
 */
export const PAGE_SCRIPT: string = `
const steps = Array.from(document.querySelectorAll("details.step"));
const show = (step) => {
  for (const other of steps) other.open = other === step;
  history.replaceState(null, "", "#" + step.id);
  step.firstElementChild.focus({ preventScroll: true });
  step.scrollIntoView({ block: "nearest" });
};
const follow = () => {
  const step = steps.find(({ id }) => "#" + id === location.hash);
  if (step !== undefined) show(step);
};
document.addEventListener("keydown", (event) => {
  const by = { ArrowRight: 1, j: 1, ArrowLeft: -1, k: -1 }[event.key];
  if (by === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
  if (steps.length === 0 || event.target.closest(".table") !== null) return;
  event.preventDefault();
  const open = steps.findIndex((step) => step.open);
  const first = by === 1 ? 0 : steps.length - 1;
  show(steps[open === -1 ? first : Math.max(0, Math.min(steps.length - 1, open + by))]);
});
addEventListener("hashchange", follow);
addEventListener("beforeprint", () => {
  for (const step of steps) {
    step.dataset.wasOpen = String(step.open);
    step.removeAttribute("name");
    step.open = true;
  }
});
addEventListener("afterprint", () => {
  for (const step of steps) {
    step.open = step.dataset.wasOpen === "true";
    step.setAttribute("name", "step");
  }
});
follow();
`.trim();
