export { findKey, type KeyPlaces } from "./credentials/find-key.js";
export { maskSecrets } from "./credentials/mask-secrets.js";
export {
  BackgroundSender,
  type BackgroundSenderOptions,
  type Delivery,
  type SendingEnd,
} from "./delivery/background-sender.js";
export { closingBudgetMs } from "./delivery/closing-budget.js";
export { OUTBOX_START, type OutboxPosition, readOutbox } from "./delivery/outbox.js";
export { OutboxDelivery, type OutboxDeliveryOptions, type Sending } from "./delivery/outbox-delivery.js";
export { createOutboxSink, type OutboxSinkOptions } from "./delivery/outbox-sink.js";
export { PositionFile } from "./delivery/position-file.js";
export { type OutboxReport, type SendOutboxOptions, sendOutbox } from "./delivery/send-outbox.js";
export { answerInvalid, RequestRefused, shownUrl } from "./http/errors.js";
export {
  createHttpClient,
  HTTP_TRANSPORT,
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
