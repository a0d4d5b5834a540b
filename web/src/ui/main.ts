import { keepOffline } from "../offline/register";
import { App } from "./app";
import { button, dialog } from "./elements";
import { takeFiles } from "./intake";
import { attempt, tellError } from "./messages";
import { offerSamples } from "./samples";
import { SaveDialog } from "./save";

const app = new App();
new SaveDialog(app);
takeFiles((files) => attempt(() => app.take(files))());
offerSamples(app);
button("about").onclick = () => dialog("about-dialog").showModal();

const query = new URLSearchParams(location.search);
const threads = Number(query.get("threads") ?? 0);
const isForced = query.get("gpu") === "any";
const beside = (path: string): string => new URL(path, document.baseURI).href;
const files = { pack: beside("./pack/"), typical: beside("./typical.jpg") };
app.start({ ...files, threads }, isForced).then(() => void keepOffline(), tellError);
