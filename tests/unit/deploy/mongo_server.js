// Runs ready.js against a MongoDB that is only its users and its replica set: state in on stdin,
// state out on stdout. What the real server refuses without a user, this one refuses too.
const fs = require("fs");
const crypto = require("crypto");

const [script] = process.argv.slice(2);
const state = JSON.parse(fs.readFileSync(0, "utf8"));
const { secrets, server } = state;
let me = null;
const done = [];

function allow(what) {
  // The localhost exception: until there is a user, the first step may be taken without one.
  if (me === null && Object.keys(server.users).length > 0) {
    throw Object.assign(new Error(`${what} requires authentication`), { codeName: "Unauthorized" });
  }
}

const admin = {
  auth({ user, pwd }) {
    if (server.users[user]?.pwd !== pwd) {
      throw Object.assign(new Error("Authentication failed."), { codeName: "AuthenticationFailed" });
    }
    me = user;
    return { ok: 1 };
  },
  createUser({ user, ...fields }) {
    allow("createUser");
    if (me === null && fields.roles.every((role) => role.role !== "root")) throw new Error("not root");
    if (server.users[user]) throw new Error(`User "${user}@admin" already exists`);
    server.users[user] = fields;
    done.push(`create ${user}`);
    return { ok: 1 };
  },
  updateUser(user, fields) {
    allow("updateUser");
    Object.assign(server.users[user], fields);
    done.push(`update ${user}`);
    return { ok: 1 };
  },
  getUsers() {
    if (me === null) throw Object.assign(new Error("no"), { codeName: "Unauthorized" });
    const users = Object.entries(server.users).map(([user, { roles, customData }]) => ({
      user, db: "admin", roles, ...(customData ? { customData } : {}),
    }));
    return { users, ok: 1 };
  },
};

const globals = {
  db: {
    hello: () => (server.initiated
      ? { setName: "tenlines", isWritablePrimary: server.primary }
      : { isreplicaset: true, isWritablePrimary: false }),
    getSiblingDB: () => admin,
  },
  rs: {
    initiate(config) {
      allow("replSetInitiate");
      server.initiated = config;
      done.push("initiate");
    },
  },
  quit: (status) => { state.status = status; },
  print: (text) => { state.said = (state.said ?? "") + text; },
  process: { env: state.env ?? {} },
  require: (name) => ({
    crypto,
    fs: {
      readFileSync(path) {
        const name = path.replace(/^\/run\/secrets\//, "");
        if (!(name in secrets)) {
          throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: "ENOENT" });
        }
        return `${secrets[name]}\n`;
      },
    },
  })[name],
};

new Function(...Object.keys(globals), fs.readFileSync(script, "utf8"))(...Object.values(globals));
console.log(JSON.stringify({ ...state, done }));
