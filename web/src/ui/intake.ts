/** Files come in by the button, dropped, or pasted. */
import { box, button, input } from "./elements";

export function takeFiles(onFiles: (files: readonly File[]) => void): void {
  const picker = input("file");
  for (const id of ["open", "start-open"]) button(id).onclick = () => picker.click();
  picker.onchange = () => {
    const files = [...(picker.files ?? [])];
    picker.value = ""; // the same file can be taken again
    if (files.length) onFiles(files);
  };
  takeDropped(onFiles);
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) onFiles(files);
  });
}

function takeDropped(onFiles: (files: readonly File[]) => void): void {
  const veil = box("drop");
  const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    veil.hidden = false;
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) veil.hidden = true;
  });
  document.addEventListener("drop", (event) => {
    veil.hidden = true;
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    onFiles(files);
  });
}
