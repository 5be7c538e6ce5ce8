export { immediateWaiting } from "./testing/immediate-waiting.js";
export {
  type Fault,
  type ScriptedAnswer,
  type ScriptedRequest,
  type ScriptedServer,
  type ScriptedServerOptions,
  startScriptedServer,
} from "./testing/scripted-server.js";
