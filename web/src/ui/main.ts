import { keepOffline } from "../offline/register";
import { App, takeSample } from "./app";
import { button, dialog } from "./elements";
import { takeFiles } from "./intake";
import { attempt, tellError } from "./messages";
import { SaveDialog } from "./save";

const app = new App();
new SaveDialog(app);
takeFiles((files) => void app.take(files).catch(tellError));
button("about").onclick = () => dialog("about-dialog").showModal();
for (const sample of document.querySelectorAll<HTMLButtonElement>("[data-sample]")) {
  sample.onclick = attempt(() => takeSample(app, sample.dataset["sample"] as string));
}

const threads = Number(new URLSearchParams(location.search).get("threads") ?? 0);
app.start(new URL("./pack/", document.baseURI).href, threads).then(
  () => void keepOffline(),
  (error: unknown) => tellError(error),
);
