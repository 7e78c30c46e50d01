// node drive.cjs FOLDER URL KEY: makes the calls of the official client in FOLDER that standard input names, one JSON
// array of a method and its argument in each line, and prints what it returns. It has no setting for where it calls, so
// what it sends to its vendor goes to URL.
const http = require("http");
const https = require("https");
const path = require("path");
const readline = require("readline");
const { createRequire } = require("module");

const [folder, url, key] = process.argv.slice(2);
https.request = (meant, options, callback) =>
  http.request(new URL(meant.pathname + meant.search, url), { ...options, agent: undefined }, callback);

const Client = createRequire(path.join(folder, "x"))("social-media-api");
const client = new (Client.default || Client)(key);

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [method, ...given] = JSON.parse(line);
    const answer = await client[method](...given);
    console.log(JSON.stringify(method === "setProfileKey" ? null : answer));
  }
})();
