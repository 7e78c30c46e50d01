// Calls by a client whose types openapi-typescript makes of the OpenAPI document. The compiler checks that the
// document promises what is used here; the test checks what the calls answer, which is printed as JSON.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

const [base, apiKey, producerKey, refId, url] = process.argv.slice(2) as [string, string, string, string, string];
const client = (key: string) => createClient<paths>({ baseUrl: base, headers: { Authorization: `Bearer ${key}` } });
const customer = client(apiKey);
const producer = client(producerKey);

function answered<T>(call: { data?: T; error?: unknown }): T {
  if (call.data === undefined) throw new Error(`refused: ${JSON.stringify(call.error)}`);
  return call.data;
}

const event = (about: string): components["schemas"]["Social"] => ({
  action: "social",
  refId: about,
  type: "link",
  platform: "instagram",
});

const registered = answered(await customer.POST("/api/hook/webhook", { body: { action: "social", url } }));
const one = answered(await producer.POST("/api/events", { body: event(refId) }));
if ("events" in one) throw new Error("one event was answered as many");
const many = answered(
  await producer.POST("/api/events", { body: { events: [event(refId), event("0".repeat(40))] } }),
);
if (!("events" in many)) throw new Error("many events were answered as one");
const results = many.events.map((result) => (result.status === "error" ? result.code : result.state));
const listed = answered(await customer.GET("/api/hook/deliveries", { params: { query: { action: "social" } } }));
const shown = answered(
  await customer.GET("/api/hook/deliveries/{hook_id}", { params: { path: { hook_id: one.hookId ?? "" } } }),
);
const refused = await customer.POST("/api/hook/webhook", { body: { action: "social", url: "http://example.com/" } });

console.log(
  JSON.stringify({
    registered: registered.url,
    one: one.state,
    many: { status: many.status, results },
    listed: listed.deliveries.map((delivery) => delivery.hookId).includes(shown.hookId),
    shown: shown.hookId === one.hookId,
    refused: refused.error?.message,
  }),
);
