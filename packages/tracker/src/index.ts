export { findKey, type KeyPlaces } from "./credentials/find-key.js";
export { maskSecrets } from "./credentials/mask-secrets.js";
export {
  BackgroundSender,
  type BackgroundSenderOptions,
  type Delivery,
  type SendingEnd,
} from "./delivery/background-sender.js";
export { PositionFile } from "./delivery/position-file.js";
export { answerInvalid, RequestRefused, shownUrl } from "./http/errors.js";
export {
  createHttpClient,
  type HttpAnswer,
  type HttpClient,
  type HttpClientOptions,
  type HttpRequest,
} from "./http/http-client.js";
export { type FailedTry, type RetryOptions, sendWithRetries } from "./http/retry.js";
export { createWaiting, type Waiting } from "./http/waiting.js";
export { type Distribution, distributionOf, isHistogram } from "./series/distribution.js";
export { pngSize } from "./series/picture.js";
export { isMarkedStep, type Point, pointOf } from "./series/points.js";
